// A mailroom on a real ledger, with a mail server and a host of the test's own.
#pragma once

#include <atomic>
#include <filesystem>
#include <functional>
#include <future>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "ledger/ledger.hpp"
#include "orch/sdk/assets.hpp"
#include "orch/sdk/jobs.hpp"
#include "orch/sdk/journal.hpp"
#include "source/mail_source.hpp"
#include "trigger/delivery.hpp"
#include "watch/mailroom.hpp"

namespace roe::watch::testing {

using namespace std::chrono_literals;

struct StoredMail {
    std::string raw;
    bool seen = false;
    WallTime received_at{};
};

// A folder on a server, and what was asked of it. [any thread]
class Folder {
  public:
    std::int64_t add(const std::string &from, const std::string &subject, const std::string &body = "text\r\n");
    std::int64_t add_raw(std::string raw, WallTime received_at);
    void remove(std::int64_t order);
    void renumber(std::int64_t first); // another UIDVALIDITY, new UIDs
    [[nodiscard]] std::vector<std::int64_t> seen() const;
    [[nodiscard]] std::vector<std::int64_t> present() const;
    [[nodiscard]] int times_fetched(std::int64_t order) const;

    // The next `times` calls of a kind fail with this.
    void fail(const std::string &call, Error error, int times);
    [[nodiscard]] int failures_left(const std::string &call);
    // Fetching this mail breaks the session, always; in the midst of it, or before its first byte.
    void poison(std::int64_t order);
    void poison_at_once(std::int64_t order);
    // So does reading its head.
    void poison_head(std::int64_t order);
    // The server has these mails and does not hand them out.
    void withhold_header(std::int64_t order);
    void withhold_body(std::int64_t order);
    void hand_out_all();

    // The server's name for it.
    [[nodiscard]] std::string name_of(std::int64_t order) const { return names + std::to_string(order); }

    mutable std::mutex mutex;
    std::map<std::int64_t, StoredMail> mails;
    std::string names; // what each name begins with
    std::string validity = "1";
    std::int64_t next = 1;
    bool can_push = false;
    bool snapshot = false; // each session shows what was there when it began, and deleting ends it
    std::chrono::seconds least_pause{};
    std::shared_future<void> lets_in; // no session is opened before that; none: at once
    std::map<std::string, std::pair<Error, int>> faults;
    std::set<std::int64_t> poisoned;
    std::set<std::int64_t> deadly;
    std::set<std::int64_t> deadly_heads;
    std::set<std::int64_t> headless;
    std::set<std::int64_t> bodiless;
    std::set<std::int64_t> immovable; // to dispose of these is refused
    Parking park_answer = Parking::look_first;
    std::chrono::milliseconds park_limit = 1h;
    bool quiet = false;                  // a parked session that is taken up has nothing to tell
    std::map<std::int64_t, int> fetched; // how often each mail was fetched whole
    std::atomic<int> asked = 0;          // sessions that were to be opened
    std::atomic<int> opened = 0;         // those that were
    std::atomic<int> looks = 0;
    std::vector<std::size_t> windows; // of these looks
    std::vector<int> disposals;       // after how many looks each came
    std::atomic<int> renewed = 0;     // how often a parked session was taken up without a byte
};

std::unique_ptr<MailSource> make_source(std::shared_ptr<Folder> folder);

// A host that takes jobs by key. [any thread]
class Host final : public orch::sdk::JobsService,
                   public orch::sdk::JournalService,
                   public orch::sdk::AssetsService {
  public:
    orch::sdk::Outcome<std::filesystem::path> spool_folder() override { return spool; }
    std::vector<orch::sdk::JobReply> start(std::span<const orch::sdk::JobRequest> requests) override;
    orch::sdk::Outcome<void> write(std::span<const orch::sdk::JournalEvent> events) override;
    orch::sdk::Outcome<bool> exists(std::string_view tenant, std::string_view name) override;
    orch::sdk::Outcome<void> put(std::string_view tenant, std::string_view name,
                                 std::string_view value) override;

    [[nodiscard]] std::size_t count() const;
    [[nodiscard]] std::vector<std::string> keys() const; // in the order in which they came
    [[nodiscard]] std::vector<std::string> payloads() const;
    [[nodiscard]] std::vector<orch::sdk::JournalEvent> events(const std::string &name) const;
    void forget_jobs(); // it goes on from an old backup

    // Assets are there once they were made; what `refuse_puts` answers with a failure is not put.
    using Refusal = std::function<std::optional<orch::sdk::Failure>(std::string_view value)>;
    void make_asset(const std::string &name);
    void refuse_puts(Refusal refusal);
    // What was put into assets and which starts were answered, in their order: "put <name> <subject>",
    // "start <subject>".
    [[nodiscard]] std::vector<std::string> story() const;

    std::filesystem::path spool;
    std::atomic<int> busy_times = 0;   // answers "busy" so often
    std::atomic<int> lost_answers = 0; // takes the job, but the answer does not come back
    std::atomic<bool> refuses = false;

  private:
    mutable std::mutex mutex_;
    std::map<std::string, orch::sdk::JobRequest> taken_;
    std::vector<std::string> order_;
    std::vector<orch::sdk::JournalEvent> events_;
    std::map<std::string, std::string> assets_; // those of the default tenant
    Refusal refusal_;
    std::vector<std::string> story_;
};

// May be moved on; what the scheduler waits by is the system's steady clock. [any thread]
class TestClock final : public Clock {
  public:
    [[nodiscard]] WallTime wall() const override { return system_.wall() + WallTime::duration(passed_); }
    [[nodiscard]] SteadyTime steady() const override { return system_.steady() + WallTime::duration(aged_); }
    void pass(WallTime::duration time) { passed_ += time.count(); }
    // As if this had gone by in which nothing was run.
    void age(WallTime::duration time) {
        passed_ += time.count();
        aged_ += time.count();
    }

  private:
    SystemClock system_;
    std::atomic<WallTime::duration::rep> passed_ = 0;
    std::atomic<WallTime::duration::rep> aged_ = 0;
};

class MailroomTest : public ::testing::Test {
  protected:
    void SetUp() override;
    void TearDown() override;

    // A trigger on the test's folder, started.
    void given_trigger(const std::string &id, trigger::Parameters parameters = {});
    void begin_trigger(const std::string &id, trigger::Parameters parameters = {}); // does not wait for it
    [[nodiscard]] WatchableMailbox mailbox() const;
    void close();  // the plugin stops
    void reopen(); // and starts again on the same ledger
    void stop(const std::string &id);
    // Takes a copy of the ledger, and puts it back, as an administrator does with a backup; the plugin stops
    // for each, and does not start again by itself. The host has forgotten its keys as well.
    void back_up();
    void restore();
    // Looks at once instead of waiting for the interval.
    void look();
    [[nodiscard]] Health health() const { return room->mailbox_health("mb-1"); }

    void expect_jobs(std::size_t count);
    template <class Condition>
    static bool eventually(Condition condition) {
        const auto until = std::chrono::steady_clock::now() + 20s;
        while (!condition()) {
            if (std::chrono::steady_clock::now() > until) return false;
            std::this_thread::sleep_for(2ms);
        }
        return true;
    }
    [[nodiscard]] std::vector<ledger::LogRow> log_of(const std::string &trigger);

    std::filesystem::path folder_path;
    std::shared_ptr<Folder> folder = std::make_shared<Folder>();
    Host host;
    TestClock clock;
    std::unique_ptr<ledger::Ledger> ledger;
    std::unique_ptr<trigger::Spool> spool;
    trigger::Figures figures;
    std::unique_ptr<UnderWork> under_work;
    mutable std::atomic<int> changes = 0; // of what the mailbox shows, as it was told
    std::unique_ptr<trigger::Delivery> delivery;
    std::unique_ptr<Mailroom> room;
    bool remove_received = false;
    std::string trusted_authserv;
    std::vector<std::shared_ptr<const trigger::ActiveTrigger>> triggers;
    std::set<std::string> started; // what the host would say; guarded by `started_mutex`
    mutable std::mutex started_mutex;
};

} // namespace roe::watch::testing
