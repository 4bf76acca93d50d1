#include "message/file_name.hpp"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/unicode.hpp"

namespace roe::message {
namespace {

TEST(FileName, Is_made_safe) {
    const std::vector<std::pair<std::string, std::string>> cases = {
        {"offer.pdf", "offer.pdf"},
        {"Отчёт за март.xlsx", "Отчёт за март.xlsx"},
        {"../../etc/passwd", "passwd"},
        {"C:\\TEMP\\offer.pdf", "offer.pdf"},
        {"/", ""},
        {"..", ""},
        {".", ""},
        {"", ""},
        {".bashrc", "bashrc"},
        {"...hidden", "hidden"},
        {"-rf", "rf"},
        {"~root", "root"},
        {"a\nb\tc\x7F.txt", "abc.txt"},
        {std::string("a\0b.txt", 7), "ab.txt"},
        {"report\u202Efdp.exe", "reportfdp.exe"},
        {"\u2066a\u2069.txt", "a.txt"},
        {"\uFEFF.profile", "profile"},
        {"a<b>:\"|?*.txt", "a_b______.txt"},
        {"trailing. . ", "trailing"},
        {"CON", "_CON"},
        {"nul.txt", "_nul.txt"},
        {"console.txt", "console.txt"},
        {"👨‍👩‍👧.png", "👨‍👩‍👧.png"},
        {"\xFF\xFE.txt", "txt"},
    };
    for (const auto &[name, safe] : cases)
        EXPECT_EQ(safe_file_name(name), safe) << name;
}

TEST(FileName, Is_at_most_150_bytes_and_keeps_its_extension) {
    std::string name;
    for (int i = 0; i < 200; ++i)
        name += "Ж";
    const std::string safe = safe_file_name(name + ".pdf");
    EXPECT_LE(safe.size(), 150U);
    EXPECT_GE(safe.size(), 148U);
    EXPECT_TRUE(safe.ends_with("Ж.pdf"));
    EXPECT_TRUE(unicode::is_utf8(safe));
    EXPECT_LE(numbered(safe, 1000).size(), 150U);
    EXPECT_TRUE(numbered(safe, 1000).ends_with("Ж (1000).pdf"));
    EXPECT_LE(safe_file_name("a." + std::string(500, 'x')).size(), 150U);
}

TEST(FileName, Is_numbered_before_its_extension) {
    EXPECT_EQ(numbered("offer.pdf", 2), "offer (2).pdf");
    EXPECT_EQ(numbered("offer", 2), "offer (2)");
}

} // namespace
} // namespace roe::message
