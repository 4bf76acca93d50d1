// Watches one folder of one mailbox for all triggers on it: the one owner of its session.
//
// A run opens the session if there is none, does the rounds, and says what to wait for. After a fault the
// session is thrown away and built anew later, never revived.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <random>
#include <set>
#include <string>

#include "watch/health.hpp"
#include "watch/rounds.hpp"
#include "watch/standoff.hpp"
#include "watch/work.hpp"

namespace roe::watch {

// What does not change while a folder is watched; an edited mailbox gets a new watch.
struct Watched {
    std::string mailbox; // id
    std::string address;
    std::string protocol;
    std::string folder;
    std::string server; // "ann@imap.example.com": whose UIDs these are
    std::string node;
    Disposal disposal;
    std::string trusted_authserv;
    std::shared_ptr<Standoff> standoff; // the mailbox's
    // Ids of the triggers on this folder that the host has started. More than those watched for, while the host
    // is still starting them one after the other.
    std::function<Result<std::vector<std::string>>()> started_triggers;
    // What `health` gives has changed; may be empty. Called without a lock.
    std::function<void()> changed;
    // Fails when the password can't be opened, say.
    std::function<Result<std::unique_ptr<MailSource>>()> make_source;
};

class FolderWatch final : public Work {
  public:
    FolderWatch(Tools tools, Watched watched, std::function<void(const std::string &)> log);
    ~FolderWatch() override;
    FolderWatch(const FolderWatch &) = delete;
    FolderWatch &operator=(const FolderWatch &) = delete;

    // [any thread] The triggers from the next run on. Poke the work afterwards.
    void set_triggers(Triggers triggers);
    [[nodiscard]] Triggers triggers() const;

    // [any thread]
    [[nodiscard]] Health health() const;
    // The trigger has its baseline: mail that comes from now on counts.
    [[nodiscard]] bool is_ready(const std::string &trigger) const;
    // A start was accepted that was not asked for by this watch: some mail may be ready to be disposed of.
    void expect_disposals() { disposals_expected_ = true; }
    // A person wants a mail to be looked at that is put off.
    void expect_pending() { pending_expected_ = true; }

    // The folder's row in the ledger; 0 before its first session.
    [[nodiscard]] ledger::RowId row() const { return row_; }

    Next run(Wake why) override;
    void cancel() override;

  private:
    Result<Next> attend(const Triggers &triggers, Wake why, Standoff::Turn &turn);
    Result<void> open();
    Result<bool> look(const Triggers &triggers);
    Result<Next> wait();
    Next poll_from_now_on();
    Next after_fault(const Error &error);
    // Says so, and looks again no sooner.
    Next in_trouble(const Error &error, SteadyTime until);
    void close();

    void enter(State state, std::optional<WallTime> until = {});
    [[nodiscard]] Health with_refusal() const;
    // Changes `health_` and what goes with it, and says so where a person would see the difference.
    template <class Change>
    void change_health(Change change);
    void note_look(const Triggers &triggers);
    void schedule_look(const Triggers &triggers);
    [[nodiscard]] std::chrono::milliseconds pause_between_looks(const Triggers &triggers) const;
    double chance();

    Tools tools_;
    const Watched watched_;
    const std::function<void(const std::string &)> log_;

    // Of the worker that runs.
    Rounds rounds_;
    std::unique_ptr<MailSource> source_;
    bool can_push_ = false;
    SteadyTime push_asked_again_at_ = SteadyTime::max();
    int times_deaf_ = 0; // in a row
    bool snapshot_ = false;
    std::chrono::milliseconds least_pause_{};   // between two sessions, as the server wants
    SteadyTime not_before_ = SteadyTime::min(); // of the next session
    bool parked_ = false;
    SteadyTime park_until_{};
    SteadyTime next_look_ = SteadyTime::min();
    int faults_in_a_row_ = 0;
    int parks_broken_ = 0; // in a row
    std::minstd_rand random_;

    std::atomic<ledger::RowId> row_ = 0;
    std::atomic<bool> cancelled_ = false;
    std::atomic<bool> disposals_expected_ = false;
    std::atomic<bool> pending_expected_ = false;

    mutable std::mutex mutex_; // guards what follows
    Triggers triggers_;
    Health health_;
    std::optional<Error> refused_disposal_; // as of the last look
    SteadyTime fresh_until_;                // by then the next look must have succeeded
    std::set<std::string> ready_;
    MailSource *live_source_ = nullptr; // for `cancel`
};

} // namespace roe::watch
