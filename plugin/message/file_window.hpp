// A stretch of a file, read by position in little-endian numbers and short strings. Holds some kilobytes,
// however long the stretch is. [one thread]
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace roe::message {

class FileWindow {
  public:
    // From `begin` to before `end` of `file`, which must outlive it.
    FileWindow(std::FILE *file, std::int64_t begin, std::int64_t end)
        : file_(file), at_(begin), end_(end), buffer_(buffer_size) {}

    [[nodiscard]] std::int64_t at() const { return at_; }
    [[nodiscard]] std::int64_t left() const { return end_ - at_; }
    // Moves to a place, at most to the end.
    void go_to(std::int64_t place) { at_ = place < end_ ? place : end_; }

    // Empty, with nothing taken, when there are too few bytes left.
    std::optional<std::uint8_t> number8() { return number<std::uint8_t>(); }
    std::optional<std::uint16_t> number16() { return number<std::uint16_t>(); }
    std::optional<std::uint32_t> number32() { return number<std::uint32_t>(); }

    // At most `size` bytes, fewer at the end and never more than some kilobytes at once; empty at the end.
    // Valid until the next call.
    std::string_view take(std::int64_t size);

    // Whether the file could not be read; errno tells why. What was missing counts as the end.
    [[nodiscard]] bool failed() const { return failed_; }

  private:
    static constexpr std::size_t buffer_size = 16 << 10;

    std::string_view peek(std::size_t size);

    template <class T>
    std::optional<T> number() {
        const std::string_view bytes = peek(sizeof(T));
        if (bytes.size() < sizeof(T)) return std::nullopt;
        std::uint32_t value = 0;
        for (std::size_t i = sizeof(T); i-- > 0;)
            value = value << 8U | static_cast<unsigned char>(bytes[i]);
        at_ += static_cast<std::int64_t>(sizeof(T));
        return static_cast<T>(value);
    }

    std::FILE *file_;
    std::int64_t at_;
    std::int64_t end_;
    std::vector<char> buffer_;
    std::int64_t buffer_at_ = 0; // of buffer_[0] in the file
    std::size_t buffered_ = 0;
    bool failed_ = false;
};

} // namespace roe::message
