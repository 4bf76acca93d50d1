#include "message/uuencode.hpp"

#include <algorithm>
#include <cerrno>
#include <optional>

#include "message/file_position.hpp"
#include "message/leaf_bytes.hpp"
#include "message/line_reader.hpp"

namespace roe::message {

namespace {

constexpr std::string_view begin_word = "begin ";
constexpr std::size_t longest_begin_line = 1000;

bool is_octal(char c) {
    return c >= '0' && c <= '7';
}

// The name in "begin 644 name".
std::optional<std::string_view> begun_name(std::string_view line) {
    if (!line.starts_with(begin_word) || line.size() > longest_begin_line) return std::nullopt;
    line.remove_prefix(begin_word.size());
    const auto *const mode_end = std::find_if_not(line.begin(), line.end(), is_octal);
    const auto digits = static_cast<std::size_t>(mode_end - line.begin());
    constexpr std::size_t fewest_digits = 3;
    constexpr std::size_t most_digits = 4;
    if (digits < fewest_digits || digits > most_digits || mode_end == line.end() || *mode_end != ' ') {
        return std::nullopt;
    }
    const std::string_view name = trimmed(line.substr(digits));
    return name.empty() ? std::nullopt : std::optional(name);
}

enum class UuLine { bytes, no_bytes, broken };

// A line says with its first character how many bytes it has, each three of them as four characters.
UuLine kind_of(std::string_view line) {
    const auto is_encoded = [](char c) { return c >= ' ' && c <= '`'; };
    if (line.empty())
        return UuLine::no_bytes; // the blank that stood for zero has been taken for the line's end
    if (!std::all_of(line.begin(), line.end(), is_encoded)) return UuLine::broken;
    const auto bytes = static_cast<std::size_t>(line.front() - ' ') % 64;
    const std::size_t characters = 1 + (bytes + 2) / 3 * 4;
    constexpr std::size_t checksum = 2; // that some programs write behind it
    if (line.size() < characters || line.size() > characters + checksum) return UuLine::broken;
    return bytes == 0 ? UuLine::no_bytes : UuLine::bytes;
}

class UuSearch {
  public:
    // `line` without its line end, from `begin` to before `end`.
    void take(std::string_view line, std::int64_t begin, std::int64_t end) {
        if (open_ && line == "end" && has_lines_) {
            open_->end = end;
            found_.push_back(std::move(*open_));
            open_.reset();
        } else if (const auto name = begun_name(line)) {
            open_ = UuencodedFile{begin, begin, std::string(*name)};
            has_lines_ = ended_ = false;
        } else if (open_) {
            const UuLine kind = kind_of(line);
            has_lines_ = true;
            // Behind the line that has no bytes there is nothing but the end.
            if (kind == UuLine::broken || (ended_ && kind == UuLine::bytes)) open_.reset();
            ended_ = kind == UuLine::no_bytes;
        }
    }

    std::vector<UuencodedFile> found() { return std::move(found_); }
    [[nodiscard]] std::size_t count() const { return found_.size(); }

  private:
    std::vector<UuencodedFile> found_;
    std::optional<UuencodedFile> open_;
    bool has_lines_ = false;
    bool ended_ = false;
};

} // namespace

Result<bool> may_hold_uuencode(const Leaf &text) {
    const std::string wanted = "\n" + std::string(begin_word);
    std::string tail = "\n"; // the end of the piece before
    bool found = false;
    auto read = stream_leaf(text, [&](std::string_view piece) -> Result<bool> {
        tail += piece.substr(0, wanted.size());
        found = tail.find(wanted) != std::string::npos || piece.find(wanted) != std::string_view::npos;
        if (piece.size() >= wanted.size())
            tail = piece.substr(piece.size() - wanted.size());
        else if (tail.size() > wanted.size())
            tail.erase(0, tail.size() - wanted.size());
        return !found;
    });
    if (!read) return read.error();
    return found;
}

Result<std::vector<UuencodedFile>> find_uuencode(std::FILE *file, std::int64_t begin, std::int64_t end,
                                                 std::size_t most) {
    const std::string doing = "reading the message from the spool";
    if (!seek_to(file, begin)) return spool_error(doing, errno);
    LineReader reader(file);
    UuSearch search;
    for (Line line; search.count() < most && reader.next(line);) {
        const std::int64_t at = begin + line.offset;
        if (at >= end) break;
        const auto size = static_cast<std::int64_t>(line.bytes.size());
        line.bytes = line.bytes.substr(0, static_cast<std::size_t>(std::min(size, end - at)));
        // A line so long that it comes in pieces is none of an uuencoded file, and its pieces are none either.
        const std::string_view text = line.starts ? line.text() : std::string_view("a piece");
        search.take(text, at, at + static_cast<std::int64_t>(line.bytes.size()));
    }
    if (reader.failed()) return spool_error(doing, errno);
    return search.found();
}

} // namespace roe::message
