// Real mails from public collections, with the fields on which two other parsers agree.
#include <algorithm>
#include <cctype>
#include <chrono>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <iomanip>
#include <iostream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "given_mail.hpp"

namespace roe::message {
namespace {

using nlohmann::json;

std::filesystem::path corpus() {
    const char *given = std::getenv("ROE_MIME_CORPUS");
    return given == nullptr ? ROE_MIME_CORPUS : given;
}

std::string collapsed(std::string_view text) {
    std::string result;
    std::istringstream words{std::string(text)};
    for (std::string word; words >> word;)
        result += (result.empty() ? "" : " ") + word;
    return result;
}

std::string words_of(const json &text) {
    return text.is_null() ? std::string() : collapsed(text.get<std::string>());
}

std::string first_characters(const std::string &text, std::size_t count) {
    std::size_t at = 0;
    for (; at < text.size() && count > 0; --count) {
        for (++at; at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0U) == 0x80U;)
            ++at;
    }
    return text.substr(0, at);
}

json addresses(const json &list) {
    json result = json::array();
    for (const json &entry : list) {
        if (entry["address"].is_null()) continue;
        auto address = entry["address"].get<std::string>();
        std::ranges::transform(address, address.begin(), [](unsigned char c) { return std::tolower(c); });
        result.push_back(address);
    }
    return result;
}

std::int64_t seconds(const std::string &time) {
    std::tm parts{};
    std::istringstream(time) >> std::get_time(&parts, "%Y-%m-%dT%H:%M:%S");
    return timegm(&parts);
}

json sorted(json list) {
    std::sort(list.begin(), list.end());
    return list;
}

// What the payload says, in the form of the expectations.
json in_their_form(const json &payload) {
    json files = json::array();
    json names = json::array();
    for (const json &attachment : payload["attachments"]) {
        files.push_back({{"name", attachment["name"]}, {"size", attachment["size"]}});
        names.push_back(attachment["name"]);
    }
    return {{"subject", payload["subject"].is_null() ? json(nullptr) : json(words_of(payload["subject"]))},
            {"from", addresses(payload["from"])},
            {"to", addresses(payload["to"])},
            {"cc", addresses(payload["cc"])},
            {"messageId", payload["messageId"].is_null()
                              ? json(nullptr)
                              : json("<" + payload["messageId"].get<std::string>() + ">")},
            {"date", payload["date"].is_null() ? json(nullptr) : json(seconds(payload["date"]))},
            {"text200", collapsed(first_characters(words_of(payload["text"]), 200))},
            {"attachments", sorted(files)},
            {"attachmentNames", sorted(names)}};
}

json tidied(const std::string &field, json expected) {
    if (field == "attachments" || field == "attachmentNames") return sorted(std::move(expected));
    if ((field == "subject" || field == "text200") && expected.is_string())
        return collapsed(expected.get<std::string>());
    return expected;
}

// Where the payload says something else, what it says, and why it is meant to.
struct Difference {
    std::string path;
    std::string field;
    std::string ours; // JSON
    std::string why;
};

const std::string kept_whole = "a mail within a mail is one attachment, kept whole, not its parts";
const std::string in_a_digest = "a mail in a digest is an attachment, named by its subject if it has one";
const std::string backslashes =
    "a file name is kept as written: what RFC 822 takes for an escape is a path of Windows";
const std::string uuencoded = "files that stand uuencoded in a text are attachments";
const std::string joined = "texts that stand one after the other are all text, not the first only";

const std::vector<Difference> differences = {
    {"msgs/stalwart/035.eml", "attachments",
     R"([{"name":"C:\\TEMP\\nsmail39.png","size":1453},{"name":"C:\\TEMP\\nsmailEG.png","size":1325},
         {"name":"greenball.png","size":1298},{"name":"redball.png","size":1453}])",
     backslashes},
    {"msgs/stalwart/039.eml", "attachments",
     R"([{"name":"C:\\TEMP\\nsmailNM.png","size":1453},{"name":"C:\\TEMP\\nsmailV0.png","size":1325},
         {"name":"blueball.png","size":1325},{"name":"greenball.png","size":1298}])",
     backslashes},
    {"msgs/stalwart/049.eml", "attachments",
     R"([{"name":"blueball.png","size":1325},{"name":"greenball.png","size":1298},
         {"name":"redball.png","size":1453}])",
     uuencoded},
    {"msgs/stalwart/1_008.eml", "text200", R"("body body2")", joined},
    {"msgs/stalwart/2_002.eml", "attachments",
     R"([{"name":"Map of Argentina with Description.eml","size":1979}])", kept_whole},
    {"msgs/stalwart/2_004.eml", "attachments",
     R"([{"name":"my different opinion.eml","size":125},{"name":"my opinion.eml","size":100}])", in_a_digest},
    {"msgs/cpython/msg_02.txt.eml", "attachments",
     R"([{"name":null,"size":209},{"name":"[Ppp] testing #1.eml","size":235},
         {"name":"[Ppp] testing #3.eml","size":235},{"name":"[Ppp] testing #4.eml","size":235},
         {"name":"[Ppp] testing #5.eml","size":237}])",
     in_a_digest},
    {"msgs/cpython/msg_30.txt.eml", "attachments",
     R"([{"name":"ee.eml","size":96},{"name":"ee.eml","size":96}])", in_a_digest},
    {"msgs/cpython/msg_34.txt.eml", "attachments", R"([{"name":null,"size":56}])", in_a_digest},
};

const Difference *explained(const std::string &path, const std::string &field) {
    const auto found = std::ranges::find_if(
        differences, [&](const Difference &one) { return one.path == path && one.field == field; });
    return found == differences.end() ? nullptr : &*found;
}

struct Score {
    int agree = 0;
    int explained = 0;
    int of = 0;
};

TEST(RealMails, Are_read_as_two_other_parsers_read_them_but_for_what_is_explained) {
    std::ifstream expectations(corpus() / "expected.jsonl");
    if (!expectations)
        GTEST_SKIP() << "no real mails at " << corpus() << "; set ROE_MIME_CORPUS to their folder";
    std::map<std::string, Score> scores;
    std::size_t met = 0;
    int mails = 0;
    for (std::string line; std::getline(expectations, line); ++mails) {
        const json expected = json::parse(line);
        const auto path = expected["path"].get<std::string>();
        const Spool spool;
        const json got = in_their_form(payload_of_file((corpus() / path).string(), spool));
        for (const auto &[field, value] : expected.items()) {
            if (field == "path") continue;
            Score &score = scores[field];
            ++score.of;
            const json theirs = tidied(field, value);
            const Difference *known = explained(path, field);
            if (known == nullptr) {
                EXPECT_EQ(got[field], theirs) << path << " " << field;
                score.agree += got[field] == theirs ? 1 : 0;
                continue;
            }
            ++met;
            ++score.explained;
            EXPECT_EQ(got[field], json::parse(known->ours)) << path << " " << field << ", where " << known->why;
            EXPECT_NE(got[field], theirs) << path << " " << field << " is explained in vain";
        }
    }
    std::cout << mails << " mails; of those on whose field two other parsers agree:\n";
    for (const auto &[field, score] : scores) {
        std::cout << std::setw(16) << field << std::setw(5) << score.agree << " of " << score.of << " the same";
        if (score.explained > 0) std::cout << ", " << score.explained << " meant otherwise";
        std::cout << "\n";
    }
    for (const Difference &one : differences)
        std::cout << one.path << " " << one.field << ": " << one.why << "\n";
    EXPECT_EQ(met, differences.size()) << "a mail that is explained is not there";
}

} // namespace
} // namespace roe::message
