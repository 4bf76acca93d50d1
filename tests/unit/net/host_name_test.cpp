#include "net/host_name.hpp"

#include <gtest/gtest.h>

namespace roe::net {
namespace {

TEST(HostName, Letters_of_any_script_become_what_DNS_knows) {
    EXPECT_EQ(ascii_host("почта.рф"), "xn--80a1acny.xn--p1ai");
    EXPECT_EQ(ascii_host("Bücher.Example"), "xn--bcher-kva.example");
    EXPECT_EQ(ascii_host("bu\u0308cher.example"), "xn--bcher-kva.example") << "decomposed";
    EXPECT_EQ(ascii_host("faß.de"), "xn--fa-hia.de");
    EXPECT_EQ(ascii_host("例え。テスト"), "xn--r8jz45g.xn--zckzah") << "an ideographic full stop";
}

TEST(HostName, ASCII_stays_as_it_is) {
    for (const char *name : {"imap.example.com", "IMAP.Example.com.", "my_host", "192.0.2.7", "2001:db8::1"})
        EXPECT_EQ(ascii_host(name), name);
}

TEST(HostName, What_is_no_name_is_refused) {
    EXPECT_FALSE(ascii_host(""));
    EXPECT_FALSE(ascii_host(std::string("a\0b", 3)));
    EXPECT_FALSE(ascii_host("\xff\xfe"));
    EXPECT_FALSE(ascii_host(std::string(70, 'a') + "ü.example")) << "a label of more than 63";
}

} // namespace
} // namespace roe::net
