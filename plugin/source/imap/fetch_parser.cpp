#include "source/imap/fetch_parser.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <optional>
#include <utility>

#include "base/ascii.hpp"
#include "source/imap/internal_date.hpp"

namespace roe::imap {

namespace {

constexpr std::size_t longest_name = 256;

// mail.ru sends sizes as "1.86931e+06" (jstedfast/MailKit #1840): the value counts, not its form.
std::optional<std::int64_t> size_of(const Token &token) {
    constexpr auto most = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
    if (token.kind == TokenKind::number && token.number <= most) return static_cast<std::int64_t>(token.number);
    if (token.kind != TokenKind::atom || token.text.size() > 32) return std::nullopt;
    const std::string text(token.text);
    char *end = nullptr;
    const double value = std::strtod(text.c_str(), &end);
    if (*end != '\0' || !(value >= 0 && value < 9e18)) return std::nullopt;
    return std::llround(value);
}

} // namespace

void FetchParser::start(std::uint32_t sequence) {
    fetch_ = {.sequence = sequence};
    state_ = State::opening;
}

FetchParser::Step FetchParser::take(const Token &token) {
    switch (state_) {
    case State::opening:
        if (token.kind != TokenKind::list_open) return Step::malformed;
        state_ = State::name;
        return Step::more;
    case State::name:
        return take_name(token);
    case State::after_name:
    case State::after_section:
        return take_after_name(token);
    case State::section:
        return take_section(token);
    case State::value:
        return take_value(token);
    case State::flags:
        return take_flag(token);
    case State::nested:
        return take_nested(token);
    case State::literal:
        return take_literal(token);
    }
    return Step::malformed;
}

FetchParser::Step FetchParser::take_name(const Token &token) {
    if (token.kind == TokenKind::list_close) return Step::done;
    if (token.kind != TokenKind::atom || token.text.size() > longest_name) return Step::malformed;
    name_ = upper(token.text);
    section_.clear();
    from_start_ = false;
    state_ = State::after_name;
    return Step::more;
}

FetchParser::Step FetchParser::take_after_name(const Token &token) {
    if (!token.after_space && token.kind == TokenKind::bracket_open && state_ == State::after_name) {
        section_ = "[";
        state_ = State::section;
        return Step::more;
    }
    // The offset of a partial fetch: BODY[]<0>.
    if (!token.after_space && token.kind == TokenKind::atom && token.text.starts_with('<')) {
        from_start_ = token.text == "<0>";
        return Step::more;
    }
    field_ = field_of_name();
    state_ = State::value;
    return take_value(token);
}

FetchParser::Step FetchParser::take_section(const Token &token) {
    if (token.kind == TokenKind::line_end) return Step::malformed;
    if (token.kind == TokenKind::bracket_close) {
        state_ = State::after_section;
        return Step::more;
    }
    if (section_.size() + token.text.size() > longest_name) return Step::malformed;
    section_ += upper(token.text);
    return Step::more;
}

FetchParser::Step FetchParser::take_value(const Token &token) {
    state_ = State::name;
    switch (token.kind) {
    case TokenKind::list_open:
        depth_ = 1;
        if (field_ == Field::flags) fetch_.seen = false;
        state_ = field_ == Field::flags ? State::flags : State::nested;
        return Step::more;
    case TokenKind::literal_begin:
        state_ = State::literal;
        return open_string(token.number) ? Step::more : Step::stopped;
    case TokenKind::quoted:
        return take_string(token.text);
    case TokenKind::number:
    case TokenKind::atom:
        if (field_ == Field::uid && token.kind == TokenKind::number && token.number > 0 &&
            token.number <= std::numeric_limits<std::uint32_t>::max()) {
            fetch_.uid = static_cast<std::uint32_t>(token.number);
        }
        if (field_ == Field::size) fetch_.size = size_of(token);
        return Step::more;
    case TokenKind::nil:
        return Step::more;
    default:
        return Step::malformed;
    }
}

FetchParser::Step FetchParser::take_flag(const Token &token) {
    if (token.kind == TokenKind::line_end) return Step::malformed;
    if (token.kind == TokenKind::list_close) state_ = State::name;
    if (token.kind == TokenKind::atom && same_word(token.text, "\\Seen")) fetch_.seen = true;
    return Step::more;
}

FetchParser::Step FetchParser::take_nested(const Token &token) {
    if (token.kind == TokenKind::line_end) return Step::malformed;
    if (token.kind == TokenKind::list_open) ++depth_;
    if (token.kind == TokenKind::list_close && --depth_ == 0) state_ = State::name;
    return Step::more;
}

FetchParser::Step FetchParser::take_literal(const Token &token) {
    if (token.kind == TokenKind::literal_chunk) return add_string(token.text) ? Step::more : Step::stopped;
    state_ = State::name;
    return close_string() ? Step::more : Step::stopped;
}

FetchParser::Step FetchParser::take_string(std::string_view text) {
    const bool taken = open_string(text.size()) && (text.empty() || add_string(text)) && close_string();
    return taken ? Step::more : Step::stopped;
}

bool FetchParser::open_string(std::uint64_t size) {
    value_.clear();
    if (field_ == Field::header || field_ == Field::opening)
        value_.reserve(static_cast<std::size_t>(std::min<std::uint64_t>(size, limit())));
    return field_ != Field::body || sink_ == nullptr || sink_->begin(fetch_, size);
}

bool FetchParser::add_string(std::string_view bytes) {
    if (field_ == Field::body) return sink_ == nullptr || sink_->write(bytes);
    const std::size_t room = limit() - value_.size();
    if (bytes.size() > room && field_ == Field::header) fetch_.header_truncated = true;
    value_ += bytes.substr(0, room);
    return true;
}

bool FetchParser::close_string() {
    if (field_ == Field::header) fetch_.header = std::exchange(value_, {});
    if (field_ == Field::opening) fetch_.opening = std::exchange(value_, {});
    if (field_ == Field::received_at) fetch_.received_at = parse_internal_date(value_);
    if (field_ == Field::body) {
        fetch_.body_passed = true;
        return sink_ == nullptr || sink_->end();
    }
    return true;
}

// Some servers repeat the ".PEEK" of the request, some answer a header in the words of RFC 3501's
// RFC822.HEADER, some in small letters.
FetchParser::Field FetchParser::field_of_name() const {
    if (name_ == "UID") return Field::uid;
    if (name_ == "FLAGS") return Field::flags;
    if (name_ == "INTERNALDATE") return Field::received_at;
    if (name_ == "RFC822.SIZE") return Field::size;
    if (name_ == "RFC822.HEADER") return Field::header;
    if (name_ == "RFC822") return Field::body;
    if (name_ != "BODY" && name_ != "BODY.PEEK") return Field::other;
    if (section_ == "[HEADER") return Field::header;
    // Whoever waits for whole bodies has not asked for an opening, whatever the server calls its answer.
    if (section_ == "[") return from_start_ && sink_ == nullptr ? Field::opening : Field::body;
    return Field::other;
}

std::size_t FetchParser::limit() const {
    if (field_ == Field::header) return header_bytes_;
    return field_ == Field::opening ? opening_bytes : longest_name;
}

} // namespace roe::imap
