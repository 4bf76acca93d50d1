// Random histories of passes, crashes, answers and people, held against a model that knows only this: each
// mail that a trigger matched starts once, under one key, and none is left out.
#include "ledger_fixture.hpp"

#include <map>
#include <random>
#include <set>

#include <gmock/gmock.h>

namespace roe::ledger::testing {
namespace {

class Interleavings : public LedgerTest {
  protected:
    void run(unsigned seed) {
        random_.seed(seed);
        folder_ = given_folder(triggers_);
        for (int step = 0; step < 100; ++step) {
            switch (pick(0, 9)) {
            case 0:
            case 1:
            case 2:
            case 3:
                look();
                break;
            case 4:
            case 5:
                answer();
                break;
            case 6:
                retry();
                break;
            case 7:
                dispose();
                break;
            case 8:
                reopen();
                break;
            case 9:
                must(ledger_->expire_log(at(pick(0, 10'000))));
                break;
            }
        }
        settle();
        check();
    }

  private:
    int pick(int low, int high) { return std::uniform_int_distribution<int>(low, high)(random_); }
    static bool wants(const std::string &trigger, std::int64_t order) {
        return trigger == "t1" || order % 3 == 0;
    }

    std::map<std::string, Mark> marks() {
        std::map<std::string, Mark> found;
        for (auto &mark : must(ledger_->marks(folder_)))
            found[mark.trigger] = mark;
        return found;
    }

    // What a watch does: decides everything after the marks, and what was put off. Sometimes it puts a mail
    // off, and sometimes it does it all again because it never heard that it was done.
    void look() {
        arrived_ += pick(0, 6);
        const auto known = marks();
        Pass pass = pass_of(folder_, {});
        for (const auto &row : must(ledger_->pending(folder_, at(10'000), 3)))
            decide(pass, row.trigger, row.ref.order);
        for (const auto &[trigger, mark] : known) {
            Mark next = mark;
            for (std::int64_t order = mark.order + 1; order <= arrived_; ++order) {
                next.order = order;
                if (pick(0, 5) == 0)
                    pass.pending.push_back({trigger, {order, std::to_string(order)}, 1, at(0), ""});
                else
                    decide(pass, trigger, order);
            }
            pass.marks.push_back(next);
        }
        must(ledger_->commit_pass(pass));
        if (pick(0, 3) == 0) must(ledger_->commit_pass(pass));
    }

    void decide(Pass &pass, const std::string &trigger, std::int64_t order) {
        Decision decision = wants(trigger, order) ? matched(trigger, order) : skipped(trigger, order);
        if (decision.matched) decision.key += "/" + std::to_string(++keys_); // a key made anew each time
        pass.decisions.push_back(std::move(decision));
    }

    std::vector<OutboxRow> due() { return must(ledger_->due_outbox(triggers_, at(10'000), 5)); }

    // The host takes a start, and we may die before its answer is recorded.
    void answer() {
        std::vector<Answer> answers;
        for (const auto &row : due()) {
            const int fate = pick(0, 5);
            if (fate == 0)
                answers.push_back(busy(row.id, at(pick(0, 9000))));
            else if (fate == 1)
                answers.push_back(refused(row.id, "no"));
            else {
                host_[row.trigger + "/" + row.ref.uid].insert(row.key);
                if (fate > 2) answers.push_back(accepted(row.id));
            }
        }
        must(ledger_->record_answers(answers));
    }

    void retry() {
        for (const auto &trigger : triggers_)
            for (const auto &row : must(ledger_->log(trigger, {}, 1000)))
                if (row.state == MessageState::parked) must(ledger_->retry(trigger, row.id));
    }

    // Whether there was anything to do.
    bool dispose() {
        const auto known = marks();
        std::vector<RowId> rows;
        for (const auto &row : must(ledger_->ready_disposals(folder_, triggers_, at(10'000), 100))) {
            for (const auto &[trigger, mark] : known) {
                EXPECT_GE(mark.order, row.ref.order);
                if (wants(trigger, row.ref.order)) {
                    EXPECT_TRUE(host_.contains(trigger + "/" + row.ref.uid)) << trigger << " " << row.ref.uid;
                }
            }
            EXPECT_TRUE(disposed_.insert(row.ref.uid).second) << row.ref.uid << " twice";
            rows.push_back(row.id);
        }
        must(ledger_->finish_disposals(folder_, rows, {.remove = true}));
        return !rows.empty();
    }

    void settle() {
        for (int round = 0; round < 1000; ++round) {
            retry();
            Pass pass = pass_of(folder_, {});
            for (const auto &row : must(ledger_->pending(folder_, at(10'000), 1000)))
                decide(pass, row.trigger, row.ref.order);
            must(ledger_->commit_pass(pass));
            if (due().empty() && pass.decisions.empty()) break;
            answer();
        }
        while (dispose()) {
        }
    }

    void check() {
        const auto known = marks();
        for (const auto &[trigger, mark] : known) {
            for (std::int64_t order = 1; order <= mark.order; ++order) {
                const auto asked = host_.find(trigger + "/" + std::to_string(order));
                const std::size_t keys = asked == host_.end() ? 0 : asked->second.size();
                EXPECT_EQ(keys, wants(trigger, order) ? 1U : 0U) << trigger << " " << order;
            }
        }
        const auto least = std::min(known.at("t1").order, known.at("t2").order);
        EXPECT_EQ(disposed_.size(), static_cast<std::size_t>(least)) << "t1 wants them all";
    }

    const std::vector<std::string> triggers_{"t1", "t2"};
    std::mt19937 random_;
    RowId folder_ = 0;
    std::int64_t arrived_ = 0;
    int keys_ = 0;
    std::map<std::string, std::set<std::string>> host_; // keys by trigger and mail
    std::set<std::string> disposed_;
};

TEST_P(Interleavings, Every_history_starts_each_mail_once) {
    const unsigned seed = std::random_device{}();
    SCOPED_TRACE("seed " + std::to_string(seed));
    run(seed);
}

TEST_P(Interleavings, A_known_history_starts_each_mail_once) {
    run(20261123);
}

INSTANTIATE_TEST_SUITE_P(On, Interleavings, on_both, backend_name);

} // namespace
} // namespace roe::ledger::testing
