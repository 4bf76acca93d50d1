// The example plugin, as built, in the host in a box.
#include <fstream>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "folder_look.hpp"
#include "orch/sdk/testing/host_in_a_box.hpp"

namespace {

using nlohmann::json;
using orch::sdk::Status;
using orch::sdk::testing::BoxedJob;
using orch::sdk::testing::HostInABox;
using orch::sdk::testing::ScratchFolder;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

struct RunOnFile : testing::Test {
    ScratchFolder incoming;
    HostInABox box{orch_plugin_entry, "run-on-file", "1.0.0", {{"plugin", {{"IntervalMilliseconds", 10}}}}};

    void drop(const std::string &name, const std::string &text = "x") {
        std::ofstream(incoming.path() / name) << text;
    }
    void given_trigger(const std::string &id = "t", const std::string &suffix = "") {
        ASSERT_TRUE(box.triggers().start({id,
                                          "run-on-file",
                                          "",
                                          {"task", "Files"},
                                          {{"Folder", incoming.path().string()}, {"Suffix", suffix}}}));
    }
    // Waits for that many jobs, then for two looks more that must not start another.
    std::vector<std::string> names(std::size_t count) {
        EXPECT_TRUE(box.jobs().wait_for_jobs(count));
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
        std::vector<std::string> names;
        for (const BoxedJob &job : box.jobs().jobs()) {
            names.push_back(std::filesystem::path(job.payload.at("path").get<std::string>()).filename());
        }
        return names;
    }
    ~RunOnFile() override {
        box.stop();
        EXPECT_THAT(box.breaches(), IsEmpty());
    }
};

TEST_F(RunOnFile, Every_file_starts_exactly_one_job) {
    ASSERT_TRUE(box.start());
    given_trigger();
    drop("a.txt");
    drop("счёт.pdf");
    EXPECT_THAT(names(2), UnorderedElementsAre("a.txt", "счёт.pdf"));
    drop("c.txt");
    EXPECT_THAT(names(3), UnorderedElementsAre("a.txt", "счёт.pdf", "c.txt"));
    EXPECT_EQ(box.jobs().requests(), 3U);
}

TEST_F(RunOnFile, More_files_than_fit_into_one_request_all_start_their_job) {
    for (int i = 0; i < 250; ++i) {
        drop("file-" + std::to_string(i));
    }
    ASSERT_TRUE(box.start());
    given_trigger();
    EXPECT_EQ(names(250).size(), 250U);
}

TEST(Settling, A_file_counts_when_two_looks_in_a_row_find_it_the_same) {
    using run_on_file::File;
    run_on_file::Settling settling;
    EXPECT_THAT(settling.settled({{"a", 1, 1}}), IsEmpty());
    EXPECT_THAT(settling.settled({{"a", 2, 1}}), IsEmpty());              // it grew
    EXPECT_THAT(settling.settled({{"a", 2, 2}, {"b", 5, 5}}), IsEmpty()); // it was written to
    EXPECT_THAT(settling.settled({{"a", 2, 2}, {"b", 6, 5}}), ElementsAre(File{"a", 2, 2}));
    EXPECT_THAT(settling.settled({{"b", 6, 5}}), ElementsAre(File{"b", 6, 5}));
    EXPECT_THAT(settling.settled({{"a", 2, 2}}), IsEmpty()); // it was away
}

TEST(KeyOf, Differs_with_everything_that_makes_a_file_another_and_fits_always) {
    using run_on_file::File;
    using run_on_file::key_of;
    const std::string long_name(255, 'n');
    const std::set<std::string> keys{
        key_of("t", "/a", {"f", 1, 1}),       key_of("u", "/a", {"f", 1, 1}),
        key_of("t", "/b", {"f", 1, 1}),       key_of("t", "/a", {"g", 1, 1}),
        key_of("t", "/a", {"f", 2, 1}),       key_of("t", "/a", {"f", 1, 2}),
        key_of("t", "/a", {long_name, 1, 1}), key_of("t", "/a", {long_name + "x", 1, 1})};
    EXPECT_EQ(keys.size(), 8U);
    for (const std::string &key : keys) {
        EXPECT_LE(key.size(), 200U);
    }
    EXPECT_EQ(key_of("t", "/a", {long_name, 1, 1}), key_of("t", "/a", {long_name, 1, 1}));
}

TEST_F(RunOnFile, A_lost_answer_a_busy_host_and_a_restart_make_no_second_job) {
    ASSERT_TRUE(box.start());
    box.jobs().lose_answers(1);
    given_trigger();
    drop("a");
    EXPECT_THAT(names(1), ElementsAre("a"));
    box.jobs().be_busy(3);
    drop("b");
    EXPECT_THAT(names(2), ElementsAre("a", "b"));
    const std::size_t before = box.jobs().requests();
    box.restart();
    ASSERT_TRUE(box.start());
    given_trigger();
    EXPECT_TRUE(box.jobs().wait_for_requests(before + 2));
    EXPECT_THAT(names(2), ElementsAre("a", "b"));
}

TEST_F(RunOnFile, Only_names_with_the_suffix_count) {
    ASSERT_TRUE(box.start());
    given_trigger("t", ".csv");
    drop("a.txt");
    drop("b.csv");
    EXPECT_THAT(names(1), ElementsAre("b.csv"));
}

TEST_F(RunOnFile, A_restored_trigger_is_not_started_as_only_the_host_knew_its_files) {
    ASSERT_TRUE(box.start());
    drop("a.txt");
    const auto started = box.triggers().start({"t",
                                               "run-on-file",
                                               "",
                                               {"task", "Files"},
                                               {{"Folder", incoming.path().string()}},
                                               {{"2026-11-24T18:00:00Z", "2026-11-24T19:00:00Z"}}});
    EXPECT_EQ(started.failure().status, Status::unsupported);
    EXPECT_THAT(started.failure().words, testing::HasSubstr("replace this trigger"));
    EXPECT_THAT(names(0), IsEmpty());
}

TEST_F(RunOnFile, Two_triggers_on_one_folder_start_two_jobs) {
    ASSERT_TRUE(box.start());
    given_trigger("t1");
    given_trigger("t2");
    drop("a");
    EXPECT_THAT(names(2), ElementsAre("a", "a"));
}

TEST_F(RunOnFile, A_stopped_trigger_asks_for_no_job_any_more) {
    ASSERT_TRUE(box.start());
    given_trigger();
    EXPECT_TRUE(box.triggers().stop("t"));
    drop("a");
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    EXPECT_EQ(box.jobs().requests(), 0U);
    EXPECT_EQ(box.triggers().state("t")->at("state"), "stopped");
}

TEST_F(RunOnFile, A_folder_that_can_not_be_read_is_an_error_until_it_can) {
    ASSERT_TRUE(box.start());
    const std::filesystem::path folder = incoming.path() / "later";
    ASSERT_TRUE(box.triggers().start({"t", "run-on-file", "", {}, {{"Folder", folder.string()}}}));
    const auto state_becomes = [&](const char *wanted) {
        for (int i = 0; i < 1000; ++i) {
            if (box.triggers().state("t")->at("state") == wanted) {
                return true;
            }
            std::this_thread::sleep_for(std::chrono::milliseconds(5));
        }
        return false;
    };
    EXPECT_TRUE(state_becomes("error"));
    std::filesystem::create_directory(folder);
    EXPECT_TRUE(state_becomes("started"));
}

TEST_F(RunOnFile, What_was_decided_stands_in_the_log_and_pages) {
    ASSERT_TRUE(box.start());
    box.jobs().refuse("t");
    for (const char *name : {"a", "b", "c"}) {
        drop(name);
    }
    given_trigger();
    for (int i = 0; i < 1000 && box.triggers().messages("t", {})->at("items").size() < 3; ++i) {
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    std::set<std::string> files;
    orch::sdk::PageQuery query{{}, 2};
    for (int pages = 0; pages < 2; ++pages) {
        const json list = *box.triggers().messages("t", query);
        for (const json &row : list.at("items")) {
            EXPECT_EQ(row.at("triggered"), false);
            EXPECT_EQ(row.at("reason").at("text"), "the box refuses the trigger t");
            files.insert(row.at("file").get<std::string>());
        }
        EXPECT_EQ(list.at("next").is_null(), pages == 1);
        if (pages == 0) {
            query.after = list.at("next").get<std::string>();
        }
    }
    EXPECT_THAT(files, UnorderedElementsAre("a", "b", "c"));
}

TEST_F(RunOnFile, The_form_refuses_what_it_does_not_know) {
    EXPECT_EQ(box.triggers().describe("", "en")->at(0).at("id"), "run-on-file");
    ASSERT_TRUE(box.start());
    EXPECT_EQ(box.triggers().validate({"run-on-file", "", {{"Folder", "/srv"}}})->at("Suffix"), "");
    const auto refused = box.triggers().validate({"run-on-file", "", {{"Folder", "srv"}}});
    EXPECT_EQ(refused.failure().status, Status::invalid);
    EXPECT_EQ(refused.failure().fields.at(0).field, "Folder");
    EXPECT_EQ(box.triggers()
                  .validate({"run-on-file", "", {{"Folder", "/srv"}, {"X", 1}}})
                  .failure()
                  .fields.at(0)
                  .field,
              "X");
}

TEST_F(RunOnFile, The_preview_says_what_would_start) {
    ASSERT_TRUE(box.start());
    drop("a.txt");
    drop("b.csv");
    const auto items =
        box.triggers()
            .preview({"run-on-file", "", {{"Folder", incoming.path().string()}, {"Suffix", ".csv"}}}, 10, {})
            ->at("items");
    EXPECT_EQ(items.at(0).at("wouldStart"), false);
    EXPECT_EQ(items.at(1).at("wouldStart"), true);
    EXPECT_EQ(box.jobs().requests(), 0U);
}

} // namespace
