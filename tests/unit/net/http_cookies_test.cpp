#include "net/http_cookies.hpp"

#include <gtest/gtest.h>

namespace roe::net {
namespace {

using namespace std::chrono_literals;

constexpr WallTime set_at{std::chrono::milliseconds(1'700'000'000'000)};
constexpr const char *ews = "/EWS/Exchange.asmx";

class Cookies : public testing::Test {
  protected:
    void set(const std::string &value) { cookies_.take({{"Set-Cookie", value}}, ews, set_at); }
    [[nodiscard]] std::string sent(std::string_view path = ews, WallTime when = set_at) const {
        return cookies_.for_path(path, when);
    }

  private:
    HttpCookies cookies_;
};

TEST_F(Cookies, What_a_server_sets_goes_back_to_it) {
    set("X-BackEndCookie=S-1-5=u56Lnp; expires=Tue, 14-Nov-2023 23:13:20 GMT; path=/EWS; secure; HttpOnly");
    set("exchangecookie=f0e1; path=/");
    EXPECT_EQ(sent(), "X-BackEndCookie=S-1-5=u56Lnp; exchangecookie=f0e1");
}

TEST_F(Cookies, A_cookie_goes_to_its_path_only) {
    set("a=1; Path=/EWS");
    set("b=2"); // of the folder that set it
    EXPECT_EQ(sent("/EWS"), "a=1; b=2");
    EXPECT_EQ(sent("/EWS/other?x=/"), "a=1; b=2");
    EXPECT_EQ(sent("/EWSother"), "");
    EXPECT_EQ(sent("/"), "");
}

TEST_F(Cookies, Two_of_a_name_for_two_paths_are_two) {
    set("a=1; path=/");
    set("a=2; path=/EWS");
    EXPECT_EQ(sent(), "a=1; a=2");
    EXPECT_EQ(sent("/"), "a=1");
}

TEST_F(Cookies, A_later_one_of_the_same_name_takes_its_place_and_a_lapsed_one_goes) {
    set("a=1; path=/");
    set("a=2; path=/");
    EXPECT_EQ(sent(), "a=2");
    set("a=; path=/; Max-Age=0");
    EXPECT_EQ(sent(), "");
    set("b=1; path=/; expires=Tue, 14 Nov 2000 23:13:20 GMT");
    EXPECT_EQ(sent(), "");
    set("c=1; path=/; Max-Age=60; expires=Tue, 14 Nov 2000 23:13:20 GMT");
    EXPECT_EQ(sent(ews, set_at + 59s), "c=1");
    EXPECT_EQ(sent(ews, set_at + 61s), "");
}

TEST_F(Cookies, They_are_bounded_in_number_and_size_and_none_can_end_the_field) {
    for (int i = 0; i < 1000; ++i)
        set("n" + std::to_string(i) + "=1; path=/");
    EXPECT_LT(sent().size(), 1000U);
    EXPECT_NE(sent().find("n999=1"), std::string::npos);
    EXPECT_EQ(sent().find("n0=1"), std::string::npos);
    set("long=" + std::string(5000, 'x'));
    set("two words=1");
    set("bell=\x07");
    set("=nameless");
    set("");
    for (const auto *part : {"long", "two", "bell", "nameless"})
        EXPECT_EQ(sent().find(part), std::string::npos) << part;
}

} // namespace
} // namespace roe::net
