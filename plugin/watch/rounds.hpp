// What is done with the mails of an open folder: baselines for new triggers, passes over pending and new mails,
// and what happens to mails on the server afterwards.
//
// Knows how far each trigger has got; survives the sessions of its folder. A crash at any point repeats nothing
// and loses nothing, by this order: files of the mail durable, outbox and marks in one transaction, host,
// answer recorded, mail marked or deleted. [one worker at a time]
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "watch/pass.hpp"

namespace roe::watch {

class Rounds {
  public:
    using StartedTriggers = std::function<Result<std::vector<std::string>>()>;

    // `started`: ids of all triggers on the folder that the host has started, watched for already or not.
    Rounds(Tools tools, StartedTriggers started, std::function<void(const std::string &)> log)
        : tools_(tools), started_(std::move(started)), log_(std::move(log)) {}

    // A session was opened: reads the marks anew. `source` must outlive the following calls.
    Result<void> begin(Place place, MailSource &source);

    // Triggers that have none get their first mark, durably. True when there were any.
    Result<bool> take_baselines(const Triggers &triggers);

    // One window of mails that the marks have passed already, or of new ones. True: there are more.
    Result<bool> pending_mail(const Triggers &triggers);
    Result<bool> new_mail(const Triggers &triggers);

    // Marks, moves or deletes the mails that everybody is done with: those who share the folder but are not
    // here yet too. While more mail is to be taken only as much as is worth a request or two. True: there are
    // more, and the session can do no more.
    Result<bool> dispose(const Triggers &triggers, bool more_mail);
    void expect_disposals() { disposals_waiting_ = true; }
    // Somebody has changed what is pending.
    void expect_pending() { pending_due_ = {}; }
    [[nodiscard]] bool disposals_waiting() const { return disposals_waiting_; }

    // Why the mails of the last disposal were left as they are; empty: they were not.
    [[nodiscard]] const std::optional<Error> &refused_disposal() const { return refused_disposal_; }

    // Arrival of the newest mail that was looked at.
    [[nodiscard]] const std::optional<WallTime> &last_mail() const { return last_mail_; }

  private:
    [[nodiscard]] bool is_restored(const trigger::ActiveTrigger &trigger) const;
    // After a restore. False when it has looked since.
    Result<bool> begin_anew(const trigger::ActiveTrigger &trigger, const FolderStatus &status);
    Result<std::int64_t> count_newer(const trigger::ActiveTrigger &trigger, const FolderStatus &status);
    Result<ledger::Mark> first_mark(const trigger::ActiveTrigger &trigger, const FolderStatus &status,
                                    std::vector<MailRef> &pending);
    [[nodiscard]] Result<std::vector<std::string>> everybody(const Triggers &triggers) const;
    Result<void> run_in_steps(std::vector<Candidate> candidates, const Triggers &triggers,
                              std::int64_t complete_to);
    Result<void> run_step(Batch batch);
    void tell_quarantined(const std::vector<ledger::PendingMail> &set_aside, const Batch &batch);
    void blame(std::optional<std::int64_t> suspect, const Error &error);
    // The server refused this of them, or of some of them.
    Result<void> note_refused(std::span<const ledger::RowId> rows, std::span<const MailRef> refs,
                              const Disposal &what, const Error &error);
    // The next look; a head that ends the session, whatever it is asked with, counts as withheld.
    Result<Look> look(std::int64_t after, std::size_t window, Bodies bodies);
    // The heads of these, which are one when a head has ended a session.
    Result<std::vector<MailHead>> heads_of(const std::vector<MailRef> &refs);

    Tools tools_;
    StartedTriggers started_;
    std::function<void(const std::string &)> log_;
    Place place_;
    MailSource *source_ = nullptr;
    std::map<std::string, ledger::Mark> marks_; // by trigger
    std::map<std::int64_t, int> broke_on_;      // by mail: how often the session broke while it came in
    std::optional<PutOff> put_off_;
    int looks_broken_ = 0; // how many looks in a row have ended their session
    // Mails ahead of the marks over which the process has ended, by order: a row for each trigger.
    std::map<std::int64_t, std::vector<ledger::PendingMail>> interrupted_;
    bool one_at_a_time_ = false;            // reading pending heads has ended a session
    bool disposals_waiting_ = true;         // some may be left over from the last run of the process
    std::optional<WallTime> disposals_due_; // when those that the server refused are tried again
    std::optional<Error> refused_disposal_;
    WallTime refused_until_{}; // what was refused last waits till then
    bool disposed_once_ = false;
    std::vector<std::string> known_triggers_; // whom the last look was for
    WallTime pending_due_{};                  // the ledger need not be asked for pending mail before
    std::optional<WallTime> last_mail_;
};

} // namespace roe::watch
