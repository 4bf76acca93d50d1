// How starts that go to the same asset share it, on a real ledger.
#include "trigger/delivery.hpp"

#include <atomic>
#include <condition_variable>
#include <filesystem>
#include <thread>

#include <gtest/gtest.h>

#include "on_a_ledger.hpp"

namespace roe::trigger {
namespace {

// A host that takes every job, and holds the first value that is put into the asset `held`. [any thread]
class HoldingHost final : public orch::sdk::JobsService,
                          public orch::sdk::JournalService,
                          public orch::sdk::AssetsService {
  public:
    orch::sdk::Outcome<std::filesystem::path> spool_folder() override { return std::filesystem::path("/tmp"); }
    std::vector<orch::sdk::JobReply> start(std::span<const orch::sdk::JobRequest> requests) override {
        return std::vector<orch::sdk::JobReply>(requests.size(), {orch::sdk::JobOutcome::accepted, "job"});
    }
    orch::sdk::Outcome<void> write(std::span<const orch::sdk::JournalEvent>) override { return {}; }
    orch::sdk::Outcome<bool> exists(std::string_view, std::string_view) override { return true; }
    orch::sdk::Outcome<void> put(std::string_view, std::string_view name, std::string_view) override {
        std::unique_lock lock(mutex_);
        if (name != "held" || holding_) return {};
        holding_ = true;
        changed_.notify_all();
        changed_.wait(lock, [this] { return let_go_; });
        return {};
    }

    void wait_for_the_first() {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [this] { return holding_; });
    }
    void let_go() {
        const std::lock_guard lock(mutex_);
        let_go_ = true;
        changed_.notify_all();
    }

  private:
    std::mutex mutex_;
    std::condition_variable changed_;
    bool holding_ = false;
    bool let_go_ = false;
};

class SharedAsset : public OnALedger {
  protected:
    void SetUp() override {
        OnALedger::SetUp();
        delivery_ =
            std::make_unique<Delivery>(Delivery::Ports{*ledger_, host_, host_, &host_, clock_, figures_,
                                                       [](const std::string &) {}, [this] { ++left_over_; }});
    }
    void TearDown() override {
        delivery_.reset();
        OnALedger::TearDown();
    }

    void open(const std::string &id, const std::string &resource) {
        auto trigger = std::make_shared<ActiveTrigger>();
        trigger->id = id;
        trigger->parameters.resource = resource;
        delivery_->open(std::move(trigger));
    }
    // How many of the starts were asked for: one for each trigger.
    std::size_t asked_for(const std::vector<std::string> &triggers) {
        std::vector<ledger::OutboxRow> rows;
        for (const auto &trigger : triggers) {
            ledger::OutboxRow row;
            row.id = ++last_row_;
            row.trigger = trigger;
            row.key = "key " + std::to_string(row.id);
            row.payload = "{}";
            rows.push_back(std::move(row));
        }
        const auto delivered = delivery_->deliver(rows);
        EXPECT_TRUE(delivered.ok());
        return delivered.ok() ? delivered->asked : 0;
    }

    HoldingHost host_;
    std::unique_ptr<Delivery> delivery_;
    std::atomic<int> left_over_ = 0;

  private:
    SystemClock clock_;
    Figures figures_;
    std::atomic<ledger::RowId> last_row_ = 0;
};

TEST_F(SharedAsset, It_is_with_one_call_at_a_time_and_other_starts_go_on) {
    open("first", "held");
    open("second", "held");
    open("elsewhere", "other");
    open("without", "");
    std::thread first([&] { EXPECT_EQ(asked_for({"first"}), 1U); });
    host_.wait_for_the_first();
    EXPECT_EQ(asked_for({"second"}), 0U);
    EXPECT_EQ(left_over_, 1) << "what was not asked for is told";
    EXPECT_EQ(asked_for({"elsewhere", "second", "without"}), 2U);
    host_.let_go();
    first.join();
    EXPECT_EQ(asked_for({"second", "first"}), 2U);
}

} // namespace
} // namespace roe::trigger
