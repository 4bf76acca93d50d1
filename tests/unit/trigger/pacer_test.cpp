// Turns of a trigger's starts, on a real ledger and a clock of the test's own.
#include "trigger/pacer.hpp"

#include <gtest/gtest.h>

#include "on_a_ledger.hpp"

namespace roe::trigger {
namespace {

using namespace std::chrono_literals;

class SetClock final : public Clock {
  public:
    [[nodiscard]] SteadyTime steady() const override { return {}; }
    [[nodiscard]] WallTime wall() const override { return now; }
    WallTime now{std::chrono::seconds(1'700'000'000)};
};

class Pacing : public OnALedger {
  protected:
    static ledger::OutboxRow row(const std::string &trigger, WallTime not_before = {}) {
        ledger::OutboxRow row;
        row.trigger = trigger;
        row.not_before = not_before;
        return row;
    }

    // A start that the host has taken at `at`, as the ledger remembers it.
    void given_start(const std::string &trigger, WallTime at) {
        const auto folder = ledger_->folder("mailbox", "INBOX");
        ASSERT_TRUE(folder.ok());
        ledger::Decision decision;
        decision.trigger = trigger;
        decision.ref = {1, "1"};
        decision.matched = true;
        decision.key = "key";
        decision.payload = "{}";
        ledger::Pass pass;
        pass.folder = folder->id;
        pass.validity = "v";
        pass.decisions = {decision};
        const auto starts = ledger_->commit_pass(pass);
        ASSERT_TRUE(starts.ok()) << starts.error().text();
        ledger::Answer answer;
        answer.outbox = starts->at(0).id;
        answer.accepted = true;
        answer.at = at;
        ASSERT_TRUE(ledger_->record_answers(std::vector{answer}).ok());
    }

    SetClock clock_;
};

TEST_F(Pacing, Without_a_gap_there_are_no_turns) {
    EXPECT_FALSE(Pacer(*ledger_, clock_, 0ms).paces());
    EXPECT_TRUE(Pacer(*ledger_, clock_, 1ms).paces());
}

TEST_F(Pacing, The_next_start_of_a_trigger_waits_and_another_triggers_does_not) {
    Pacer pacer(*ledger_, clock_, 500ms);
    EXPECT_TRUE(pacer.is_turn_of(row("t1")));
    pacer.note_start("t1");
    EXPECT_FALSE(pacer.is_turn_of(row("t1")));
    EXPECT_TRUE(pacer.is_turn_of(row("t2")));
    clock_.now += 499ms;
    EXPECT_FALSE(pacer.is_turn_of(row("t1")));
    clock_.now += 1ms;
    EXPECT_TRUE(pacer.is_turn_of(row("t1")));
}

TEST_F(Pacing, Turns_are_given_away_one_gap_apart_and_who_comes_later_queues) {
    Pacer pacer(*ledger_, clock_, 500ms);
    const auto began = clock_.now;
    pacer.note_start("t1");
    EXPECT_EQ(pacer.turn_of(row("t1")), began + 500ms);
    EXPECT_EQ(pacer.turn_of(row("t1")), began + 1000ms);
    clock_.now += 500ms;
    EXPECT_TRUE(pacer.is_turn_of(row("t1", began + 500ms)));
    EXPECT_FALSE(pacer.is_turn_of(row("t1"))) << "others wait already";
    EXPECT_EQ(pacer.turn_of(row("t1")), began + 1500ms);
    pacer.note_start("t1");
    EXPECT_EQ(pacer.turn_of(row("t1", began + 500ms)), began + 1000ms)
        << "one that comes late has the next turn";
}

TEST_F(Pacing, The_gap_counts_over_a_restart) {
    given_start("t1", clock_.now - 200ms);
    Pacer pacer(*ledger_, clock_, 500ms);
    EXPECT_FALSE(pacer.is_turn_of(row("t1")));
    EXPECT_EQ(pacer.turn_of(row("t1")), clock_.now + 300ms);
    clock_.now += 300ms;
    EXPECT_TRUE(pacer.is_turn_of(row("t1", clock_.now)));
}

TEST_F(Pacing, A_clock_that_was_set_back_holds_up_nothing) {
    given_start("t1", clock_.now + 3h);
    Pacer pacer(*ledger_, clock_, 500ms);
    EXPECT_TRUE(pacer.is_turn_of(row("t1")));
}

} // namespace
} // namespace roe::trigger
