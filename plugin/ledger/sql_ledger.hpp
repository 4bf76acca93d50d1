// The ledger in SQL, the same statements for both databases. One .cpp for each group of its functions.
#pragma once

#include <memory>

#include "ledger/ledger.hpp"
#include "ledger/sql/database.hpp"

namespace roe::ledger {

class SqlLedger final : public Ledger {
  public:
    explicit SqlLedger(std::unique_ptr<sql::Database> database) : database_(std::move(database)) {}

    // mailboxes.cpp
    Result<std::vector<MailboxRow>> mailboxes(const std::optional<std::string> &tenant) override;
    Result<std::optional<MailboxRow>> mailbox(const std::string &id) override;
    Result<bool> insert_mailbox(const MailboxRow &row) override;
    Result<bool> update_mailbox(const MailboxRow &row) override;
    Result<void> remove_mailbox(const std::string &id) override;
    Result<std::map<std::string, WallTime>> pauses() override;
    Result<void> pause(const std::string &mailbox, WallTime since) override;
    Result<void> resume(const std::string &mailbox) override;

    // folders.cpp
    Result<FolderRow> folder(const std::string &mailbox, const std::string &folder) override;
    Result<void> set_folder_identity(RowId folder, const std::string &server,
                                     const std::string &validity) override;
    Result<std::vector<Mark>> marks(RowId folder) override;
    Result<void> set_baseline(RowId folder, const Mark &mark, std::span<const MailRef> pending) override;
    Result<std::int64_t> set_restored_baseline(RowId folder, const Mark &mark, std::int64_t newer) override;

    // pending.cpp
    Result<std::vector<PendingMail>> pending(RowId folder, WallTime now, std::size_t limit) override;
    Result<PutOffMails> put_off(const std::string &trigger, std::size_t limit) override;

    // interrupted.cpp
    Result<void> count_death(const InterruptedMail &mail, WallTime now) override;
    Result<std::vector<PendingMail>> interrupted(RowId folder, const std::string &validity) override;

    // wishes.cpp
    Result<Wish> retry(const std::string &trigger, RowId row) override;
    Result<Wish> skip(const std::string &trigger, RowId row, const std::string &by) override;
    Result<Wish> start_again(const std::string &trigger, RowId row, const OnceMore &wish) override;

    Result<Wish> release_all(const std::string &trigger, RowId row) override;
    Result<Wish> skip_all(const std::string &trigger, RowId row, const std::string &by) override;

    // brakes.cpp
    Result<std::int64_t> starts_since(const std::string &task, WallTime since) override;
    Result<std::string> brake_reason(const std::string &task) override;
    Result<bool> hold(const Hold &hold) override;
    Result<std::optional<HeldStarts>> held(const std::string &trigger) override;

    // restored.cpp
    Result<void> note_restored(const std::string &trigger, WallTime from, WallTime until) override;
    Result<std::optional<Restored>> restored(const std::string &trigger) override;

    // arrivals.cpp
    Result<ArrivalBook::Shared> shared_names(RowId folder) override;
    Result<ArrivalBook::Standing> note_arrivals(RowId folder, std::span<const ArrivalBook::Mail> mails,
                                                const ArrivalBook::Shared &newly_shared, WallTime now) override;
    Result<std::vector<MailRef>> arrivals(RowId folder, std::int64_t after, std::size_t limit) override;
    Result<void> remove_arrivals(RowId folder, std::span<const MailRef> mails) override;

    // changes.cpp
    Result<ChangeBook::Standing> change_standing(RowId folder, std::string_view subject) override;
    Result<ChangeBook::Standing> note_changes(RowId folder, std::string_view subject,
                                              const ChangeBook::Changes &changes, WallTime now) override;
    Result<std::vector<MailRef>> arrivals_named(RowId folder, std::span<const std::string_view> names) override;

    // pass.cpp
    Result<std::vector<FiredMail>> fired(const std::string &trigger,
                                         std::span<const std::string> fingerprints) override;
    Result<std::vector<OutboxRow>> commit_pass(const Pass &pass) override;

    // outbox.cpp
    Result<std::vector<OutboxRow>> due_outbox(std::span<const std::string> started, WallTime now,
                                              std::size_t limit) override;
    Result<std::optional<WallTime>> next_outbox_time(std::span<const std::string> started) override;
    Result<void> record_answers(std::span<const Answer> answers) override;

    // authors.cpp
    Result<std::vector<Author>> authors(const std::string &key) override;
    Result<std::vector<UntoldStart>> untold_starts(std::size_t limit) override;
    Result<void> note_told(const std::string &key) override;

    // disposals.cpp
    Result<std::vector<DisposalRow>> ready_disposals(RowId folder, std::span<const std::string> started,
                                                     WallTime now, std::size_t limit) override;
    Result<void> finish_disposals(RowId folder, std::span<const RowId> rows, const Disposal &done) override;
    Result<void> put_off_disposals(std::span<const RowId> rows, WallTime not_before,
                                   const std::string &error) override;

    // log.cpp
    Result<std::vector<LogRow>> log(const std::string &trigger, std::optional<RowId> before,
                                    std::size_t limit) override;
    Result<TriggerTimes> trigger_times(const std::string &trigger) override;
    Result<void> forget_trigger(const std::string &trigger) override;
    Result<void> expire_log(WallTime older_than) override;
    Result<std::int64_t> erase_log(const std::string &tenant) override;
    Result<Backlog> backlog() override;

    // tokens.cpp
    Result<std::string> tokens(const std::string &mailbox) override;
    Result<void> keep_tokens(const std::string &mailbox, const std::string &sealed) override;

    // leases.cpp
    Result<std::optional<std::int64_t>> lease(const std::string &mailbox, const std::string &node, WallTime now,
                                              std::chrono::milliseconds duration) override;

  private:
    // `work` takes the session and returns Result<T>.
    template <class T, class Work>
    Result<T> read(std::string_view doing, Work work) {
        return outcome_of<T>(work, [&](const sql::Unit &unit) { return database_->read(doing, unit); });
    }

    template <class T, class Work>
    Result<T> write(std::string_view doing, Work work, sql::Commit commit = sql::Commit::ordinary) {
        return outcome_of<T>(work,
                             [&](const sql::Unit &unit) { return database_->write(doing, unit, commit); });
    }

    template <class T, class Work, class Run>
    static Result<T> outcome_of(Work &work, Run run) {
        std::optional<T> outcome;
        Result<void> ran = run([&](sql::Session &session) -> Result<void> {
            Result<T> result = work(session);
            if (!result) return std::move(result.error());
            outcome = std::move(*result);
            return {};
        });
        if (!ran) return std::move(ran.error());
        return std::move(*outcome);
    }

    // Runs `statement` on the rows of decision that `ids` selects, some at a time. Returns how many there were.
    Result<std::int64_t> in_slices(const char *doing, const std::string &statement, const std::string &ids,
                                   const sql::Values &values);

    Result<void> change(std::string_view doing, const sql::Unit &unit,
                        sql::Commit commit = sql::Commit::ordinary) {
        return database_->write(doing, unit, commit);
    }

    std::unique_ptr<sql::Database> database_;
};

// The tasks whose brakes hold a start of the trigger.
std::vector<std::string> held_by(sql::Session &session, const std::string &trigger);
// Lets the task's brake go when nothing is held by it any more, and begins its count anew.
void let_go_if_empty(sql::Session &session, const std::string &task);

// In the column `gone` of fired: how the mail left its folder by our own hand.
inline constexpr std::int64_t gone_removed = 1;
inline constexpr std::int64_t gone_moved = 2;

inline std::int64_t to_column(WallTime time) {
    return time.time_since_epoch().count();
}
inline WallTime to_time(std::int64_t column) {
    return WallTime(std::chrono::milliseconds(column));
}
inline std::int64_t to_limit(std::size_t limit) {
    constexpr std::size_t most = 1'000'000;
    return static_cast<std::int64_t>(limit < most ? limit : most);
}

} // namespace roe::ledger
