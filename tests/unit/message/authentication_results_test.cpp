#include "message/authentication_results.hpp"

#include <string>
#include <vector>

#include <gmock/gmock.h>

namespace roe::message {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<std::string> in_short(std::string_view raw) {
    std::vector<std::string> lines;
    for (const auto &result : parse_authentication_results(raw).results) {
        std::string line = result.method + "=" + result.result;
        for (const auto &property : result.properties)
            line += " " + property.name + "=" + property.value;
        lines.push_back(std::move(line));
    }
    return lines;
}

TEST(AuthenticationResults, Of_the_standards_examples_are_read) {
    // RFC 8601 appendix B
    const auto none = parse_authentication_results(" example.org 1; none");
    EXPECT_EQ(none.authserv_id, "example.org");
    EXPECT_TRUE(none.readable);
    EXPECT_THAT(none.results, IsEmpty());
    EXPECT_THAT(in_short(" example.com;\r\n          spf=pass smtp.mailfrom=example.net"),
                ElementsAre("spf=pass smtp.mailfrom=example.net"));
    EXPECT_THAT(in_short(" example.com;\r\n"
                         "          auth=pass (cram-md5) smtp.auth=sender@example.net;\r\n"
                         "          spf=pass smtp.mailfrom=example.net"),
                ElementsAre("auth=pass smtp.auth=sender@example.net", "spf=pass smtp.mailfrom=example.net"));
    EXPECT_THAT(in_short(" example.com;\r\n"
                         "          dkim=pass reason=\"good signature\"\r\n"
                         "            header.i=@mail-router.example.net;\r\n"
                         "          dkim=fail reason=\"bad signature\"\r\n"
                         "            header.i=@newyork.example.com"),
                ElementsAre("dkim=pass reason=good signature header.i=@mail-router.example.net",
                            "dkim=fail reason=bad signature header.i=@newyork.example.com"));
    const auto strange =
        parse_authentication_results(" foo.example.net (foobar) 1 (baz);\r\n"
                                     "    dkim (Because I like it) / 1 (One yay) = (wait for it) fail\r\n"
                                     "      policy (A dot can go here) . (like that) expired\r\n"
                                     "      (this surprised me) = (as I wasn't expecting it) 1362471462");
    EXPECT_TRUE(strange.readable);
    EXPECT_EQ(strange.authserv_id, "foo.example.net");
    ASSERT_EQ(strange.results.size(), 1U);
    EXPECT_EQ(strange.results[0].method, "dkim");
    EXPECT_EQ(strange.results[0].result, "fail");
    EXPECT_EQ(strange.results[0].property("policy.expired"), "1362471462");
}

TEST(AuthenticationResults, Of_servers_as_they_are_written_are_read) {
    // Gmail
    EXPECT_THAT(
        in_short(" mx.google.com;\r\n"
                 "       dkim=pass header.i=@shop.example header.s=s1 header.b=\"a/B+c=\";\r\n"
                 "       spf=pass (google.com: domain of ann@shop.example designates 192.0.2.1 as permitted "
                 "sender) smtp.mailfrom=ann@shop.example;\r\n"
                 "       dmarc=pass (p=NONE sp=NONE dis=NONE) header.from=shop.example"),
        ElementsAre("dkim=pass header.i=@shop.example header.s=s1 header.b=a/B+c=",
                    "spf=pass smtp.mailfrom=ann@shop.example", "dmarc=pass header.from=shop.example"));
    // Rspamd, OpenDKIM: Base64 without quotes
    EXPECT_THAT(in_short(" mx.shop.example; dkim=pass header.d=a.example header.b=a/B=c==;"),
                ElementsAre("dkim=pass header.d=a.example header.b=a/B=c=="));
    // Exchange: words without a dot, and no blank after the semicolon
    EXPECT_THAT(
        in_short(" mx.shop.example; dkim=none (message not signed) header.d=none;dmarc=pass action=none "
                 "header.from=a.example;compauth=pass reason=100"),
        ElementsAre("dkim=none header.d=none", "dmarc=pass action=none header.from=a.example",
                    "compauth=pass reason=100"));
    // Exchange Online names nobody.
    EXPECT_FALSE(
        parse_authentication_results(" spf=pass (sender IP is 192.0.2.1) smtp.mailfrom=a.example;").readable);
}

TEST(AuthenticationResults, What_stands_in_comments_and_quotes_is_no_result) {
    EXPECT_THAT(in_short("mx; spf=fail (x; dmarc=pass (y\\) ; dmarc=pass) z) smtp.mailfrom=a.example"),
                ElementsAre("spf=fail smtp.mailfrom=a.example"));
    EXPECT_THAT(in_short("mx; spf=fail smtp.mailfrom=\"x; dmarc=pass \\\" y\"@a.example"),
                ElementsAre("spf=fail smtp.mailfrom=x; dmarc=pass \" y@a.example"));
    const auto quoted = parse_authentication_results("\"mx.shop; dmarc=pass\"; spf=fail");
    EXPECT_EQ(quoted.authserv_id, "mx.shop; dmarc=pass");
    ASSERT_EQ(quoted.results.size(), 1U);
}

TEST(AuthenticationResults, That_break_off_or_are_of_another_version_have_no_results) {
    for (const char *raw :
         {"", " ", ";", "mx; dmarc=pass (never closed", "mx; dmarc=pass reason=\"never closed", "mx; dmarc",
          "mx; dmarc=", "mx; =pass", "mx 2; dmarc=pass", "mx 1 1; dmarc=pass", "mx; dkim/2=pass",
          "mx; dmarc=pass header.from", "mx; dmarc=pass header.from=a b", "mx; dmarc=pass @",
          "mx; dmarc=pass )", "mx dmarc=pass", "mx; none; dmarc=pass"}) {
        const auto read = parse_authentication_results(raw);
        EXPECT_FALSE(read.readable) << raw;
        EXPECT_THAT(read.results, IsEmpty()) << raw;
    }
    EXPECT_EQ(parse_authentication_results("mx; dmarc=pass (never closed").authserv_id, "mx")
        << "it is known who wrote it all the same";
}

TEST(AuthenticationResults, Are_bounded) {
    EXPECT_FALSE(parse_authentication_results("mx; spf=pass " + std::string(1 << 20, '(')).readable);
    EXPECT_FALSE(parse_authentication_results("mx; spf=pass " + std::string(60'000, '(')).readable);
    std::string many = "mx";
    for (int i = 0; i < 201; ++i)
        many += "; dkim=pass";
    EXPECT_FALSE(parse_authentication_results(many).readable);
}

} // namespace
} // namespace roe::message
