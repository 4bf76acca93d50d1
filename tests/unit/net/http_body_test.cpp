#include "net/http_body.hpp"

#include <array>

#include <gtest/gtest.h>

namespace roe::net {
namespace {

struct BodyCase {
    const char *name;
    bool chunked;
    std::optional<std::uint64_t> length;
    std::string bytes;
    std::optional<std::string> body; // empty: broken or cut off
    std::string left{};              // of the next answer
};

class Bodies : public testing::TestWithParam<BodyCase> {};

TEST_P(Bodies, A_body_is_the_same_whole_and_one_byte_at_a_time) {
    const auto &c = GetParam();
    for (const std::size_t step : {c.bytes.size() + 1, std::size_t{1}}) {
        for (const std::size_t room : {std::size_t{1}, std::size_t{4096}}) {
            HttpBody body(c.chunked, c.length);
            std::string got;
            std::string_view unread;
            std::array<char, 4096> piece{};
            std::size_t at = 0;
            while (!body.finished() && !body.broken()) {
                const std::size_t taken = body.take(unread, piece.data(), room);
                ASSERT_LE(taken, room);
                got.append(piece.data(), taken);
                if (taken > 0 || body.finished() || body.broken()) continue;
                ASSERT_TRUE(unread.empty());
                if (at >= c.bytes.size()) break;
                unread = std::string_view(c.bytes).substr(at, step);
                at += step;
            }
            const bool whole = body.finished() || (body.may_end() && !body.broken());
            ASSERT_EQ(whole, c.body.has_value());
            if (!whole) continue;
            EXPECT_EQ(got, *c.body);
            EXPECT_EQ(std::string(unread) + c.bytes.substr(std::min(at, c.bytes.size())), c.left);
        }
    }
}

INSTANTIATE_TEST_SUITE_P(
    Http, Bodies,
    testing::Values(
        BodyCase{"of_known_length", false, 5, "hello, and more", "hello", ", and more"},
        BodyCase{"empty", false, 0, "HTTP/1.1", "", "HTTP/1.1"},
        BodyCase{"cut_off", false, 50, "hello", std::nullopt},
        BodyCase{"up_to_the_end", false, std::nullopt, "hello", "hello"},
        BodyCase{"chunked", true, std::nullopt, "5;x=y\r\nhello\r\n1\r\n!\r\n0\r\nTrailer: 1\r\n\r\nHTTP",
                 "hello!", "HTTP"},
        BodyCase{"chunked_with_line_feeds_only", true, std::nullopt, "5\nhello\n0\n\n", "hello"},
        BodyCase{"chunk_sizes_with_spaces", true, std::nullopt, "5  \r\nhello\r\n0\r\n\r\n", "hello"},
        BodyCase{"chunk_cut_off", true, std::nullopt, "5\r\nhel", std::nullopt},
        BodyCase{"last_chunk_cut_off", true, std::nullopt, "5\r\nhello\r\n0\r\n", std::nullopt},
        BodyCase{"chunk_without_end", true, std::nullopt, "5\r\nhello!!\r\n", std::nullopt},
        BodyCase{"chunk_without_size", true, std::nullopt, "zz\r\nhello", std::nullopt},
        BodyCase{"chunk_of_negative_size", true, std::nullopt, "-5\r\nhello", std::nullopt},
        BodyCase{"chunk_beyond_all_numbers", true, std::nullopt, "fffffffffffffffff\r\n", std::nullopt},
        BodyCase{"line_without_end", true, std::nullopt, std::string(5000, '1'), std::nullopt},
        BodyCase{"endless_trailer", true, std::nullopt, "0\r\n" + std::string(20'000, 'x') + "\r\n\r\n",
                 std::nullopt}),
    [](const auto &each) { return each.param.name; });

TEST(HttpBodies, What_is_wrong_or_too_long_is_told_as_soon_as_it_is_there) {
    std::string many_fields = "0\r\n";
    while (many_fields.size() < 30'000)
        many_fields += "X: y\r\n";
    for (const auto &bytes :
         {std::string(5000, '1'), "5;" + std::string(5000, 'x'), "0\r\n" + std::string(20'000, 'x'),
          many_fields, std::string("5\r\nhello!\r\n")}) {
        HttpBody body(true, std::nullopt);
        std::string_view unread = bytes;
        std::array<char, 4096> piece{};
        while (!unread.empty() && !body.broken())
            body.take(unread, piece.data(), piece.size());
        EXPECT_TRUE(body.broken()) << bytes.substr(0, 20);
    }
}

} // namespace
} // namespace roe::net
