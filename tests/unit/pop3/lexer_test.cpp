#include "source/pop3/lexer.hpp"

#include <gtest/gtest.h>

namespace roe::pop3 {
namespace {

constexpr std::size_t longest = 64;

// One line, then content to its end; what came of it, and what was left. In pieces of that size.
std::string content_of(std::string_view bytes, std::size_t piece) {
    Lexer lexer(longest);
    std::string content;
    bool in_content = false;
    for (;; bytes.remove_prefix(std::min(piece, bytes.size()))) {
        if (!in_content) {
            if (lexer.next_line() == Lexer::Line::whole) {
                in_content = true;
                lexer.begin_content();
            }
        }
        while (in_content) {
            const auto next = lexer.next_content();
            if (next == Lexer::Content::need_more) break;
            if (next == Lexer::Content::end)
                return content + "|" + std::to_string(lexer.unread() + bytes.size());
            content += lexer.piece();
        }
        if (bytes.empty()) return content + "|no end";
        lexer.feed(bytes.substr(0, piece));
    }
}

struct Case {
    std::string_view bytes;
    std::string_view content;
};

class Content : public testing::TestWithParam<Case> {};

TEST_P(Content, Is_the_same_in_whatever_pieces_it_comes) {
    for (std::size_t piece = 1; piece < 20; ++piece)
        EXPECT_EQ(content_of(GetParam().bytes, piece), GetParam().content) << piece;
}

INSTANTIATE_TEST_SUITE_P(
    Cases, Content,
    testing::Values(Case{"+OK\r\n.\r\n", "|0"}, Case{"+OK\r\na\r\n.\r\n", "a\r\n|0"},
                    Case{"+OK\r\n..\r\n.\r\n", ".\r\n|0"}, Case{"+OK\r\n...\r\n.a\r\n.\r\n", "..\r\na\r\n|0"},
                    // A lone LF ends no line: the mail would end itself, and answer the next command.
                    Case{"+OK\r\na\n.\n.\r\n+OK\r\n.\r\n", "a\n.\n.\r\n+OK\r\n|0"},
                    Case{"+OK\r\n.\n\r\n.\r\n", "\n\r\n|0"}, Case{"+OK\r\n.\r.\r\n.\r\n", "\r.\r\n|0"},
                    Case{"+OK\r\na\r\r\n.\r\n", "a\r\r\n|0"},
                    // A server whose lines end with LF.
                    Case{"+OK\na\n..\n.\n", "a\n.\n|0"}, Case{"+OK\r\na\r\n.", "a\r\n|no end"},
                    Case{"+OK\r\na\r\n", "a\r\n|no end"}));

TEST(Lexer, A_line_that_does_not_end_is_not_kept) {
    Lexer lexer(longest);
    lexer.feed(std::string(longest, 'x'));
    EXPECT_EQ(lexer.next_line(), Lexer::Line::need_more);
    lexer.feed("x");
    EXPECT_EQ(lexer.next_line(), Lexer::Line::too_long);
}

TEST(Lexer, Content_lines_may_have_any_length) {
    const std::string line(100'000, 'y');
    EXPECT_EQ(content_of("+OK\r\n" + line + "\r\n.\r\n", 4096), line + "\r\n|0");
}

} // namespace
} // namespace roe::pop3
