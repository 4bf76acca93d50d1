// A file as lines, each with its place; a line longer than the buffer comes in pieces. [one thread]
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <string_view>
#include <vector>

namespace roe::message {

struct Line {
    std::string_view bytes; // with its line end; valid until the next call
    std::int64_t offset = 0;
    bool starts = true; // false: goes on with the piece before
    bool ends = true;   // false: more of the same line follows

    [[nodiscard]] std::string_view text() const; // without its line end
    [[nodiscard]] std::size_t line_end_size() const { return bytes.size() - text().size(); }
};

class LineReader {
  public:
    explicit LineReader(std::FILE *file) : file_(file), buffer_(buffer_size) {}

    // False at the end of the file or when it can't be read (`failed`).
    bool next(Line &line);
    [[nodiscard]] bool failed() const { return std::ferror(file_) != 0; }
    [[nodiscard]] std::int64_t offset() const { return offset_; }

  private:
    static constexpr std::size_t buffer_size = 64 << 10;

    void fill();

    std::FILE *file_;
    std::vector<char> buffer_;
    std::size_t begin_ = 0;
    std::size_t end_ = 0;
    std::int64_t offset_ = 0; // of buffer_[begin_] in the file
    bool at_line_start_ = true;
};

} // namespace roe::message
