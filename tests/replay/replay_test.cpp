// Every transcript, replayed in whole answers and again one byte at a time.
#include <filesystem>
#include <fstream>
#include <memory>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "actions.hpp"
#include "scripted_stream.hpp"
#include "transcript.hpp"

namespace roe::replay {
namespace {

std::vector<std::string> transcripts() {
    std::vector<std::string> names;
    const std::filesystem::path root = ROE_TRANSCRIPTS;
    for (const auto &entry : std::filesystem::recursive_directory_iterator(root)) {
        if (entry.path().extension() == ".txt") names.push_back(std::filesystem::relative(entry.path(), root));
    }
    std::ranges::sort(names);
    return names;
}

class Replay : public testing::TestWithParam<std::string> {
  protected:
    static void replay(std::size_t piece) {
        const Transcript transcript = read_transcript(std::string(ROE_TRANSCRIPTS) + "/" + GetParam());
        ASSERT_FALSE(transcript.exchanges.empty());
        const auto script = std::make_shared<Script>(piece);
        const auto source = source_of(transcript.account, std::make_shared<ScriptedConnector>(script),
                                      std::make_shared<StillClock>());
        for (const Exchange &exchange : transcript.exchanges) {
            SCOPED_TRACE("> " + exchange.action);
            script->extend(exchange.wire);
            const auto outcome = perform(*source, exchange.action, is_pop3(transcript.account));
            ASSERT_EQ(script->disagreement(), "");
            EXPECT_EQ(script->rest(), "");
            EXPECT_THAT(outcome, testing::ElementsAreArray(exchange.outcome));
            const std::string password = account_of(transcript.account).password;
            for (const std::string &line : outcome) {
                EXPECT_TRUE(password.empty() || line.find(password) == std::string::npos) << line;
            }
        }
    }
};

TEST_P(Replay, In_whole_answers) {
    replay(1U << 20U);
}

TEST_P(Replay, One_byte_at_a_time) {
    replay(1);
}

INSTANTIATE_TEST_SUITE_P(Transcripts, Replay, testing::ValuesIn(transcripts()), [](const auto &tested) {
    std::string name = tested.param.substr(0, tested.param.size() - 4);
    std::ranges::replace_if(
        name, [](char c) { return std::isalnum(static_cast<unsigned char>(c)) == 0; }, '_');
    return name;
});

} // namespace
} // namespace roe::replay
