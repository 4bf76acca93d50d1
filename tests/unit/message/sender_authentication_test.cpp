#include "message/sender_authentication.hpp"

#include <string>
#include <vector>

#include <gmock/gmock.h>

namespace roe::message {
namespace {

using ::testing::HasSubstr;

const std::string server = "mx.shop.example";

SenderAuthentication of_results(const std::string &results,
                                const std::string &from = "Ann <ann@bank.example>") {
    return authenticate_sender(
        "Authentication-Results: " + server + "; " + results + "\r\nFrom: " + from + "\r\n", server);
}

struct ResultsCase {
    const char *results;
    bool authenticated;
};

TEST(SenderAuthentication, Goes_by_dmarc_and_where_there_is_none_by_aligned_spf_or_dkim) {
    const std::vector<ResultsCase> cases = {
        {"dmarc=pass header.from=bank.example", true},
        {"dmarc=pass (p=reject) header.from=BANK.example", true},
        {"dmarc=pass", true},
        {"dmarc=pass header.from=evil.example", false},
        {"dmarc=fail header.from=bank.example", false},
        {"dmarc=temperror; spf=pass smtp.mailfrom=bank.example", false},
        {"dmarc=fail; dkim=pass header.d=bank.example", false}, // its owner wants more than we ask for
        {"dmarc=pass header.from=bank.example; dmarc=fail header.from=bank.example",
         false}, // contradicts itself
        {"dmarc=none header.from=bank.example", false},
        {"dmarc=none; spf=pass smtp.mailfrom=bounce@bank.example", true},
        {"spf=pass smtp.mailfrom=bank.example", true},
        {"spf=pass smtp.mailfrom=bounces.bank.example", true},
        {"spf=pass smtp.mailfrom=evil.example", false},
        {"spf=pass smtp.mailfrom=evilbank.example", false},
        {"spf=pass smtp.mailfrom=example", false}, // a top-level domain vouches for nobody
        {"spf=softfail smtp.mailfrom=bank.example", false},
        {"spf=pass smtp.helo=bank.example", false}, // DMARC does not go by it either
        {"spf=pass", false},
        {"dkim=pass header.d=bank.example", true},
        {"dkim=pass header.i=@mail.bank.example", true},
        {"dkim=pass header.d=evil.example header.i=@bank.example", false},
        {"dkim=fail header.d=bank.example", false},
        {"dkim=pass header.d=evil.example; dkim=pass header.d=bank.example", true},
        {"dkim=pass header.d=evil.example; dkim=fail header.d=bank.example", false},
        {"auth=pass smtp.auth=ann@bank.example", false},
        {"none", false},
        {"dmarc=pass (not closed", false},
    };
    for (const auto &[results, authenticated] : cases)
        EXPECT_EQ(of_results(results).authenticated, authenticated) << results;
    EXPECT_EQ(of_results("dkim=pass header.d=bank.example", "a@news.bank.example").authenticated, true);
    EXPECT_EQ(of_results("dkim=pass header.d=xn--e1afmkfd.xn--p1ai", "почта@Пример.рф").authenticated, true);
    EXPECT_EQ(of_results("dkim=pass header.d=ads.bank.example", "a@news.bank.example").authenticated, false)
        << "siblings are strangers, as nothing tells whose their parent is";
}

TEST(SenderAuthentication, Of_anything_but_one_author_is_refused) {
    const std::string passed = "dmarc=pass header.from=bank.example";
    for (const char *from : {"ann@bank.example, eve@evil.example", "eve@evil.example, ann@bank.example", "Ann",
                             "", "ann@bank.example\r\nFrom: eve@evil.example",
                             "eve@evil.example\r\nFrom: ann@bank.example", "ann@bank.example\r\nFrom:"})
        EXPECT_EQ(of_results(passed, from).authenticated, false) << from;
    EXPECT_EQ(of_results(passed, "\"ann@bank.example\" <eve@evil.example>").authenticated, false);
}

TEST(SenderAuthentication, Believes_the_first_field_of_the_trusted_server_only) {
    const std::string from = "From: ann@bank.example\r\n";
    const auto field = [](const std::string &id, const std::string &results) {
        return "Authentication-Results: " + id + "; " + results + "\r\n";
    };
    const std::string pass = "dmarc=pass header.from=bank.example";
    const auto word = [&](const std::string &block) {
        return *authenticate_sender(block, server).authenticated;
    };
    EXPECT_TRUE(word(field("MX.Shop.Example", pass) + from));
    EXPECT_TRUE(word(field("other.example", "dmarc=fail") + field(server, pass) + from));
    EXPECT_FALSE(word(field("other.example", pass) + from));
    EXPECT_FALSE(word(field("mx.shop.example.evil.example", pass) + from));
    EXPECT_FALSE(word(field(server, "dmarc=fail") + field(server, pass) + from)) << "the sender's own forgery";
    EXPECT_FALSE(word(field(server, "none") + field(server, pass) + from));
    EXPECT_FALSE(word(field(server, "dmarc=pass (broken") + field(server, pass) + from))
        << "what can't be read gives way to nothing";
    EXPECT_FALSE(word(field("x; " + server, pass) + from));
    EXPECT_FALSE(word("X-" + field(server, pass) + "ARC-" + field("i=1; " + server, pass) + from));
    EXPECT_FALSE(word(from));
}

TEST(SenderAuthentication, Without_a_trusted_server_has_no_answer) {
    const auto none =
        authenticate_sender("Authentication-Results: ; dmarc=pass\r\nFrom: ann@bank.example\r\n", "");
    EXPECT_FALSE(none.authenticated.has_value());
    EXPECT_THAT(none.words, HasSubstr("no trusted authserv-id"));
}

TEST(SenderAuthentication, Says_why) {
    EXPECT_EQ(of_results("dmarc=pass").words, "dmarc is pass");
    EXPECT_EQ(of_results("dmarc=fail").words, "dmarc is fail");
    EXPECT_EQ(of_results("dkim=pass header.d=bank.example").words, "dkim is pass for the domain of From");
    EXPECT_EQ(of_results("none").words, "neither dmarc is pass nor, for the domain of From, spf or dkim");
    EXPECT_EQ(authenticate_sender("From: a@b.c\r\n", server).words,
              "there are no Authentication-Results of mx.shop.example");
}

} // namespace
} // namespace roe::message
