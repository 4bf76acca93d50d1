// What must survive a crash: what was decided, what is still to be started, what is still to be done to a mail.
//
// Promises
//  - `commit_pass` is one transaction: marks, decisions, outbox and disposals become durable together or not
//    at all; when it returns they are on disk.
//  - An outbox row lives until the host has accepted its key, a person has skipped it, or its trigger is
//    forgotten; nothing else removes it.
//  - A (trigger, folder, mail) is decided once; a second decision for it is ignored and makes no outbox row,
//    but for one that a person asked for. Its row of the message log keeps its id from the first trouble on.
//  - Marks only grow, but for a new baseline or another validity.
//  - After `note_restored` nothing that was decided or waiting before asks for a start by itself.
//  - A pass with an epoch older than the lease's fails with Fault::storage and changes nothing.
//  - `record_answers` and `finish_disposals` outlive the process, but the last of them may be lost when power
//    fails. Then the host is asked once more with the same key, and a mail marked or deleted once more.
//  - The authors of a start are known as soon as it is, in the same transaction.
//  - A mail is handed out for disposal only under the validity that it was decided under, when every trigger
//    has decided and every start that it belongs to is accepted. One that a person skipped is never touched.
//
// What stays, and for how long
//  - The record of a start (trigger, mail, fingerprint, key) is what keeps a mail from starting twice. It
//    stays as long as the mail may be in the mailbox: it goes with the trigger or the mailbox, or when the
//    log expires after we deleted the mail ourselves.
//  - A row of the message log is for people. It goes when it is older than asked for and nothing hangs on
//    it: its start is accepted, and the trigger's mark covers the mail, so that no look brings it up again.
//
// [any thread]. Calls block for a transaction. None throws.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "source/arrival_book.hpp"
#include "source/change_book.hpp"
#include "source/mail_source.hpp"

namespace roe::ledger {

using RowId = std::int64_t;

// A mailbox as the settings page keeps it. `values` is JSON without secrets; `sealed` maps the name of
// each secret to its text as sealed by the host.
struct MailboxRow {
    std::string id;
    std::string tenant;
    std::string address; // folded; unique in the tenant
    std::string values;
    std::map<std::string, std::string> sealed;
    std::int64_t revision = 0; // grows with every change
};

// A folder that is or was watched. `server` names the account ("imap://ann@host:143"), so that a mailbox
// moved to another server is noticed.
struct FolderRow {
    RowId id = 0;
    std::string mailbox;
    std::string folder;
    std::string server;
    std::string validity;                // as of the last look; empty before the first
    std::optional<WallTime> last_mail{}; // arrival of the newest that its triggers have decided on
};

// How far a trigger has got in a folder.
struct Mark {
    std::string trigger;
    std::int64_t order = 0;        // every mail up to here is decided, but for those in `pending`
    std::string validity;          // the UIDVALIDITY that `order` belongs to
    WallTime baseline_at{};        // when its first look was
    std::int64_t reconcile_to = 0; // identity was lost: mails up to here are held against `fired` first
    WallTime restored_until{};     // that of the restore whose baseline it is; epoch: of none
};

// A trigger whose ledger came out of a backup: what it did between `from` and `until` is not known any more.
struct Restored {
    WallTime from{};  // the last that the backup knows of
    WallTime until{}; // when it was restored; names the restore
    struct Baseline {
        WallTime at{};
        std::int64_t passed_over = 0; // mails that were there by then and are taken to be dealt with
    };
    std::optional<Baseline> baseline; // empty: the trigger has not looked since
};

// What the message log says of a mail.
struct MailWords {
    std::string message_id;
    std::string subject;
    std::string from;
    WallTime received_at{};
};

// A person's wish that a mail start its job whatever its trigger has decided on it before.
struct OnceMore {
    std::string by;
    WallTime at{}; // tells one wish from the next
};

// A mail that a trigger is still to decide on, although its mark has passed it.
struct PendingMail {
    std::string trigger;
    MailRef ref;
    int attempts = 0;
    WallTime not_before{};
    std::string last_error;
    bool quarantined = false; // not tried again until a person wants it
    std::optional<OnceMore> once_more{};
    int deaths = 0; // how often in a row the process ended while the mail was being read
    // For the message log, which shows it when something went wrong. Not read back.
    std::string tenant{};
    MailWords words{};
};

// A mail that was being read when the process ended, as that process has noted it.
struct InterruptedMail {
    RowId folder = 0;
    std::string validity;
    MailRef ref;
    std::string node;
    std::int64_t epoch = 0;
    std::string tenant;
    std::vector<std::string> triggers; // that were to decide on it
    MailWords words{};                 // as far as it was read
};

// Mails that a trigger is tried on again and again, as something went wrong with them, or that wait for a
// person after too many tries: `mails` are the first.
struct PutOffMails {
    std::int64_t count = 0;
    std::int64_t quarantined = 0; // of them
    std::vector<PendingMail> mails;
};

enum class MessageState { pending, skipped, queued, delivered, parked, quarantined, held };

// Who wrote a mail, and what an answer to it says of it.
struct Author {
    std::int64_t number = 0; // among the authors of a start, from 1; the ledger's to give
    std::string address;     // ASCII
    std::string subject;
    std::string message_id;                // may be empty
    std::vector<std::string> references{}; // message ids without blanks
};

// A parked start whose authors are still to be told that it did not start.
struct UntoldStart {
    std::string key;
    std::string trigger;
    std::string tenant;
    std::vector<Author> authors;
};

// A row of the message log: what a trigger decided on a mail, and why.
//
// `matched` and not `duplicate` asks for a start. `duplicate` is a mail that has started its job before, under
// another identity: no start, but the mail is disposed of like its first copy, once that start is accepted.
struct Decision {
    std::string trigger;
    std::string tenant;
    MailRef ref;
    std::string fingerprint; // of header block, date, sender and size
    std::string message_id;
    std::string subject;
    std::string from;
    WallTime received_at{};
    bool matched = false;
    bool duplicate = false;
    std::string reason_code;
    std::string reason_text;
    // When matched. Decisions of one pass with the same key share one outbox row (Launch `perPass`): the first
    // carries payload and spool, the others leave them empty; an answer for the row is an answer for all.
    std::string key;        // idempotency key; a mail's own again for each time that it is started once more
    std::string payload;    // JSON
    std::string spool;      // folder name below the host's spool folder
    bool once_more = false; // a person asked for it: counts although the mail was decided on before
    std::vector<Author> authors{}; // who is to be told what becomes of the start; each address once for a key
};

struct Pass {
    RowId folder = 0;
    std::string validity;
    std::string node;
    std::int64_t epoch = 0;
    std::vector<Decision> decisions;
    std::vector<Mark> marks;          // new marks; a mark never goes back
    std::vector<PendingMail> pending; // mails put off: inserted or updated (attempts, not_before)
    // What is to happen to the matched mails; empty: nothing. Of it `remove` is kept with each mail; where to
    // move it and the keyword count as they are when it is done.
    std::optional<Disposal> disposal;
    WallTime decided_at{};

    // Whether the files that the rows name are on disk: asked when all rows are written, before the commit, so
    // that the one can go on beside the other; perhaps more than once. Empty: there are none.
    std::function<Result<void>()> files_durable{};
};

// A start that the host has not answered for yet.
struct OutboxRow {
    RowId id = 0;
    RowId folder = 0;
    std::string trigger;
    std::string tenant;
    MailRef ref;
    std::string key;
    std::string payload;
    std::string spool;
    int attempts = 0;
    WallTime not_before{};
    WallTime created_at{};
    bool released = false; // a person let it go after it was held: no brake counts or holds it any more
};

// A mail for which a trigger has asked for a job, or that counts as the same mail as one.
struct FiredMail {
    std::string fingerprint;
    RowId folder = 0;
    std::string validity;
    MailRef ref;          // order 0: from before the ledger kept it
    bool started = false; // a job was asked for it; false: for another copy of it
    bool removed = false; // we have deleted it ourselves
};

// How the host answered for an outbox row.
struct Answer {
    RowId outbox = 0;
    bool accepted = false; // false: try again later, or park
    bool asked = true;     // false: the host was not asked at all, as it was not the start's turn
    bool park = false;     // the host refused for good: keep it where an operator sees it
    std::string job;
    std::string words;
    WallTime at{};
    WallTime not_before{};
    std::string task{}; // whose brake counts it, when it is accepted; empty: none does
};

// What has come over a task's brake: it is put on, and holds these starts.
struct Hold {
    std::string task;
    std::vector<std::string> triggers; // of the task: their starts that the host was never asked for are held
    std::string reason;
    WallTime at{};
};

// The starts of a trigger that its task's brake holds.
struct HeldStarts {
    std::int64_t count = 0;
    std::int64_t of_task = 0; // of all the triggers of the task
    WallTime since{};
    std::string reason;
    RowId message = 0; // the oldest of them in the message log
};

// A mail that may be marked, moved or deleted now: every trigger has decided, every start is accepted.
struct DisposalRow {
    RowId id = 0;
    MailRef ref;
    bool remove = false; // as it was when the mail was decided on
    int attempts = 0;
};

struct LogRow {
    RowId id = 0;
    std::string message_id;
    std::string subject;
    std::string from;
    WallTime received_at{};
    WallTime decided_at{};
    bool triggered = false;
    bool duplicate = false;
    MessageState state = MessageState::skipped;
    std::string reason_code;
    std::string reason_text;
    std::string job;
    int attempts = 0;                   // how often the mail was put off
    std::optional<WallTime> next_try{}; // of a mail that is put off
};

// What came of a person's wish for a row of the message log.
enum class Wish {
    granted,
    no_such_row,
    wrong_state,  // as the row is now, there is nothing to do of that kind
    out_of_reach, // the mail's name means nothing any more: renumbered, or another folder
};

struct TriggerTimes {
    std::optional<WallTime> last_fired;
    std::optional<WallTime> last_mail;
};

struct Backlog {
    std::int64_t queued = 0;      // starts that the host has not answered for
    std::int64_t parked = 0;      // starts that wait for a person
    std::int64_t held = 0;        // starts that a brake holds
    std::int64_t pending = 0;     // mails that a trigger is still to decide on
    std::int64_t quarantined = 0; // of them: those that wait for a person
    std::int64_t disposals = 0;   // mails that are to be marked, moved or deleted
};

class Ledger {
  public:
    virtual ~Ledger() = default;

    // Mailboxes of the settings page.
    virtual Result<std::vector<MailboxRow>> mailboxes(const std::optional<std::string> &tenant) = 0;
    virtual Result<std::optional<MailboxRow>> mailbox(const std::string &id) = 0;
    // False when the address is taken in the tenant.
    virtual Result<bool> insert_mailbox(const MailboxRow &row) = 0;
    // False when the row's revision is not `row.revision - 1` any more, or the address is taken.
    virtual Result<bool> update_mailbox(const MailboxRow &row) = 0;
    virtual Result<void> remove_mailbox(const std::string &id) = 0;

    // Mailboxes that a person has paused, and since when. Not only those of the settings page.
    virtual Result<std::map<std::string, WallTime>> pauses() = 0;
    virtual Result<void> pause(const std::string &mailbox, WallTime since) = 0;
    virtual Result<void> resume(const std::string &mailbox) = 0;

    // What a mailbox signs in with by OAuth 2.0, as sealed by the host; empty: nothing is kept. Goes with the
    // mailbox. Not only those of the settings page.
    virtual Result<std::string> tokens(const std::string &mailbox) = 0;
    virtual Result<void> keep_tokens(const std::string &mailbox, const std::string &sealed) = 0;

    // Folders and marks.
    virtual Result<FolderRow> folder(const std::string &mailbox, const std::string &folder) = 0;
    virtual Result<void> set_folder_identity(RowId folder, const std::string &server,
                                             const std::string &validity) = 0;
    virtual Result<std::vector<Mark>> marks(RowId folder) = 0;
    // The trigger's first look: its mark, and the mails there that it is to decide on all the same.
    // Sets the folder's validity to the mark's, as does a pass.
    // Replaces an older baseline of the trigger in any folder.
    virtual Result<void> set_baseline(RowId folder, const Mark &mark, std::span<const MailRef> pending) = 0;
    // A backup was restored. Starts that wait are parked, as they may have been made since; what the trigger
    // finds at its next look counts as dealt with. A restore that is noted already, which is known by its
    // `until`, changes nothing.
    virtual Result<void> note_restored(const std::string &trigger, WallTime from, WallTime until) = 0;
    virtual Result<std::optional<Restored>> restored(const std::string &trigger) = 0;
    // The first look after that, in `mark.restored_until`: a baseline with nothing pending. Mails that the
    // trigger had not decided on are left on the server, for a person to look at. `newer` is how many came
    // after its old mark; returns how many were passed over, with those that were pending.
    virtual Result<std::int64_t> set_restored_baseline(RowId folder, const Mark &mark, std::int64_t newer) = 0;
    virtual Result<std::vector<PendingMail>> pending(RowId folder, WallTime now, std::size_t limit) = 0;
    // Counts a death of the process for the triggers that have not decided on the mail; nothing is changed when
    // the mail means nothing any more, or the mailbox belongs to another node since.
    virtual Result<void> count_death(const InterruptedMail &mail, WallTime now) = 0;
    // Such mails that the trigger's mark has not passed, so that the next looks bring them up; `pending` names
    // those that it has passed.
    virtual Result<std::vector<PendingMail>> interrupted(RowId folder, const std::string &validity) = 0;
    // The mails that trouble kept the trigger from deciding on, the oldest first.
    virtual Result<PutOffMails> put_off(const std::string &trigger, std::size_t limit) = 0;
    // Mails with one of these fingerprints for which this trigger asked for a job, accepted or not, in any
    // folder.
    virtual Result<std::vector<FiredMail>> fired(const std::string &trigger,
                                                 std::span<const std::string> fingerprints) = 0;

    // The order of mails whose names carry none, for one folder (ArrivalBook). A list that is the last one with
    // something added costs no more than what was added.
    virtual Result<ArrivalBook::Shared> shared_names(RowId folder) = 0;
    virtual Result<ArrivalBook::Standing> note_arrivals(RowId folder, std::span<const ArrivalBook::Mail> mails,
                                                        const ArrivalBook::Shared &newly_shared,
                                                        WallTime now) = 0;
    virtual Result<std::vector<MailRef>> arrivals(RowId folder, std::int64_t after, std::size_t limit) = 0;
    virtual Result<void> remove_arrivals(RowId folder, std::span<const MailRef> mails) = 0;

    // The same for servers that tell of changes (ChangeBook); `subject` is the folder as the server names it.
    virtual Result<ChangeBook::Standing> change_standing(RowId folder, std::string_view subject) = 0;
    virtual Result<ChangeBook::Standing> note_changes(RowId folder, std::string_view subject,
                                                      const ChangeBook::Changes &changes, WallTime now) = 0;
    virtual Result<std::vector<MailRef>> arrivals_named(RowId folder,
                                                        std::span<const std::string_view> names) = 0;

    // Returns the outbox rows that the pass made (without those that were decided before).
    // A start for several mails of which some were decided before fails: look again, its payload is stale.
    virtual Result<std::vector<OutboxRow>> commit_pass(const Pass &pass) = 0;

    // The outbox, oldest first; only rows of these triggers: a stopped trigger's starts wait for it.
    virtual Result<std::vector<OutboxRow>> due_outbox(std::span<const std::string> started, WallTime now,
                                                      std::size_t limit) = 0;
    virtual Result<std::optional<WallTime>> next_outbox_time(std::span<const std::string> started) = 0;
    virtual Result<void> record_answers(std::span<const Answer> answers) = 0;

    // The brake of a task: it is put on by too many starts, and holds those that follow until a person has let
    // them go. It is let go itself when it holds nothing any more; then its count begins anew.
    //
    // How many starts the host took of the task after `since`.
    virtual Result<std::int64_t> starts_since(const std::string &task, WallTime since) = 0;
    // Why the brake is on; empty: it is not.
    virtual Result<std::string> brake_reason(const std::string &task) = 0;
    // False when the brake was on before.
    virtual Result<bool> hold(const Hold &hold) = 0;
    // What it holds of a trigger; empty: nothing.
    virtual Result<std::optional<HeldStarts>> held(const std::string &trigger) = 0;
    // By a row that is held: all that the brake of its task holds is started, or given up.
    virtual Result<Wish> release_all(const std::string &trigger, RowId row) = 0;
    virtual Result<Wish> skip_all(const std::string &trigger, RowId row, const std::string &by) = 0;

    // What a person wants of a row of the message log. Parked and held starts and mails that are put off or
    // quarantined can be tried again now, or be given up.
    virtual Result<Wish> retry(const std::string &trigger, RowId row) = 0;
    virtual Result<Wish> skip(const std::string &trigger, RowId row, const std::string &by) = 0;
    // A mail that was skipped or has started its job is decided on anew, and matches then.
    virtual Result<Wish> start_again(const std::string &trigger, RowId row, const OnceMore &wish) = 0;

    // Whom the outcome of a start is told, by their numbers. Kept as long as the message log, and erased with
    // it.
    virtual Result<std::vector<Author>> authors(const std::string &key) = 0;
    // Starts that the host has refused since; not those that a restore has parked, which may have been made.
    virtual Result<std::vector<UntoldStart>> untold_starts(std::size_t limit) = 0;
    // The authors know, and are not told again should it be parked once more.
    virtual Result<void> note_told(const std::string &key) = 0;

    // What is to be done to mails. `started` are the triggers of this folder that must have decided.
    virtual Result<std::vector<DisposalRow>> ready_disposals(RowId folder, std::span<const std::string> started,
                                                             WallTime now, std::size_t limit) = 0;
    virtual Result<void> finish_disposals(RowId folder, std::span<const RowId> rows, const Disposal &done) = 0;
    virtual Result<void> put_off_disposals(std::span<const RowId> rows, WallTime not_before,
                                           const std::string &error) = 0;

    // What people read.
    virtual Result<std::vector<LogRow>> log(const std::string &trigger, std::optional<RowId> before,
                                            std::size_t limit) = 0;
    virtual Result<TriggerTimes> trigger_times(const std::string &trigger) = 0;
    // The trigger is deleted: everything of it goes, starts that are not accepted too.
    virtual Result<void> forget_trigger(const std::string &trigger) = 0;
    virtual Result<void> expire_log(WallTime older_than) = 0;
    // What the tenant's message log says of mails goes, the rows stay: they keep mails from starting twice.
    // Authors go, so that nobody is told what became of these mails. Returns how many there were that said
    // something.
    virtual Result<std::int64_t> erase_log(const std::string &tenant) = 0;

    // What is still to be done, of all triggers.
    virtual Result<Backlog> backlog() = 0;

    // A mailbox belongs to one node at a time. The epoch grows each time it changes hands; empty when another
    // node holds it. With a duration of 0 the holder gives it up.
    virtual Result<std::optional<std::int64_t>> lease(const std::string &mailbox, const std::string &node,
                                                      WallTime now, std::chrono::milliseconds duration) = 0;
};

// `database` is "sqlite" (then a file in `folder`) or a PostgreSQL connection string, as key=value pairs or as
// a URI; its tables stand in a schema of their own, run_on_email. Migrates the schema.
Result<std::unique_ptr<Ledger>> open_ledger(const std::string &database, const std::string &folder);

} // namespace roe::ledger
