#include "message/address_list.hpp"

#include <chrono>
#include <ostream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace roe::message {

static bool operator==(const Address &a, const Address &b) {
    return a.name == b.name && a.address == b.address;
}
static void PrintTo(const Address &a, std::ostream *out) {
    *out << '"' << a.name << "\" <" << a.address << '>';
}

namespace {

struct Written {
    std::string raw;
    std::vector<Address> addresses;
};

TEST(AddressList, Is_read_as_RFC_5322_has_it) {
    const std::vector<Written> cases = {
        {"ann@example.org", {{"", "ann@example.org"}}},
        {"Ann <ann@example.org>, \"Bob B.\" <bob@example.org>",
         {{"Ann", "ann@example.org"}, {"Bob B.", "bob@example.org"}}},
        {"\"Doe, \\\"JD\\\" Jane\" <jane@example.org>", {{"Doe, \"JD\" Jane", "jane@example.org"}}},
        {"ann@example.org (Ann Example)", {{"Ann Example", "ann@example.org"}}},
        {"Team: ann@example.org, Bob <bob@example.org>;, carl@example.org",
         {{"", "ann@example.org"}, {"Bob", "bob@example.org"}, {"", "carl@example.org"}}},
        {"undisclosed-recipients:;", {}},
        {"", {}},
        {" , ,", {}},
        {"\"a b\"@example.org", {{"", "\"a b\"@example.org"}}},
        {"ann@[192.0.2.1], bob@[IPv6:2001:db8::1]", {{"", "ann@[192.0.2.1]"}, {"", "bob@[IPv6:2001:db8::1]"}}},
        {"Ann (her comment, with comma) <ann@example.org>", {{"Ann", "ann@example.org"}}},
        {"Ann\r\n <ann@example.org>", {{"Ann", "ann@example.org"}}},
    };
    for (const auto &[raw, addresses] : cases)
        EXPECT_EQ(parse_addresses(raw, {}), addresses) << raw;
}

TEST(AddressList, Is_decoded) {
    const std::vector<Written> cases = {
        {"=?UTF-8?B?0JjQstCw0L0=?= <ivan@example.org>", {{"Иван", "ivan@example.org"}}},
        {"=?UTF-8?Q?=D0?= =?UTF-8?Q?=98?= <i@example.org>", {{"И", "i@example.org"}}},
        {"\"=?koi8-r?B?6dfBzg==?=\" <ivan@example.org>", {{"Иван", "ivan@example.org"}}},
        {"=?utf-8?Q?Doe=2C_Jane?= <jane@example.org>", {{"Doe, Jane", "jane@example.org"}}},
        {"=?utf-8?Q?=D0=98_=3Cfake=40evil.net=3E?= <i@example.org>", {{"И <fake@evil.net>", "i@example.org"}}},
        {"Иван <ivan@example.org>", {{"Иван", "ivan@example.org"}}},
        {"\xC8\xE2\xE0\xED\xEE\xE2 <ivan@example.org>", {{"Иванов", "ivan@example.org"}}}, // raw Windows-1251
        {"Почта <почта@пример.рф>", {{"Почта", "почта@пример.рф"}}},                       // SMTPUTF8
        {"bob@xn--e1afmkfd.xn--p1ai", {{"", "bob@xn--e1afmkfd.xn--p1ai"}}},
    };
    for (const auto &[raw, addresses] : cases)
        EXPECT_EQ(parse_addresses(raw, {}), addresses) << raw;
}

TEST(AddressList, That_is_broken_keeps_what_it_says) {
    const std::vector<Written> cases = {
        {"Doe, Jane <jane@example.org>", {{"Doe, Jane", "jane@example.org"}}},
        {"ann@example.org; bob@example.org", {{"", "ann@example.org"}, {"", "bob@example.org"}}},
        {"MAILER DAEMON <>", {{"MAILER DAEMON", ""}}},
        {"<postmaster>", {{"", "postmaster"}}},
        {"Bob", {{"Bob", ""}}},
        {"\"never closed <ann@example.org>", {{"never closed", "ann@example.org"}}},
        {"Ann <ann@example.org", {{"Ann", "ann@example.org"}}},
        {"ann@example.org <ann@example.org>", {{"ann@example.org", "ann@example.org"}}},
        {"Ann <<ann@example.org>>", {{"Ann", "ann@example.org"}}},
        {"a..b@example.org", {{"", "a..b@example.org"}}},
        {".a@example.org", {{"", ".a@example.org"}}},
    };
    for (const auto &[raw, addresses] : cases)
        EXPECT_EQ(parse_addresses(raw, {}), addresses) << raw;
}

TEST(AddressList, That_is_hostile_costs_time_in_proportion_to_its_length) {
    const auto repeated = [](std::string_view piece, std::size_t size) {
        std::string text;
        while (text.size() < size)
            text += piece;
        return text;
    };
    const auto start = std::chrono::steady_clock::now();
    for (const std::string_view piece :
         {"a:", "a:b@c:", "(", "\"", "<", "\\", "a, ", "\"a\" b, ", "a <", "@", "(\"", "a@b c, ", ";:", "=?",
          "=?a?q?", "[", "a@[", "<a:b:", "\"(\\"}) {
        parse_addresses(repeated(piece, 1 << 20), {});
    }
    EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(60));
}

} // namespace
} // namespace roe::message
