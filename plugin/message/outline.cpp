#include "message/outline.hpp"

#include <algorithm>
#include <optional>

#include "message/line_reader.hpp"

namespace roe::message {

namespace {

constexpr std::size_t longest_message_header = 1 << 20;
constexpr std::size_t longest_part_header = 64 << 10;
constexpr std::size_t most_sealed = 10;
constexpr std::size_t longest_boundary = 1000; // RFC 2046 5.1.1 says 70

// A multipart whose end has not come yet.
struct Open {
    std::string delimiter; // "--boundary"
    ContentFields content;
    std::int64_t begin = 0; // of its content
    std::size_t alternative = 0;
    bool related = false;
    bool has_parts = false;
};

class Scan {
  public:
    Scan(std::FILE *file, const Limits &limits) : file_(file), limits_(limits) {}

    void take(const Line &line);
    void finish(std::int64_t size);
    Outline result() { return std::move(outline_); }

  private:
    enum class State {
        header,  // collecting a header
        leaf,    // within a part
        between, // before the first or after the last part of a multipart
    };

    [[nodiscard]] std::optional<std::size_t> delimited(std::string_view text) const;
    void meet_delimiter(std::size_t level, const Line &line);
    void take_header_line(const Line &line);
    bool take_stray_line(const Line &line);
    void end_header(std::int64_t body_begin);
    void open_multipart(ContentFields content, std::int64_t begin);
    void begin_leaf(ContentFields content, std::int64_t begin);
    void end_leaf(std::int64_t end);
    void close_to(std::size_t level, std::int64_t end);
    void warn(std::string words);

    std::FILE *file_;
    const Limits &limits_;
    Outline outline_;
    State state_ = State::header;
    bool is_message_header_ = true;
    std::string header_;
    std::optional<std::int64_t> stray_; // where a line stands in the header that is no field
    bool stray_goes_on_ = false;
    std::vector<Open> open_;
    std::size_t alternatives_ = 0;
    std::int64_t line_end_before_ = 0; // bytes of the line end before this line: it belongs to a delimiter
    bool too_many_ = false;
};

void Scan::warn(std::string words) {
    if (std::ranges::find(outline_.warnings, words) == outline_.warnings.end()) {
        outline_.warnings.push_back(std::move(words));
    }
}

// The level of the multipart that `text` is a delimiter of, innermost first.
std::optional<std::size_t> Scan::delimited(std::string_view text) const {
    if (open_.empty() || !text.starts_with("--")) return std::nullopt;
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t' || text.back() == '\r')) {
        text.remove_suffix(1);
    }
    for (std::size_t level = open_.size(); level-- > 0;) {
        const std::string &delimiter = open_[level].delimiter;
        const bool same = text.size() == delimiter.size();
        const bool closing = text.size() == delimiter.size() + 2 && text.ends_with("--");
        if ((same || closing) && text.starts_with(delimiter)) return level;
    }
    return std::nullopt;
}

void Scan::take(const Line &line) {
    if (line.starts && line.ends) {
        if (const auto level = delimited(line.text())) {
            meet_delimiter(*level, line);
            return;
        }
    }
    if (state_ == State::header) take_header_line(line);
    line_end_before_ = line.ends ? static_cast<std::int64_t>(line.line_end_size()) : 0;
}

void Scan::meet_delimiter(std::size_t level, const Line &line) {
    const std::int64_t end = line.offset - line_end_before_;
    if (state_ == State::header) end_header(stray_.value_or(line.offset));
    // A part that is empty has its delimiter where its content would begin.
    if (level < open_.size()) close_to(level, end);
    Open &multipart = open_[level];
    const std::string_view text = line.text();
    const bool closing = trimmed(text).size() > multipart.delimiter.size();
    multipart.has_parts = true;
    line_end_before_ = static_cast<std::int64_t>(line.line_end_size());
    if (closing) {
        open_.pop_back();
        state_ = State::between;
        return;
    }
    if (outline_.leaves.size() >= limits_.parts) {
        if (!too_many_)
            warn("The mail has more than " + std::to_string(limits_.parts) +
                 " parts; the rest are only in the raw message.");
        too_many_ = true;
        state_ = State::between;
        return;
    }
    state_ = State::header;
    header_.clear();
    stray_.reset();
}

// Ends everything inside the multipart at `level`.
void Scan::close_to(std::size_t level, std::int64_t end) {
    if (state_ == State::leaf) end_leaf(end);
    state_ = State::between;
    while (open_.size() > level + 1) {
        warn("A multipart is not closed.");
        Open inner = std::move(open_.back());
        open_.pop_back();
        if (inner.has_parts) continue;
        // Its boundary never came: what is there is its text.
        inner.content.type = "text/plain";
        begin_leaf(std::move(inner.content), inner.begin);
        end_leaf(end);
    }
}

void Scan::take_header_line(const Line &line) {
    const std::size_t longest = is_message_header_ ? longest_message_header : longest_part_header;
    if (line.starts && line.text().empty() && line.ends) {
        if (stray_)
            end_header(*stray_);
        else
            end_header(line.offset + static_cast<std::int64_t>(line.bytes.size()));
        return;
    }
    if (take_stray_line(line)) return;
    if (header_.size() + line.bytes.size() > longest) {
        warn("A header is too long and was cut.");
        return;
    }
    header_ += line.bytes;
}

// A line in a header that is no field: either rubbish between fields, or the text begins without an empty line
// before it. The next line tells.
bool Scan::take_stray_line(const Line &line) {
    if (!line.starts) return stray_goes_on_;
    const bool folded = line.bytes.front() == ' ' || line.bytes.front() == '\t';
    const bool is_field = begins_field(line.bytes);
    if (stray_ && !is_field) {
        end_header(*stray_);
        return true;
    }
    if (stray_) {
        warn("The header has a line that is no field.");
        stray_.reset();
    }
    const bool mbox = header_.empty() && (line.bytes.starts_with("From ") || line.bytes.starts_with(">From "));
    stray_goes_on_ = mbox || (!is_field && (!folded || header_.empty()));
    if (stray_goes_on_ && !mbox) stray_ = line.offset;
    return stray_goes_on_;
}

void Scan::end_header(std::int64_t body_begin) {
    if (stray_) warn("The text begins without an empty line after the header.");
    stray_.reset();
    ContentFields content = read_content_fields(split_header(header_));
    if (!content.type_given && !open_.empty() && open_.back().content.is("multipart/digest")) {
        content.type = "message/rfc822"; // RFC 2046 5.1.5
    }
    if (is_message_header_) outline_.header = std::move(header_);
    is_message_header_ = false;
    header_.clear();
    if (!content.is_multipart()) {
        begin_leaf(std::move(content), body_begin);
        return;
    }
    const bool usable = !content.boundary.empty() && content.boundary.size() <= longest_boundary;
    if (usable && open_.size() < limits_.depth) {
        open_multipart(std::move(content), body_begin);
        return;
    }
    if (usable) {
        warn("Parts are nested more than " + std::to_string(limits_.depth) +
             " deep; the inner ones are kept as one.");
        content.disposition = "attachment";
    } else {
        warn("A multipart has no usable boundary.");
        content.type = "text/plain";
    }
    begin_leaf(std::move(content), body_begin);
}

void Scan::open_multipart(ContentFields content, std::int64_t begin) {
    Open multipart;
    multipart.delimiter = "--" + content.boundary;
    while (multipart.delimiter.ends_with(' '))
        multipart.delimiter.pop_back();
    multipart.begin = begin;
    multipart.alternative = open_.empty() ? 0 : open_.back().alternative;
    if (content.is("multipart/alternative")) multipart.alternative = ++alternatives_;
    multipart.related = content.is("multipart/related") || (!open_.empty() && open_.back().related);
    const bool sealed = content.is("multipart/signed") || content.is("multipart/encrypted");
    if (sealed && outline_.sealed.size() < most_sealed) outline_.sealed.push_back(content);
    multipart.content = std::move(content);
    open_.push_back(std::move(multipart));
    state_ = State::between;
}

void Scan::begin_leaf(ContentFields content, std::int64_t begin) {
    Leaf leaf;
    leaf.content = std::move(content);
    leaf.file = file_;
    leaf.begin = begin;
    leaf.alternative = open_.empty() ? 0 : open_.back().alternative;
    leaf.related = !open_.empty() && open_.back().related;
    outline_.leaves.push_back(std::move(leaf));
    state_ = State::leaf;
}

void Scan::end_leaf(std::int64_t end) {
    Leaf &leaf = outline_.leaves.back();
    leaf.end = std::max(leaf.begin, end);
    state_ = State::between;
}

void Scan::finish(std::int64_t size) {
    outline_.size = size;
    if (state_ == State::header) end_header(stray_.value_or(size));
    if (!open_.empty()) {
        close_to(0, size);
        warn("A multipart is not closed.");
        Open root = std::move(open_.back());
        open_.pop_back();
        if (!root.has_parts) {
            warn("A multipart has no parts.");
            root.content.type = "text/plain";
            begin_leaf(std::move(root.content), root.begin);
        }
    }
    if (state_ == State::leaf) end_leaf(size);
}

} // namespace

Result<Outline> read_outline(std::FILE *file, const Limits &limits) {
    Scan scan(file, limits);
    LineReader reader(file);
    for (Line line; reader.next(line);)
        scan.take(line);
    if (reader.failed()) {
        return Error{.fault = Fault::storage,
                     .step = "fetch",
                     .doing = "reading the message from the spool",
                     .server_text = {},
                     .advice = "Check the disk of the spool folder."};
    }
    scan.finish(reader.offset());
    return scan.result();
}

} // namespace roe::message
