#include "source/imap/modified_utf7.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>

#include "source/utf8.hpp"

namespace roe::imap {

namespace {

constexpr std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+,";

bool is_direct(char32_t c) {
    return c >= 0x20 && c <= 0x7e;
}

// A run of UTF-16 units between & and -, as Base64 without padding.
class Shift {
  public:
    explicit Shift(std::string &out) : out_(out) {}

    void put(char32_t c) {
        if (!open_) out_ += '&';
        open_ = true;
        if (c >= 0x10000) {
            put_unit(static_cast<std::uint16_t>(0xd7c0 + (c >> 10U)));
            put_unit(static_cast<std::uint16_t>(0xdc00 + (c & 0x3ffU)));
        } else {
            put_unit(static_cast<std::uint16_t>(c));
        }
    }

    void close() {
        if (!open_) return;
        if (count_ > 0) out_ += digits[bits_ << (6 - count_) & 63U];
        out_ += '-';
        open_ = false;
        bits_ = 0;
        count_ = 0;
    }

  private:
    void put_unit(std::uint16_t unit) {
        bits_ = bits_ << 16U | unit;
        count_ += 16;
        while (count_ >= 6) {
            count_ -= 6;
            out_ += digits[bits_ >> count_ & 63U];
        }
        bits_ &= (1U << count_) - 1;
    }

    std::string &out_;
    std::uint32_t bits_ = 0;
    unsigned count_ = 0;
    bool open_ = false;
};

// The text of one run, without its & and -; empty when it is malformed.
std::optional<std::string> decode_run(std::string_view run) {
    std::string text;
    std::uint32_t bits = 0;
    unsigned count = 0;
    char32_t high = 0;
    for (const char c : run) {
        const std::size_t digit = digits.find(c);
        if (digit == std::string_view::npos) return std::nullopt;
        bits = (bits << 6U | static_cast<std::uint32_t>(digit)) & 0x3fffffU;
        count += 6;
        if (count < 16) continue;
        count -= 16;
        const char32_t unit = bits >> count & 0xffffU;
        if (high != 0) {
            if (unit < 0xdc00 || unit > 0xdfff) return std::nullopt;
            append_utf8(text, 0x10000 + ((high - 0xd800) << 10U) + (unit - 0xdc00));
            high = 0;
        } else if (unit >= 0xd800 && unit <= 0xdbff) {
            high = unit;
        } else if (unit >= 0xdc00 && unit <= 0xdfff) {
            return std::nullopt;
        } else {
            append_utf8(text, unit);
        }
    }
    if (high != 0 || text.empty()) return std::nullopt;
    return text;
}

} // namespace

std::string to_modified_utf7(std::string_view utf8) {
    std::string name;
    Shift shift(name);
    while (!utf8.empty()) {
        const char32_t c = take_code_point(utf8);
        if (!is_direct(c)) {
            shift.put(c);
            continue;
        }
        shift.close();
        name += static_cast<char>(c);
        if (c == U'&') name += '-';
    }
    shift.close();
    return name;
}

std::string from_modified_utf7(std::string_view name) {
    std::string text;
    std::size_t at = 0;
    while (at < name.size()) {
        const std::size_t begin = name.find('&', at);
        text += name.substr(at, begin - at);
        if (begin == std::string_view::npos) break;
        const std::size_t end = name.find('-', begin);
        if (end == std::string_view::npos) return std::string(name);
        const std::string_view run = name.substr(begin + 1, end - begin - 1);
        const auto decoded = run.empty() ? std::optional<std::string>("&") : decode_run(run);
        if (!decoded) return std::string(name);
        text += *decoded;
        at = end + 1;
    }
    return text;
}

} // namespace roe::imap
