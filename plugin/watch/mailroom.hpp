// Which folders are watched, for which triggers: starts, stops and edits of triggers and mailboxes end here.
//
// One watch per mailbox and folder, however many triggers. [any thread]
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "trigger/author_notices.hpp"
#include "watch/folder_watch.hpp"
#include "watch/scheduler.hpp"

namespace roe::watch {

// A mailbox as watching needs it.
struct WatchableMailbox {
    std::string id;
    std::string address;
    std::string protocol;
    std::string folder; // its own; a trigger may name another
    std::string server; // identity of the account: "ann@imap.example.com"
    std::string lane;   // who is slow when it is slow: "imap.example.com:993"
    Disposal disposal;
    std::string trusted_authserv; // whose Authentication-Results count; empty: nobody's
    // Ids of the triggers on a folder that the host has started.
    std::function<Result<std::vector<std::string>>(const std::string &folder)> started_triggers;
    // What `mailbox_health` gives has changed by itself; may be empty. Must not call back.
    std::function<void()> changed;
    // For a folder. Called for each new session, so that a password is held no longer than that.
    std::function<Result<std::unique_ptr<MailSource>>(const std::string &folder)> make_source;
};

class Mailroom {
  public:
    struct Ports {
        Tools tools;
        std::string node;
        std::chrono::hours log_retention;       // of the message log
        std::map<std::string, WallTime> paused; // mailboxes, as the ledger knows them
        std::function<void(const std::string &)> log;
        trigger::AuthorNotices *notices = nullptr; // null: nobody is told of parked starts
    };

    Mailroom(Ports ports, std::size_t workers);
    ~Mailroom();
    Mailroom(const Mailroom &) = delete;
    Mailroom &operator=(const Mailroom &) = delete;

    // Watches for the trigger in the mailbox; replaces what the trigger watched before.
    void start(std::shared_ptr<const trigger::ActiveTrigger> trigger, const WatchableMailbox &mailbox);
    // Returns when the trigger asks for no more jobs.
    void stop(const std::string &trigger);

    // The mailbox was edited: its sessions end before those with the new settings begin.
    void replace(const WatchableMailbox &mailbox);

    // Nothing of the mailbox is looked at until it is resumed, also after a restart. Returns when its sessions
    // have ended; what they have matched by then still starts its jobs.
    Result<void> pause(const std::string &mailbox);
    // Mail that came meanwhile starts jobs.
    Result<void> resume(const std::string &mailbox);
    // The mailbox was deleted.
    void forget(const std::string &mailbox);

    // A person wants a mail to be looked at that the trigger has put off.
    void expect_pending(const std::string &trigger);
    // The outbox holds starts that are due now or soon.
    void sweep_outbox();

    // Starts were parked: their authors are to be told.
    void tell_of_parked();

    // How the mailbox is doing: its worst folder. `idle` when nothing of it is watched, `paused` when it may
    // not be.
    [[nodiscard]] Health mailbox_health(const std::string &mailbox) const;

    // How many mailboxes that started triggers use are in which state.
    [[nodiscard]] std::map<State, std::size_t> states() const;
    // Of the folders that are watched, the last successful look into the one that has waited longest; when its
    // watch began, if there was none. Empty: none is watched.
    [[nodiscard]] std::optional<WallTime> oldest_look() const;

    struct TriggerHealth {
        bool ready = false; // it has its baseline
        Health folder;
    };
    // Empty when the trigger is not started. Asks the ledger for one of a paused mailbox.
    [[nodiscard]] std::optional<TriggerHealth> trigger_health(const std::string &trigger) const;

    // Returns when no thread is left.
    void close();

  private:
    struct Folder {
        WatchableMailbox mailbox;
        std::string name;
        std::shared_ptr<FolderWatch> watch; // null while the mailbox is paused
        WallTime watched_since{};
        Scheduler::Id work = 0;
        Triggers triggers;
    };
    using FolderKey = std::pair<std::string, std::string>; // mailbox, folder

    class OutboxSweep;
    class LogExpiry;
    class ParkedNotices;

    void attach(std::shared_ptr<const trigger::ActiveTrigger> trigger, const WatchableMailbox &mailbox);
    void detach(const std::string &trigger);
    void drop(const FolderKey &key);
    void begin(Folder &folder);
    void end_watch(const FolderKey &key);
    [[nodiscard]] std::vector<FolderKey> folders_of(const std::string &mailbox) const;
    [[nodiscard]] Health health_of(const std::string &mailbox) const;
    [[nodiscard]] Health at_rest(const std::string &mailbox) const;
    [[nodiscard]] bool has_baseline(const std::string &trigger, const FolderKey &key) const;
    void expect_disposals(const std::set<ledger::RowId> &rows);

    Ports ports_;
    Scheduler scheduler_;
    Scheduler::Id sweep_work_ = 0;
    Scheduler::Id notices_work_ = 0;

    std::mutex changes_; // one start, stop or edit at a time; never taken by a worker
    mutable std::mutex mutex_;
    std::map<FolderKey, Folder> folders_;
    std::map<std::string, FolderKey> where_;                     // of each started trigger
    std::map<std::string, WallTime> paused_;                     // mailboxes, and since when
    std::map<std::string, std::shared_ptr<Standoff>> standoffs_; // by mailbox
    std::map<std::string, Health> last_; // of mailboxes that were watched before, as they were left
    WallTime began_;
};

} // namespace roe::watch
