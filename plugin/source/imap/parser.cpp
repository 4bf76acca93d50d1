#include "source/imap/parser.hpp"

#include <limits>
#include <optional>
#include <utility>

#include "base/ascii.hpp"

namespace roe::imap {

namespace {

constexpr std::size_t longest_folder_name = 16U << 10U;

std::optional<Condition> condition_of(std::string_view word) {
    if (same_word(word, "OK")) return Condition::ok;
    if (same_word(word, "NO")) return Condition::no;
    if (same_word(word, "BAD")) return Condition::bad;
    if (same_word(word, "BYE")) return Condition::bye;
    if (same_word(word, "PREAUTH")) return Condition::preauth;
    return std::nullopt;
}

bool is_word(const Token &token) {
    return token.kind == TokenKind::atom || token.kind == TokenKind::number || token.kind == TokenKind::nil;
}

bool fits_32_bits(std::uint64_t number) {
    return number <= std::numeric_limits<std::uint32_t>::max();
}

} // namespace

Parser::Outcome Parser::next() {
    if (!failure_.empty()) return Outcome::failed;
    while (!ready_) {
        const Token token = lexer_.next();
        if (token.kind == TokenKind::need_more) return Outcome::need_more;
        if (token.kind == TokenKind::failed) {
            fail(token.text);
            return Outcome::failed;
        }
        if (!(this->*state_)(token)) return Outcome::failed;
    }
    ready_ = false;
    return Outcome::response;
}

bool Parser::take_line_start(const Token &token) {
    if (token.kind == TokenKind::line_end) return true;
    if (!is_word(token)) return fail("a line begins with neither a tag nor *");
    at_line_start_ = false;
    if (token.text == "*") {
        tag_.clear();
        state_ = &Parser::take_untagged;
    } else if (token.text == "+") {
        response_ = Continuation{};
        complete_ = true;
        lexer_.expect(Lexer::Mode::text);
        state_ = &Parser::take_continuation;
    } else {
        tag_ = token.text;
        state_ = &Parser::take_condition;
    }
    return true;
}

bool Parser::take_condition(const Token &token) {
    if (token.kind == TokenKind::atom && start_status(token.text)) return true;
    return fail("an answer is neither OK, NO nor BAD");
}

bool Parser::start_status(std::string_view word) {
    const auto condition = condition_of(word);
    if (!condition) return false;
    response_ = Status{.tag = tag_, .condition = *condition, .code = {}, .text = {}};
    complete_ = true;
    in_code_ = false;
    lexer_.expect(Lexer::Mode::status_text);
    state_ = &Parser::take_status;
    return true;
}

bool Parser::take_status(const Token &token) {
    auto &status = std::get<Status>(response_);
    if (token.kind == TokenKind::line_end) return finish();
    if (token.kind == TokenKind::text) status.text = token.text;
    if (token.kind == TokenKind::bracket_open) in_code_ = true;
    if (token.kind == TokenKind::bracket_close) in_code_ = false;
    if (!in_code_ || !is_word(token)) return true;
    ResponseCode &code = status.code;
    if (code.name.empty()) {
        code.name = upper(token.text);
        return true;
    }
    if (code.words.empty() && token.kind == TokenKind::number) code.number = token.number;
    if (code.words.size() < most_words_) code.words.emplace_back(token.text);
    return true;
}

bool Parser::take_continuation(const Token &token) {
    if (token.kind == TokenKind::text) std::get<Continuation>(response_).text = token.text;
    return token.kind != TokenKind::line_end || finish();
}

bool Parser::take_untagged(const Token &token) {
    if (token.kind == TokenKind::number && fits_32_bits(token.number)) {
        number_ = static_cast<std::uint32_t>(token.number);
        state_ = &Parser::take_numbered;
        return true;
    }
    if (token.kind != TokenKind::atom) return skip_line(token);
    if (start_status(token.text)) return true;
    state_ = &Parser::skip_line;
    if (same_word(token.text, "CAPABILITY")) {
        response_ = CapabilityList{};
        state_ = &Parser::take_capability;
    } else if (same_word(token.text, "ENABLED")) {
        response_ = Enabled{};
        state_ = &Parser::take_enabled;
    } else if (same_word(token.text, "SEARCH")) {
        response_ = SearchResult{};
        depth_ = 0;
        lexer_.expect(Lexer::Mode::set);
        state_ = &Parser::take_search;
    } else if (same_word(token.text, "ESEARCH")) {
        start_extended_search();
    } else if (same_word(token.text, "LIST") || same_word(token.text, "XLIST")) {
        response_ = ListedFolder{};
        state_ = &Parser::take_list_attributes;
    } else if (same_word(token.text, "STATUS")) {
        response_ = FolderCounts{};
        lexer_.expect(Lexer::Mode::astring);
        state_ = &Parser::take_counts_name;
    }
    return true;
}

bool Parser::take_numbered(const Token &token) {
    if (token.kind != TokenKind::atom) return skip_line(token);
    complete_ = true;
    state_ = &Parser::skip_line;
    if (same_word(token.text, "EXISTS")) {
        response_ = Exists{number_};
    } else if (same_word(token.text, "RECENT")) {
        response_ = Recent{number_};
    } else if (same_word(token.text, "EXPUNGE")) {
        response_ = Expunge{number_};
    } else if (same_word(token.text, "FETCH")) {
        complete_ = false;
        fetch_.start(number_);
        state_ = &Parser::take_fetch;
    } else {
        complete_ = false;
    }
    return true;
}

bool Parser::take_capability(const Token &token) {
    complete_ = true;
    auto &words = std::get<CapabilityList>(response_).words;
    if (is_word(token) && words.size() < most_words_) words.emplace_back(token.text);
    return token.kind != TokenKind::line_end || finish();
}

bool Parser::take_enabled(const Token &token) {
    complete_ = true;
    auto &words = std::get<Enabled>(response_).words;
    if (is_word(token) && words.size() < most_words_) words.emplace_back(token.text);
    return token.kind != TokenKind::line_end || finish();
}

bool Parser::take_search(const Token &token) {
    auto &uids = std::get<SearchResult>(response_).uids;
    if (token.kind == TokenKind::line_end) {
        uids.normalize();
        complete_ = true;
        return finish();
    }
    // "(MODSEQ 917162500)" may stand at the end (RFC 7162 §3.1.5).
    if (token.kind == TokenKind::list_open) ++depth_;
    if (token.kind == TokenKind::list_close && depth_ > 0) --depth_;
    if (depth_ == 0 && token.kind == TokenKind::number && token.number > 0 && fits_32_bits(token.number)) {
        uids.add(static_cast<std::uint32_t>(token.number));
    }
    return true;
}

void Parser::start_extended_search() {
    response_ = SearchResult{};
    key_.clear();
    depth_ = 0;
    lexer_.expect(Lexer::Mode::set);
    state_ = &Parser::take_extended_search;
}

// * ESEARCH (TAG "A1") UID MIN 3 ALL 3:7,9 (RFC 9051 §7.3.4). A key begins with a letter, its value never does.
bool Parser::take_extended_search(const Token &token) {
    auto &uids = std::get<SearchResult>(response_).uids;
    if (token.kind == TokenKind::line_end) {
        uids.normalize();
        complete_ = true;
        return finish();
    }
    if (token.kind == TokenKind::list_open) ++depth_;
    if (token.kind == TokenKind::list_close && depth_ > 0) --depth_;
    if (depth_ > 0 || !is_word(token)) return true;
    const bool value = token.text.front() >= '0' && token.text.front() <= '9';
    if (!value) {
        key_ = upper(token.text.substr(0, 16));
    } else if (key_ == "ALL") {
        if (const auto range = UidSet::parse_range(token.text)) uids.add(*range);
    }
    return true;
}

bool Parser::take_list_attributes(const Token &token) {
    auto &attributes = std::get<ListedFolder>(response_).attributes;
    if (token.kind == TokenKind::line_end) return skip_line(token);
    if (token.kind == TokenKind::atom && attributes.size() < most_words_) attributes.emplace_back(token.text);
    if (token.kind == TokenKind::list_close) state_ = &Parser::take_list_delimiter;
    return true;
}

bool Parser::take_list_delimiter(const Token &token) {
    if (token.kind == TokenKind::line_end) return skip_line(token);
    if (token.kind == TokenKind::quoted) std::get<ListedFolder>(response_).delimiter = token.text;
    lexer_.expect(Lexer::Mode::astring);
    state_ = &Parser::take_list_name;
    return true;
}

bool Parser::take_list_name(const Token &token) {
    if (token.kind == TokenKind::line_end) return skip_line(token);
    if (!gather_name(token, std::get<ListedFolder>(response_).name)) return true;
    complete_ = true;
    lexer_.expect(Lexer::Mode::plain);
    state_ = &Parser::skip_line;
    return true;
}

bool Parser::take_counts_name(const Token &token) {
    if (token.kind == TokenKind::line_end) return skip_line(token);
    if (!gather_name(token, std::get<FolderCounts>(response_).name)) return true;
    complete_ = true;
    key_.clear();
    lexer_.expect(Lexer::Mode::plain);
    state_ = &Parser::take_counts;
    return true;
}

bool Parser::take_counts(const Token &token) {
    auto &counts = std::get<FolderCounts>(response_);
    if (token.kind == TokenKind::line_end) return finish();
    if (token.kind == TokenKind::atom) key_ = upper(token.text.substr(0, 16));
    if (token.kind != TokenKind::number) return true;
    if (key_ == "MESSAGES") counts.messages = token.number;
    if (key_ == "UIDNEXT") counts.uid_next = token.number;
    if (key_ == "UIDVALIDITY") counts.uid_validity = token.number;
    return true;
}

// What a broken server garbles inside one FETCH concerns that mail only: the lexer is still in step, so what
// was understood is handed out and the rest of the line passed over.
bool Parser::take_fetch(const Token &token) {
    const FetchParser::Step step = fetch_.take(token);
    if (step == FetchParser::Step::more) return true;
    if (step == FetchParser::Step::stopped) return fail("the reader of the body stopped");
    fetch_.fetch().garbled = step == FetchParser::Step::malformed;
    response_ = std::move(fetch_.fetch());
    complete_ = true;
    if (step == FetchParser::Step::malformed) return skip_line(token);
    state_ = &Parser::skip_line;
    return true;
}

bool Parser::skip_line(const Token &token) {
    state_ = &Parser::skip_line;
    return token.kind != TokenKind::line_end || finish();
}

bool Parser::gather_name(const Token &token, std::string &name) {
    switch (token.kind) {
    case TokenKind::atom:
    case TokenKind::number:
    case TokenKind::nil:
    case TokenKind::quoted:
        name = token.text;
        return true;
    case TokenKind::literal_chunk:
        name += token.text.substr(0, longest_folder_name - name.size());
        return false;
    case TokenKind::literal_end:
        return true;
    default:
        return false;
    }
}

bool Parser::finish() {
    state_ = &Parser::take_line_start;
    at_line_start_ = true;
    ready_ = std::exchange(complete_, false);
    return true;
}

bool Parser::fail(std::string_view why) {
    failure_ = why;
    return false;
}

} // namespace roe::imap
