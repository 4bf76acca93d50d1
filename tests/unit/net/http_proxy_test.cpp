#include "net/http_proxy.hpp"

#include <map>

#include <gtest/gtest.h>

namespace roe::net {
namespace {

using Variables = std::map<std::string, std::string>;

HttpProxies proxies(const std::string &chosen, const Variables &variables) {
    return HttpProxies(chosen, [&variables](const char *name) {
        const auto at = variables.find(name);
        return at == variables.end() ? nullptr : at->second.c_str();
    });
}

std::string way(const HttpProxies &proxies, const std::string &host, bool encrypted = true) {
    const auto proxy = proxies.for_server(host, encrypted);
    return proxy ? proxy->host + ":" + std::to_string(proxy->port) : "direct";
}

TEST(Proxies, The_text_of_one_is_read_with_its_login) {
    const auto proxy = parse_http_proxy("http://DOM%5Cann:p%40ss:w%20rd@proxy.example:3128/");
    ASSERT_TRUE(proxy);
    EXPECT_EQ(proxy->host, "proxy.example");
    EXPECT_EQ(proxy->port, 3128);
    EXPECT_EQ(proxy->login, "DOM\\ann");
    EXPECT_EQ(proxy->password, "p@ss:w rd");
    EXPECT_EQ(parse_http_proxy("10.0.0.1:8080")->port, 8080);
    for (const auto *wrong : {"", "https://proxy.example", "socks5://proxy.example:1080", "http://",
                              "http://proxy.example/path", "http://pro xy:1"})
        EXPECT_FALSE(parse_http_proxy(wrong)) << wrong;
}

TEST(Proxies, The_environment_names_them_in_either_case_and_lower_case_counts_first) {
    const Variables both{{"https_proxy", "http://a:1"}, {"HTTPS_PROXY", "http://b:2"}, {"HTTP_PROXY", "c:3"}};
    EXPECT_EQ(way(proxies("", both), "example.com", true), "a:1");
    EXPECT_EQ(way(proxies("", both), "example.com", false), "c:3");
    EXPECT_EQ(way(proxies("", {}), "example.com"), "direct");
}

TEST(Proxies, A_client_of_a_CGI_program_can_not_name_the_proxy) {
    const Variables cgi{{"HTTP_PROXY", "http://evil:1"}, {"REQUEST_METHOD", "POST"}};
    EXPECT_EQ(way(proxies("", cgi), "example.com", false), "direct");
}

TEST(Proxies, The_administrator_decides_before_the_environment) {
    const Variables variables{{"HTTPS_PROXY", "http://b:2"}, {"NO_PROXY", "inside.example"}};
    EXPECT_EQ(way(proxies("http://chosen:8", variables), "example.com", true), "chosen:8");
    EXPECT_EQ(way(proxies("http://chosen:8", variables), "example.com", false), "chosen:8");
    EXPECT_EQ(way(proxies("http://chosen:8", variables), "mail.inside.example", true), "direct");
    EXPECT_EQ(way(proxies("none", variables), "example.com"), "direct");
}

TEST(Proxies, Exceptions_and_this_machine_are_reached_directly) {
    const auto some = proxies(
        "p:1", {{"no_proxy", "example.com, .corp.example,*.wild.example,10.0.0.0/8,192.0.2.7,fd00::/8"}});
    for (const auto *direct :
         {"example.com", "EXAMPLE.com", "mail.example.com", "ex.corp.example", "corp.example", "a.wild.example",
          "10.200.3.4", "192.0.2.7", "fd12::1", "localhost", "127.0.0.1", "::1"})
        EXPECT_EQ(way(some, direct), "direct") << direct;
    for (const auto *far : {"notexample.com", "example.com.evil", "11.0.0.1", "192.0.2.8", "fe80::1"})
        EXPECT_EQ(way(some, far), "p:1") << far;
    EXPECT_EQ(way(proxies("p:1", {{"no_proxy", "*"}}), "example.com"), "direct");
    EXPECT_EQ(way(proxies("p:1", {{"no_proxy", "10.0.0.0/99,10.0.0.0/x"}}), "10.0.0.1"), "p:1");
}

} // namespace
} // namespace roe::net
