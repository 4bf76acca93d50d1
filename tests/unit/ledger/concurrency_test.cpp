#include "ledger_fixture.hpp"

#include <atomic>
#include <set>
#include <thread>

#include <gmock/gmock.h>

namespace roe::ledger::testing {
namespace {

using ::testing::SizeIs;

class Concurrency : public LedgerTest {
  protected:
    static void in_parallel(int count, const std::function<void(int)> &work) {
        std::vector<std::thread> threads;
        for (int i = 0; i < count; ++i)
            threads.emplace_back(work, i);
        for (auto &thread : threads)
            thread.join();
    }
};

TEST_P(Concurrency, Passes_over_many_folders_all_become_durable) {
    constexpr int folders = 12;
    constexpr int passes = 10;
    in_parallel(folders, [&](int i) {
        const std::string trigger = "t" + std::to_string(i);
        const RowId folder = must(ledger_->folder("m" + std::to_string(i), "INBOX")).id;
        must(ledger_->set_baseline(folder, {trigger, 0, "v1", at(0), 0}, {}));
        for (int pass = 1; pass <= passes; ++pass)
            EXPECT_THAT(must(ledger_->commit_pass(pass_of(folder, {matched(trigger, pass)}))), SizeIs(1));
    });
    reopen();
    for (int i = 0; i < folders; ++i)
        EXPECT_THAT(must(ledger_->due_outbox(std::vector{"t" + std::to_string(i)}, at(1000), 100)),
                    SizeIs(passes));
}

TEST_P(Concurrency, Overlapping_passes_over_one_folder_start_each_mail_once) {
    const RowId folder = given_folder({"t1"});
    std::atomic<int> made = 0;
    in_parallel(6, [&](int i) {
        for (int first = 1; first <= 40; first += 4) {
            std::vector<Decision> decisions;
            for (int order = first; order < first + 8 + i; ++order) {
                decisions.push_back(matched("t1", order));
                decisions.back().key += "/by-" + std::to_string(i);
            }
            const auto result = ledger_->commit_pass(pass_of(folder, decisions));
            if (result)
                made += static_cast<int>(result->size());
            else
                ADD_FAILURE() << result.error().text();
        }
    });
    std::set<std::string> mails;
    const auto rows = must(ledger_->due_outbox(std::vector<std::string>{"t1"}, at(1000), 1000));
    for (const auto &row : rows)
        EXPECT_TRUE(mails.insert(row.ref.uid).second) << row.ref.uid;
    EXPECT_EQ(made, static_cast<int>(rows.size()));
    EXPECT_THAT(mails, SizeIs(37 + 8 + 5 - 1)) << "1 to 49, none left out";
}

TEST_P(Concurrency, A_pass_that_fails_takes_no_other_with_it) {
    const RowId folder = given_folder({"t1"});
    const RowId fenced = must(ledger_->folder("fenced", "INBOX")).id;
    must(ledger_->lease("fenced", "other", at(0), std::chrono::hours(1)));
    std::atomic<int> failed = 0;
    in_parallel(8, [&](int i) {
        for (int pass = 0; pass < 10; ++pass) {
            const bool doomed = i % 2 == 0;
            const auto result = ledger_->commit_pass(
                pass_of(doomed ? fenced : folder, {matched(doomed ? "t2" : "t1", 1 + i * 10 + pass)}));
            EXPECT_EQ(result.ok(), !doomed);
            if (!result) ++failed;
        }
    });
    EXPECT_EQ(failed, 40);
    EXPECT_THAT(must(ledger_->due_outbox(std::vector<std::string>{"t1", "t2"}, at(1000), 1000)), SizeIs(40));
}

TEST_P(Concurrency, Readers_see_whole_passes_while_others_write) {
    const RowId folder = given_folder({"t1"});
    std::atomic<bool> done = false;
    std::thread writer([&] {
        for (int pass = 0; pass < 60; ++pass)
            must(ledger_->commit_pass(
                pass_of(folder, {matched("t1", 2 * pass + 1), matched("t1", 2 * pass + 2)})));
        done = true;
    });
    while (!done) {
        EXPECT_EQ(must(ledger_->due_outbox(std::vector<std::string>{"t1"}, at(1000), 1000)).size() % 2, 0U);
        EXPECT_EQ(must(ledger_->marks(folder)).at(0).order % 2, 0);
    }
    writer.join();
}

TEST_P(Concurrency, Of_many_nodes_one_gets_the_mailbox) {
    std::atomic<int> holders = 0;
    in_parallel(8, [&](int i) {
        if (must(ledger_->lease("m", "node-" + std::to_string(i), at(0), std::chrono::hours(1)))) ++holders;
    });
    EXPECT_EQ(holders, 1);
}

TEST_P(Concurrency, Of_many_mailboxes_with_one_address_one_is_added) {
    std::atomic<int> added = 0;
    in_parallel(8, [&](int i) {
        if (must(ledger_->insert_mailbox(
                {"m" + std::to_string(i), "", "ann@example.com", "{}", {{"P", "s"}}, 1})))
            ++added;
    });
    EXPECT_EQ(added, 1);
}

INSTANTIATE_TEST_SUITE_P(On, Concurrency, on_both, backend_name);

} // namespace
} // namespace roe::ledger::testing
