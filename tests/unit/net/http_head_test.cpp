#include "net/http_head.hpp"

#include <gtest/gtest.h>

namespace roe::net {
namespace {

using namespace std::chrono_literals;

constexpr WallTime read_at{std::chrono::milliseconds(1'700'000'000'000)}; // 2023-11-14 22:13:20

TEST(HttpHeads, Status_and_fields_are_read_whatever_their_case) {
    const auto head = read_http_head(
        "HTTP/1.1 503 Busy\x1b[2J\r\nset-cookie: a=1\r\nSet-Cookie: b=2\r\nretry-after: 7\r\n\r\n", read_at);
    ASSERT_TRUE(head);
    EXPECT_EQ(head->status, 503);
    EXPECT_EQ(head->words(), "503 Busy?[2J");
    EXPECT_EQ(head->field("SET-COOKIE"), "a=1");
    EXPECT_EQ(head->fields.size(), 3U);
    EXPECT_EQ(head->field("Server"), "");
    EXPECT_EQ(head->retry_after, 7s);
    EXPECT_TRUE(head->kept);
}

TEST(HttpHeads, When_to_come_back_may_be_a_time_and_is_a_day_at_most) {
    const auto retry_after = [](const std::string &value) {
        return read_http_head("HTTP/1.1 503 x\r\nRetry-After: " + value + "\r\n\r\n", read_at)->retry_after;
    };
    EXPECT_EQ(retry_after("Tue, 14 Nov 2023 22:14:20 GMT"), 60s);
    EXPECT_EQ(retry_after("Tue, 14 Nov 2000 22:14:20 GMT"), 0s);
    EXPECT_EQ(retry_after("99999999"), 24h);
    EXPECT_EQ(retry_after("soon"), std::nullopt);
}

TEST(HttpHeads, A_connection_is_kept_as_the_version_and_the_server_say) {
    const auto kept = [](const std::string &text) { return read_http_head(text, read_at)->kept; };
    EXPECT_TRUE(kept("HTTP/1.1 200 OK\r\n\r\n"));
    EXPECT_FALSE(kept("HTTP/1.1 200 OK\r\nConnection: Close\r\n\r\n"));
    EXPECT_FALSE(kept("HTTP/1.0 200 OK\r\n\r\n"));
    EXPECT_TRUE(kept("HTTP/1.0 200 OK\r\nConnection: Keep-Alive\r\n\r\n"));
}

TEST(HttpHeads, A_field_with_a_line_break_wrapped_in_it_is_none) {
    const auto head =
        read_http_head("HTTP/1.1 302 x\r\nLocation: =?utf-8?B?aHR0cHM6Ly9hDQpYOiB5?=\r\nA: b\r\n\r\n", read_at);
    ASSERT_TRUE(head);
    EXPECT_EQ(head->field("Location"), "");
    EXPECT_EQ(head->field("A"), "b");
}

TEST(HttpHeads, What_is_no_head_is_none) {
    std::string many = "HTTP/1.1 200 OK\r\n";
    for (int i = 0; i < 1000; ++i)
        many += "X: y\r\n";
    for (const std::string &text :
         {std::string("* OK IMAP4rev1 ready\r\n\r\n"), std::string("HTTP/1.1\r\n\r\n"),
          std::string("HTTP/1.1 99 x\r\n\r\n"), std::string("HTTP/1.1 -20 x\r\n\r\n"),
          std::string("HTTP/1.1 2x0 x\r\n\r\n"), std::string("HTTP/2 200\r\n\r\n"), std::string(""),
          many + "\r\n"})
        EXPECT_FALSE(read_http_head(text, read_at)) << text.substr(0, 60);
}

} // namespace
} // namespace roe::net
