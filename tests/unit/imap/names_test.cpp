#include <gtest/gtest.h>

#include "source/imap/capabilities.hpp"
#include "source/imap/internal_date.hpp"
#include "source/imap/modified_utf7.hpp"

namespace roe::imap {
namespace {

TEST(FolderNames, Both_ways) {
    const std::pair<const char *, const char *> names[] = {
        {"INBOX", "INBOX"},
        {"R&D", "R&-D"},
        {"Заявки", "&BBcEMARPBDIEOgQ4-"},
        {"~peter/mail/台北/日本語", "~peter/mail/&U,BTFw-/&ZeVnLIqe-"}, // RFC 3501 §5.1.3
        {"a😀b", "a&2D3eAA-b"},
        {"ä&ö", "&AOQ-&-&APY-"},
        {"", ""},
    };
    for (const auto &[plain, wire] : names) {
        EXPECT_EQ(to_modified_utf7(plain), wire);
        EXPECT_EQ(from_modified_utf7(wire), plain);
    }
}

TEST(FolderNames, No_control_character_reaches_the_wire) {
    EXPECT_EQ(to_modified_utf7("a\r\nb"), "a&AA0ACg-b");
    EXPECT_EQ(to_modified_utf7(std::string_view("\0", 1)), "&AAA-");
    EXPECT_EQ(to_modified_utf7("\xff"), "&,,0-");
}

TEST(FolderNames, What_is_no_modified_UTF7_stays) {
    for (const char *name : {"a&b", "&!!-", "&2D0-", "&3gA-", "&A-", "ä"})
        EXPECT_EQ(from_modified_utf7(name), name);
}

TEST(InternalDate, Dates_with_zones) {
    const auto seconds = [](std::string_view text) -> std::int64_t {
        const auto time = parse_internal_date(text);
        return time ? time->time_since_epoch().count() / 1000 : -1;
    };
    EXPECT_EQ(seconds("17-Jul-1996 02:44:25 -0700"), 837596665);
    EXPECT_EQ(seconds(" 1-jan-1970 00:00:00 +0000"), 0);
    EXPECT_EQ(seconds("1-Jan-1970 05:30:00 +0530"), 0);
    EXPECT_EQ(seconds("29-Feb-2024 23:59:60 +0000"), 1709251200);
    for (const char *text :
         {"", "29-Feb-2023 00:00:00 +0000", "1-Foo-2023 00:00:00 +0000", "1-Jan-2023 24:00:00 +0000",
          "1-Jan-2023 00:00:00", "1-Jan-2023 00:00:00 +0000x", "-Jan-2023 00:00:00 +0000"}) {
        EXPECT_EQ(seconds(text), -1) << text;
    }
}

TEST(Capabilities, As_said_or_implied) {
    const std::string words[] = {"imap4rev2", "auth=plain", "AUTH=SCRAM-SHA-256"};
    const Capabilities capabilities(words);
    EXPECT_TRUE(capabilities.has("AUTH=PLAIN"));
    EXPECT_TRUE(capabilities.has("UIDPLUS"));
    EXPECT_FALSE(capabilities.has("CONDSTORE"));
    EXPECT_FALSE(Capabilities().has("UIDPLUS"));
    EXPECT_EQ(capabilities.mechanisms(), "PLAIN, SCRAM-SHA-256");
}

} // namespace
} // namespace roe::imap
