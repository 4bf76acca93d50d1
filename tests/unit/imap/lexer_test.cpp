#include "source/imap/lexer.hpp"

#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace roe::imap {
namespace {

using Mode = Lexer::Mode;

std::string show(const Token &token) {
    const std::string text(token.text);
    switch (token.kind) {
    case TokenKind::atom:
        return "a:" + text;
    case TokenKind::number:
        return "#" + std::to_string(token.number);
    case TokenKind::nil:
        return "NIL";
    case TokenKind::quoted:
        return "q:" + text;
    case TokenKind::text:
        return "t:" + text;
    case TokenKind::literal_begin:
        return "{" + std::to_string(token.number);
    case TokenKind::literal_chunk:
        return text;
    case TokenKind::literal_end:
        return "}";
    case TokenKind::list_open:
        return "(";
    case TokenKind::list_close:
        return ")";
    case TokenKind::bracket_open:
        return "[";
    case TokenKind::bracket_close:
        return "]";
    case TokenKind::line_end:
        return "$";
    case TokenKind::failed:
        return "!" + text;
    case TokenKind::need_more:
        break;
    }
    return "";
}

// All tokens, joined by spaces; the chunks of a literal are joined whatever the pieces that it came in.
std::string lex(std::string_view input, std::size_t piece, Mode mode, const LexerLimits &limits) {
    Lexer lexer(limits);
    lexer.expect(mode);
    std::string shown;
    bool in_literal = false;
    for (std::size_t at = 0; at < input.size(); at += piece) {
        // A copy that is gone when the next piece comes, so that a view into it would be noticed.
        const std::string bytes(input.substr(at, piece));
        lexer.feed(bytes);
        for (Token token = lexer.next(); token.kind != TokenKind::need_more; token = lexer.next()) {
            if (!in_literal && !shown.empty()) shown += ' ';
            in_literal = token.kind == TokenKind::literal_begin || token.kind == TokenKind::literal_chunk;
            shown += show(token);
            if (token.kind == TokenKind::failed) return shown;
        }
    }
    return shown;
}

void expect_tokens(std::string_view input, std::string_view tokens, Mode mode = Mode::plain,
                   const LexerLimits &limits = {}) {
    for (const std::size_t piece : {input.size(), std::size_t{1}, std::size_t{2}, std::size_t{3}}) {
        EXPECT_EQ(lex(input, piece, mode, limits), tokens) << "in pieces of " << piece << ": " << input;
    }
}

TEST(Lexer, Words_numbers_and_nil) {
    expect_tokens("* 12 FETCH\r\n", "a:* #12 a:FETCH $");
    expect_tokens("nil NIL Nile\r\n", "NIL NIL a:Nile $");
    expect_tokens("18446744073709551615 18446744073709551616\r\n",
                  "#18446744073709551615 a:18446744073709551616 $");
    expect_tokens("1.86931e+06 \\Seen \\* 7bit\r\n", "a:1.86931e+06 a:\\Seen a:\\* a:7bit $");
    expect_tokens("\xc3\xa4\x01z\r\n", "a:\xc3\xa4\x01z $");
}

TEST(Lexer, A_lone_line_feed_ends_a_line_and_a_lone_return_does_not) {
    expect_tokens("a\nb\r\n\r\n", "a:a $ a:b $ $");
    expect_tokens("a\rb\r\n", "a:a a:b $");
}

TEST(Lexer, Brackets_stand_apart_but_in_folder_names) {
    expect_tokens("BODY[HEADER]\r\n", "a:BODY [ a:HEADER ] $");
    expect_tokens("[Gmail]/All(\r\n", "a:[Gmail]/All ( $", Mode::astring);
}

TEST(Lexer, A_token_knows_whether_a_space_was_before_it) {
    Lexer lexer({});
    lexer.feed("A[ [");
    EXPECT_FALSE(lexer.next().after_space);
    EXPECT_FALSE(lexer.next().after_space);
    EXPECT_TRUE(lexer.next().after_space);
}

TEST(Lexer, Quoted_strings_with_escapes) {
    expect_tokens(R"("" "a b" "q\"\\" "x")"
                  "\r\n",
                  R"(q: q:a b q:q"\ q:x $)");
    expect_tokens("\"a\r\n", "!a quoted string has no end");
}

TEST(Lexer, Literals_in_all_their_forms) {
    expect_tokens("{3}\r\na\r\n b\r\n", "{3a\r\n} a:b $");
    expect_tokens("({0}\r\n)\r\n", "( {0} ) $");
}

TEST(Lexer, A_binary_literal_may_hold_anything) {
    const std::string input = std::string("~{3}\r\n") + '\0' + "\r\n {1+}\nx\r\n";
    expect_tokens(input, std::string("{3") + '\0' + "\r\n} {1x} $");
}

TEST(Lexer, Braces_that_are_no_literal_are_words) {
    expect_tokens("{} {x} {12 {1+ ~x ~ {3}x\r\n", "a:{} a:{x} a:{12 a:{1+ a:~x a:~ a:{3}x $");
}

TEST(Lexer, Status_text_with_and_without_a_code) {
    expect_tokens(" [UIDNEXT 4] text (with {3} all)\r\nx", "[ a:UIDNEXT #4 ] t:text (with {3} all) $",
                  Mode::status_text);
    expect_tokens(" just \"text]\r\n", "t:just \"text] $", Mode::status_text);
    expect_tokens("\r\n", "$", Mode::status_text);
    expect_tokens("[ALERT]\r\n", "[ a:ALERT ] t: $", Mode::status_text);
    expect_tokens("[A \"b (c\r\nd\r\n", "[ a:A a:\"b ( a:c $ a:d $", Mode::status_text);
}

TEST(Lexer, Sets_fall_apart_at_commas) {
    expect_tokens("1:3,5,7:9 ALL\r\n", "a:1:3 #5 a:7:9 a:ALL $", Mode::set);
}

TEST(Lexer, Limits_are_kept) {
    const LexerLimits limits{.line_bytes = 100, .token_bytes = 10, .depth = 3, .literal_bytes = 5};
    expect_tokens("(((a)))\r\n", "( ( ( a:a ) ) ) $", Mode::plain, limits);
    expect_tokens("((((", "( ( ( !parentheses are nested too deep", Mode::plain, limits);
    expect_tokens("12345678901\r\n", "!a word is too long", Mode::plain, limits);
    expect_tokens("\"12345678901\"\r\n", "!a quoted string is too long", Mode::plain, limits);
    expect_tokens("{6}\r\n", "!a literal is too large", Mode::plain, limits);
    expect_tokens("{99999999999999999999999}\r\n", "!a literal's size is too long", Mode::plain, limits);
    expect_tokens("{99999999999999999999999}\r\n", "!a literal is too large", Mode::plain,
                  {.line_bytes = 100, .token_bytes = 100, .depth = 3, .literal_bytes = 5});
    std::string words;
    for (int i = 0; i < 51; ++i)
        words += "a ";
    EXPECT_TRUE(lex(words, 7, Mode::plain, limits).ends_with("!a line is too long"));
    expect_tokens(std::string(50, 'x') + "\r\n", "t:xxxxxxxxxx $", Mode::text, limits);
    EXPECT_EQ(lex(std::string(200, 'x'), 7, Mode::text, limits), "!a line is too long");
}

TEST(Lexer, A_limit_counts_for_each_line_anew) {
    const LexerLimits limits{.line_bytes = 12, .token_bytes = 10, .depth = 1, .literal_bytes = 100};
    expect_tokens("(aaaa\r\n(bbbb\r\n", "( a:aaaa $ ( a:bbbb $", Mode::plain, limits);
    expect_tokens("{20}\r\n01234567890123456789 a\r\n", "{2001234567890123456789} a:a $", Mode::plain, limits);
}

} // namespace
} // namespace roe::imap
