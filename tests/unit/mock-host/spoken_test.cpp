// What a plugin says reaches whoever asks in their language; what is kept and logged stays English.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/running_host.hpp"

namespace {

using nlohmann::json;
using ::testing::HasSubstr;

const std::string page = "/api/settings-pages/probe";

class Spoken : public host::testing::RunningHost {
  protected:
    host::testing::Answer ask(const std::string &language, const std::string &method, const std::string &path,
                              const json &body, std::map<std::string, std::string> headers = {}) {
        headers["Accept-Language"] = language;
        return as("root-token").call(method, path, body.dump(), headers);
    }
};

TEST_F(Spoken, The_faults_of_a_form_are_in_the_language_of_the_one_who_asks) {
    start();
    const auto fault = [&](const std::string &language) {
        const auto answer = ask(language, "POST", page + "/items", json::object());
        EXPECT_EQ(answer.status, 422);
        EXPECT_EQ(answer.json()["errors"][0]["field"], "Name");
        return answer.json()["errors"][0]["message"];
    };
    EXPECT_EQ(fault("ru"), "нужно");
    EXPECT_EQ(fault("ru-RU,ru;q=0.9,en;q=0.8"), "нужно");
    EXPECT_EQ(fault("en"), "is required");
    EXPECT_EQ(fault("de"), "is required") << "a language that nobody speaks here";
}

TEST_F(Spoken, A_task_whose_trigger_is_not_acceptable_says_so_too) {
    start();
    const auto refused = ask("ru", "POST", "/api/tasks", task(json::object()));
    EXPECT_EQ(refused.status, 422);
    EXPECT_EQ(refused.json()["errors"][0]["message"], "нужно");
    EXPECT_EQ(refused.json()["errors"][0]["path"], "/triggers/0/parameters/Text") << "the rest is as it was";
}

TEST_F(Spoken, A_refusal_keeps_its_code_and_status) {
    start();
    const auto refused = ask("ru", "PUT", page + "/items/base", json::object());
    EXPECT_EQ(refused.status, 403);
    EXPECT_EQ(refused.json()["code"], "base-read-only");
    EXPECT_EQ(refused.json()["detail"], "только для чтения");
}

TEST_F(Spoken, Steps_that_come_line_by_line_and_the_problem_that_ends_them_are_translated) {
    start();
    const std::map<std::string, std::string> lines{{"Accept", "application/x-ndjson"}};
    EXPECT_EQ(ask("ru", "POST", page + "/actions/refuse-late", json::object(), lines).body.substr(0, 20),
              "{\"name\":\"один\"}\n");
    EXPECT_THAT(ask("ru", "POST", page + "/actions/refuse-late", json::object(), lines).body,
                HasSubstr("\"message\":\"странно\""));
    EXPECT_THAT(ask("en", "POST", page + "/actions/refuse-late", json::object(), lines).body,
                HasSubstr("\"message\":\"is odd\""));
}

TEST_F(Spoken, A_plugin_that_can_not_translate_is_shown_in_its_own_words) {
    start();
    host::testing::write(scratch_ / "data" / "plugins" / "probe" / "throw", "std");
    const auto refused = ask("ru", "POST", page + "/items", json::object());
    EXPECT_EQ(refused.status, 500);
    EXPECT_THAT(refused.json()["detail"].get<std::string>(), HasSubstr("told to throw in create"));
}

} // namespace
