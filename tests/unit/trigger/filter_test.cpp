#include "trigger/filter.hpp"

#include <string>
#include <vector>

#include <gmock/gmock.h>

namespace roe::trigger {
namespace {

using message::Address;
using message::Envelope;
using ::testing::HasSubstr;

Envelope mail_from(const std::string &address, const std::string &name = {}) {
    Envelope envelope;
    envelope.from = {{name, address}};
    return envelope;
}

Envelope mail_about(const std::string &subject) {
    Envelope envelope = mail_from("ann@example.org");
    envelope.subject = subject;
    return envelope;
}

struct SenderCase {
    const char *filter;
    Address from;
    bool matched;
};

TEST(From, Is_matched_as_address_domain_or_part) {
    const std::vector<SenderCase> cases = {
        {"", {"", "anyone@example.org"}, true},
        {" ; , ", {"", "anyone@example.org"}, true},
        // an address is exact
        {"ann@example.org", {"", "ann@example.org"}, true},
        {"ANN@Example.org", {"Ann", "ann@example.ORG"}, true},
        {"ann@example.org", {"", "joann@example.org"}, false},
        {"ann@example.org", {"", "ann@example.org.evil.net"}, false},
        {"ann@example.org", {"ann@example.org", "bob@evil.net"}, false}, // a forged display name
        {"Ann <ann@example.org>", {"Somebody", "ann@example.org"}, true},
        {"<ann@example.org>", {"", "ann@example.org"}, true},
        // a domain is exact, too
        {"@example.org", {"", "bob@example.org"}, true},
        {"*@example.org", {"", "bob@EXAMPLE.ORG"}, true},
        {"@example.org", {"", "bob@mail.example.org"}, false},
        {"@example.org", {"", "bob@notexample.org"}, false},
        {"@example.org", {"@example.org", "bob@evil.net"}, false},
        {"@пример.рф", {"", "почта@xn--e1afmkfd.xn--p1ai"}, true},
        {"@xn--e1afmkfd.xn--p1ai", {"", "почта@Пример.рф"}, true},
        {"@straße.de", {"", "bob@strasse.de"}, false},
        // anything else is a part of either
        {"example", {"", "bob@example.org"}, true},
        {"EXAMPLE.ORG", {"", "bob@mail.example.org"}, true},
        {"ann", {"Joann Doe", "x@y.z"}, true},
        {"иванов", {"Иван ИВАНОВ", "x@y.z"}, true},
        {"МЮЛЛЕР", {"Мюллер", "x@y.z"}, true},
        {"muller", {"Müller", "x@y.z"}, false},
        {"strasse", {"Haupt-Straße", "x@y.z"}, true},
        {"ışık", {"IŞIK", "x@y.z"}, true},
        {"İpek", {"ipek yolu", "x@y.z"}, true},
        {"田中", {"田中 太郎", "x@y.z"}, true},
        {"🤖", {"Robot 🤖", "x@y.z"}, true},
        {"café", {"Cafe\u0301 Noir", "x@y.z"}, true},
        {"пример", {"", "bob@xn--e1afmkfd.xn--p1ai"}, true},
        {"bob", {"", ""}, false},
        // several values
        {"bob@example.org; ann@example.org", {"", "ann@example.org"}, true},
        {"bob@example.org,@example.net", {"", "ann@example.net"}, true},
        {"bob@example.org;@example.net", {"", "ann@example.org"}, false},
        {"\"Doe, Jane\"", {"Doe, Jane", "x@y.z"}, true},
        {"\"Doe, Jane\"", {"Jane", "x@y.z"}, false},
        {"\"Doe, Jane\" <jane@example.org>", {"", "jane@example.org"}, true},
        {"x; \"Doe; Jane\"", {"Doe; Jane", "a@b.c"}, true},
        {"\"never closed, Jane", {"never closed, Jane", "a@b.c"}, true},
    };
    for (const auto &[filter, from, matched] : cases) {
        const Verdict verdict = decide(parse_filter(filter, ""), mail_from(from.address, from.name));
        EXPECT_EQ(verdict.matched, matched) << filter << " / " << from.name << " <" << from.address << ">";
        EXPECT_EQ(verdict.code, matched ? "matched" : "from");
    }
}

TEST(From, Of_several_addresses_any_may_match) {
    Envelope envelope = mail_from("ann@example.org");
    envelope.from.push_back({"", "bob@example.net"});
    EXPECT_TRUE(decide(parse_filter("bob@example.net", ""), envelope).matched);
    EXPECT_TRUE(decide(parse_filter("@example.org", ""), envelope).matched);
    EXPECT_FALSE(decide(parse_filter("carl@example.com", ""), envelope).matched);
}

TEST(From, That_is_missing_matches_no_pattern) {
    const Verdict verdict = decide(parse_filter("ann@example.org", ""), Envelope{});
    EXPECT_FALSE(verdict.matched);
    EXPECT_EQ(verdict.text, "From is missing, none of: ann@example.org.");
}

struct SubjectCase {
    const char *filter;
    const char *subject;
    bool matched;
};

TEST(Subject, Is_matched_as_a_folded_part) {
    const std::vector<SubjectCase> cases = {
        {"", "anything", true},
        {"   ", "anything", true},
        {"invoice", "Your INVOICE 17", true},
        {"invoice 17", "Your invoice  17", true},
        {"invoice 18", "Your invoice 17", false},
        {"счёт", "Ваш СЧЁТ на оплату", true},
        {"счёт", "Ваш счет", false},
        {"fıstık", "FISTIK", true},
        {"GROSSE", "große Bestellung", true},
        {"große", "GROSSE BESTELLUNG", true},
        {"résumé", "Re\u0301sume\u0301 attached", true},
        {"請求書", "【請求書】3月分", true},
        {"ABC", "ＡＢＣ株式会社", true},
        {"✅ done", "Job ✅ DONE", true},
        {"a.c", "abc", false}, // no pattern language
        {"%", "100 %", true},
        {"x", "", false},
    };
    for (const auto &[filter, subject, matched] : cases) {
        const Verdict verdict = decide(parse_filter("", filter), mail_about(subject));
        EXPECT_EQ(verdict.matched, matched) << filter << " / " << subject;
        EXPECT_EQ(verdict.code, matched ? "matched" : "subject");
    }
}

TEST(Verdict, Says_what_was_compared) {
    EXPECT_EQ(decide(parse_filter("", ""), mail_about("Hi")).text, "The filter is empty: every mail matches.");
    EXPECT_EQ(
        decide(parse_filter("Bob@example.org; @example.net", ""), mail_from("ann@example.org", "Ann")).text,
        "From is Ann <ann@example.org>, none of: Bob@example.org; @example.net.");
    EXPECT_EQ(decide(parse_filter("", "Invoice"), mail_about("Hello")).text,
              "Subject \"Hello\" does not contain \"Invoice\".");
    EXPECT_EQ(decide(parse_filter("", "Invoice"), mail_about("")).text,
              "The mail has no subject; wanted: \"Invoice\".");
    EXPECT_EQ(decide(parse_filter("@example.org", "hell"), mail_about("Hello")).text,
              "From is ann@example.org, as wanted by: @example.org. Subject \"Hello\" contains \"hell\".");
}

TEST(Verdict, Of_endless_words_is_short) {
    Envelope envelope = mail_about(std::string(100'000, 'x'));
    EXPECT_LT(decide(parse_filter("", "y"), envelope).text.size(), 500U);
    for (int i = 0; i < 1000; ++i)
        envelope.from.push_back({"Ж", "ж@example.org"});
    const Verdict verdict = decide(parse_filter("nobody@example.org", ""), envelope);
    EXPECT_LT(verdict.text.size(), 500U);
    EXPECT_THAT(verdict.text, HasSubstr("…"));
}

} // namespace
} // namespace roe::trigger
