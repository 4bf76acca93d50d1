// How a task's brake holds what it has no room for, on a real ledger and a clock of the test's own.
#include "trigger/brake.hpp"

#include <set>

#include <gtest/gtest.h>

#include "on_a_ledger.hpp"
#include "trigger/delivery.hpp"

namespace roe::trigger {
namespace {

using namespace std::chrono_literals;

class BrakeClock final : public Clock {
  public:
    [[nodiscard]] SteadyTime steady() const override { return {}; }
    [[nodiscard]] WallTime wall() const override { return now; }
    WallTime now{std::chrono::seconds(1'700'000'000)};
};

// A host that takes every job, or is busy, and remembers what it was asked for.
class AskedHost final : public orch::sdk::JobsService, public orch::sdk::JournalService {
  public:
    orch::sdk::Outcome<std::filesystem::path> spool_folder() override { return std::filesystem::path("/tmp"); }
    std::vector<orch::sdk::JobReply> start(std::span<const orch::sdk::JobRequest> requests) override {
        for (const auto &request : requests)
            asked.insert(request.key);
        return std::vector<orch::sdk::JobReply>(
            requests.size(), {is_busy ? orch::sdk::JobOutcome::busy : orch::sdk::JobOutcome::accepted, "job"});
    }
    orch::sdk::Outcome<void> write(std::span<const orch::sdk::JournalEvent> events) override {
        for (const auto &event : events)
            if (event.name == "TriggerEmailHeld") ++held_events;
        return {};
    }

    std::multiset<std::string> asked;
    bool is_busy = false;
    int held_events = 0;
};

class BrakedDelivery : public OnALedger {
  protected:
    void SetUp() override {
        OnALedger::SetUp();
        folder_id_ = must(ledger_->folder("mailbox", "INBOX")).id;
        restart();
    }
    void TearDown() override {
        delivery_.reset();
        OnALedger::TearDown();
    }
    void restart() {
        delivery_ = std::make_unique<Delivery>(Delivery::Ports{*ledger_, host_, host_, nullptr, clock_,
                                                               figures_, [](const std::string &) {}, [] {}});
    }

    template <class T>
    static T must(Result<T> result) {
        EXPECT_TRUE(result.ok()) << result.error().text();
        return std::move(*result);
    }

    void open(const std::string &id, int starts, int minutes = 60, const std::string &task = "task") {
        auto trigger = std::make_shared<ActiveTrigger>();
        trigger->id = id;
        trigger->task_id = task;
        trigger->parameters.brake_starts = starts;
        trigger->parameters.brake_minutes = minutes;
        delivery_->open(std::move(trigger));
    }
    // So many mails match; then everything that is due is asked for.
    void match(const std::string &trigger, int mails) {
        ledger::Pass pass;
        pass.folder = folder_id_;
        pass.validity = "v";
        pass.decided_at = clock_.now;
        for (int i = 0; i < mails; ++i) {
            ledger::Decision decision;
            ++order_;
            decision.trigger = trigger;
            decision.ref = {order_, std::to_string(order_)};
            decision.matched = true;
            decision.key = trigger + "/" + std::to_string(order_);
            decision.payload = "{}";
            pass.decisions.push_back(std::move(decision));
        }
        const auto rows = must(ledger_->commit_pass(pass));
        must(delivery_->deliver(rows));
        sweep();
    }
    void sweep() { must(delivery_->sweep(1000)); }
    std::int64_t held() { return must(ledger_->backlog()).held; }
    void release_all(const std::string &trigger) {
        const auto what = must(ledger_->held(trigger));
        ASSERT_TRUE(what.has_value());
        EXPECT_EQ(must(ledger_->release_all(trigger, what->message)), ledger::Wish::granted);
        sweep();
    }

    AskedHost host_;
    BrakeClock clock_;
    std::unique_ptr<Delivery> delivery_;

  private:
    Figures figures_;
    ledger::RowId folder_id_ = 0;
    std::int64_t order_ = 0;
};

TEST_F(BrakedDelivery, Without_a_brake_everything_starts) {
    open("t1", 0);
    match("t1", 250);
    EXPECT_EQ(host_.asked.size(), 250U);
    EXPECT_EQ(held(), 0);
}

TEST_F(BrakedDelivery, What_comes_after_so_many_starts_is_held_until_it_is_let_go) {
    open("t1", 120);
    match("t1", 300);
    EXPECT_EQ(host_.asked.size(), 120U);
    EXPECT_EQ(held(), 180);
    EXPECT_EQ(host_.held_events, 1);
    match("t1", 1);
    EXPECT_EQ(held(), 181);
    clock_.now += 2h;
    match("t1", 1);
    EXPECT_EQ(held(), 182) << "time alone lets nothing go";
    EXPECT_EQ(host_.held_events, 1) << "and says nothing a second time";

    release_all("t1");
    EXPECT_EQ(host_.asked.size(), 302U);
    EXPECT_EQ(held(), 0);
    match("t1", 121);
    EXPECT_EQ(host_.asked.size(), 422U) << "the count began anew";
    EXPECT_EQ(held(), 1);
    EXPECT_EQ(std::set<std::string>(host_.asked.begin(), host_.asked.end()).size(), 422U);
}

TEST_F(BrakedDelivery, Starts_are_counted_within_the_minutes_only) {
    open("t1", 10, 5);
    match("t1", 10);
    clock_.now += 5min;
    match("t1", 10);
    EXPECT_EQ(held(), 0);
    clock_.now += 4min;
    match("t1", 1);
    EXPECT_EQ(held(), 1);
}

TEST_F(BrakedDelivery, Counts_over_a_restart_and_stays_on) {
    open("t1", 10);
    match("t1", 8);
    restart();
    open("t1", 10);
    match("t1", 3);
    EXPECT_EQ(host_.asked.size(), 10U);
    EXPECT_EQ(held(), 1);
    restart();
    open("t1", 10);
    match("t1", 1);
    EXPECT_EQ(held(), 2);
}

TEST_F(BrakedDelivery, Is_the_tasks_and_holds_all_of_its_triggers_and_no_others) {
    open("t1", 10);
    open("t2", 0);
    open("other", 10, 60, "another task");
    match("t2", 6);
    match("t1", 5);
    match("t2", 1);
    match("other", 10);
    EXPECT_EQ(host_.asked.size(), 20U);
    EXPECT_EQ(must(ledger_->held("t1"))->of_task, 2);
    EXPECT_EQ(must(ledger_->held("t2"))->count, 1);
    EXPECT_EQ(must(ledger_->held("other")), std::nullopt);
}

TEST_F(BrakedDelivery, Of_several_brakes_the_narrowest_holds) {
    open("t1", 100);
    open("t2", 3);
    match("t1", 5);
    EXPECT_EQ(host_.asked.size(), 3U);
    EXPECT_EQ(held(), 2);
}

TEST_F(BrakedDelivery, A_busy_host_puts_no_brake_on) {
    open("t1", 2);
    host_.is_busy = true;
    match("t1", 2);
    EXPECT_EQ(held(), 0);
    host_.is_busy = false;
    clock_.now += 1h;
    sweep();
    EXPECT_EQ(held(), 0);
    EXPECT_EQ(must(ledger_->backlog()).queued, 0) << "both are taken";
    match("t1", 1);
    EXPECT_EQ(held(), 1);
}

TEST_F(BrakedDelivery, A_task_that_loses_its_brake_starts_what_comes_and_keeps_what_is_held) {
    open("t1", 1);
    match("t1", 3);
    EXPECT_EQ(held(), 2);
    open("t1", 0);
    match("t1", 2);
    EXPECT_EQ(host_.asked.size(), 3U);
    EXPECT_EQ(held(), 2);
    release_all("t1");
    EXPECT_EQ(host_.asked.size(), 5U);
}

} // namespace
} // namespace roe::trigger
