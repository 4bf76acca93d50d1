// What Debian's tnef and ytnef read out of the same files: those that other programs wrote, and our own by
// hand.
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <string>
#include <vector>

#include <gmock/gmock.h>

#include "given_mail.hpp"
#include "given_tnef.hpp"

namespace roe::message {
namespace {

using nlohmann::json;

using Files = std::map<std::string, std::string>; // bytes by name

bool is_installed(const std::string &tool) {
    return std::system(("command -v " + tool + " >/dev/null").c_str()) == 0;
}

Files files_in(const std::filesystem::path &folder) {
    Files files;
    for (const auto &entry : std::filesystem::directory_iterator(folder))
        files[entry.path().filename().string()] = file_bytes(entry.path().string());
    return files;
}

// What the command writes into the folder that it is run in; it finds the file beside it.
Files unpacked_by(const std::string &command, const std::string &tnef) {
    const Spool spool;
    spool.write(tnef);
    const std::string line =
        "cd '" + spool.attachments() + "' && " + command + " ../message.eml >/dev/null 2>&1";
    EXPECT_EQ(std::system(line.c_str()), 0) << line;
    return files_in(spool.attachments());
}

Files unpacked_by_us(const std::string &tnef) {
    const Spool spool;
    const json payload = payload_of(mail_with_tnef("", tnef), spool);
    Files files;
    for (const json &one : payload["attachments"])
        files[one["name"].is_null() ? "" : one["name"]] = file_bytes(one["path"]);
    return files;
}

std::multiset<std::string> contents(const Files &files) {
    std::multiset<std::string> bytes;
    for (const auto &[name, content] : files)
        bytes.insert(content);
    return bytes;
}

void expect_what_the_tools_read(const std::string &tnef, const std::string &what) {
    Files ours = unpacked_by_us(tnef);
    EXPECT_EQ(unpacked_by("tnef --save-body -f", tnef), ours) << what;
    ours.erase("message.rtf"); // ytnef calls it after the mail's subject, and some not at all
    EXPECT_EQ(contents(unpacked_by("ytnef -f .", tnef)), contents(ours)) << what;
}

class TnefTools : public testing::Test {
  protected:
    void SetUp() override {
        if (!is_installed("tnef") || !is_installed("ytnef")) GTEST_SKIP() << "no tnef or ytnef here";
    }
};

TEST_F(TnefTools, Read_the_same_out_of_what_other_programs_wrote) {
    const std::filesystem::path samples = ROE_TNEF_SAMPLES;
    if (samples.empty() || !std::filesystem::is_directory(samples)) GTEST_SKIP() << "no samples here";
    int count = 0;
    for (const auto &entry : std::filesystem::directory_iterator(samples)) {
        const auto &path = entry.path();
        if (path.extension() != ".tnef" && path.extension() != ".dat") continue;
        expect_what_the_tools_read(file_bytes(path.string()), path.filename().string());
        ++count;
    }
    EXPECT_GE(count, 6);
}

TEST_F(TnefTools, Read_the_same_out_of_what_is_written_by_hand) {
    const std::string bytes(100'000, 'b');
    expect_what_the_tools_read(
        tnef_of({oem_code_page(1252), attachment_begins(), attachment_title("a.txt"), attachment_data("one"),
                 attachment_begins(), attachment_title("b.bin"), attachment_data(bytes)}),
        "attributes");
    expect_what_the_tools_read(
        tnef_of({oem_code_page(1252), attachment_begins(), attachment_title("LONGNA~1.TXT"),
                 attachment_data("one"),
                 attachment_properties({property_number(0x3705, 1), property8(0x3707, "long name.txt")})}),
        "a long name");
    // ytnef takes bytes by property for an object and leaves out the first sixteen.
    const std::string by_property = tnef_of(
        {oem_code_page(1252), message_properties({property_number(0x0017, 1), property8(0x0037, "subject")}),
         attachment_begins(), attachment_title("c.txt"),
         attachment_properties({property8(0x3707, "c.txt"), property_binary(0x3701, "by property")})});
    EXPECT_EQ(unpacked_by("tnef -f", by_property), unpacked_by_us(by_property));
}

} // namespace
} // namespace roe::message
