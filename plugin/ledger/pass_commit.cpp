#include "ledger/pass_commit.hpp"

#include <algorithm>
#include <set>

#include "ledger/sql_ledger.hpp"

namespace roe::ledger {
namespace {

Error refusal(std::string doing, std::string words) {
    Error error;
    error.fault = Fault::storage;
    error.step = "ledger";
    error.doing = std::move(doing);
    error.server_text = std::move(words);
    return error;
}

bool asks_for_start(const Decision &decision) {
    return decision.matched && !decision.duplicate;
}

std::string joined(const std::vector<std::string> &ids) {
    std::string line;
    for (const auto &id : ids)
        line.append(line.empty() ? "" : " ").append(id);
    return line;
}

// Whether there is a start for the mail, now or before under another identity.
bool has_start(const Decision &decision) {
    return decision.matched || decision.duplicate;
}

template <class Name>
std::vector<sql::Values> values_of(std::map<Name, sql::Values> rows) {
    std::vector<sql::Values> list;
    list.reserve(rows.size());
    for (auto &[name, values] : rows)
        list.push_back(std::move(values));
    return list;
}

// What the message log says of a mail that is put off.
Decision as_decision(const PendingMail &mail) {
    Decision decision;
    decision.trigger = mail.trigger;
    decision.tenant = mail.tenant;
    decision.ref = mail.ref;
    decision.message_id = mail.words.message_id;
    decision.subject = mail.words.subject;
    decision.from = mail.words.from;
    decision.received_at = mail.words.received_at;
    decision.reason_code = "put-off";
    decision.reason_text = mail.last_error;
    return decision;
}

sql::Values decision_row(const Pass &pass, const Decision &decision, const char *state) {
    return {decision.trigger,
            decision.tenant,
            pass.folder,
            pass.validity,
            decision.ref.uid,
            decision.ref.order,
            decision.message_id,
            decision.subject,
            decision.from,
            to_column(decision.received_at),
            to_column(pass.decided_at),
            std::int64_t{decision.matched},
            std::int64_t{decision.duplicate},
            std::string(state),
            decision.reason_code,
            decision.reason_text,
            asks_for_start(decision) ? decision.key : std::string(),
            std::string(),
            std::string(),
            pass.node,
            pass.epoch};
}

const std::string insert_decision =
    "INSERT INTO decision (trigger_id, tenant, folder, validity, uid, ord, message_id, subject, sender, "
    "received_at, decided_at, matched, duplicate, state, reason_code, reason_text, job_key, job, words, node, "
    "epoch) VALUES ";

const std::vector<std::string_view> decision_types(21);

} // namespace

Result<std::vector<OutboxRow>> PassCommit::run() {
    if (auto checked = check_keys(); !checked) return std::move(checked.error());
    if (auto locked = lock_folder(); !locked) return std::move(locked.error());
    put_off();
    for (const Decision &decision : pass_.decisions)
        open_.emplace(Name{decision.trigger, decision.ref.uid}, &decision);
    leave_out_started();
    insert_decisions();
    if (auto whole = check_shared_starts(); !whole) return std::move(whole.error());
    insert_fired();
    auto outbox = insert_outbox();
    if (!outbox) return outbox;
    insert_authors();
    insert_disposals();
    remove_pending();
    raise_marks();
    note_times();
    if (pass_.files_durable) {
        if (auto flushed = pass_.files_durable(); !flushed) return std::move(flushed.error());
    }
    return outbox;
}

// Two starts under one key would be one start to the host: a mail would get no job.
Result<void> PassCommit::check_keys() const {
    for (const Decision &decision : pass_.decisions)
        if (asks_for_start(decision) && decision.key.empty())
            return refusal("recording a pass", "a start without an idempotency key");
    return {};
}

// Holding the folder's row keeps two passes over it apart, so that what is read below stays true.
Result<void> PassCommit::lock_folder() {
    const auto folder = session_.query_one<std::string, std::string>(
        "SELECT mailbox, validity FROM folder WHERE id = $1" + std::string(session_.dialect().for_update),
        {pass_.folder});
    if (!folder) return refusal("recording a pass", "its mailbox was removed");
    const auto &[mailbox, validity] = *folder;
    if (auto fence = check_fence(mailbox); !fence) return fence;
    if (validity != pass_.validity)
        session_.execute("UPDATE folder SET validity = $1 WHERE id = $2", {pass_.validity, pass_.folder});
    return {};
}

Result<void> PassCommit::check_fence(const std::string &mailbox) {
    const auto lease = session_.query_one<std::string, std::int64_t>(
        "SELECT node, epoch FROM lease WHERE mailbox = $1" + std::string(session_.dialect().for_share),
        {mailbox});
    if (!lease) return {};
    const auto &[node, epoch] = *lease;
    if (epoch == pass_.epoch && node == pass_.node) return {};
    return refusal("recording a pass", "the mailbox belongs to node " + node + " now (epoch " +
                                           std::to_string(epoch) + ", ours was " + std::to_string(pass_.epoch) +
                                           ")");
}

void PassCommit::put_off() {
    std::map<Name, sql::Values> rows;
    for (const PendingMail &mail : pass_.pending)
        rows[{mail.trigger, mail.ref.uid}] = {mail.trigger,
                                              pass_.folder,
                                              pass_.validity,
                                              mail.ref.uid,
                                              mail.ref.order,
                                              std::int64_t{mail.attempts},
                                              to_column(mail.not_before),
                                              mail.last_error,
                                              std::int64_t{mail.quarantined},
                                              std::int64_t{mail.deaths}};
    sql::execute_rows(session_,
                      "INSERT INTO pending (trigger_id, folder, validity, uid, ord, attempts, not_before, "
                      "last_error, quarantined, deaths) VALUES ",
                      " ON CONFLICT (folder, validity, trigger_id, uid) DO UPDATE SET "
                      "attempts = excluded.attempts, not_before = excluded.not_before, "
                      "last_error = excluded.last_error, quarantined = excluded.quarantined, "
                      "deaths = excluded.deaths",
                      {"", "", "", "", "", "", "", "", "", ""}, values_of(std::move(rows)));
    log_put_off();
}

// A person sees in the message log what is put off, and why. The row is the decision's, when it comes.
void PassCommit::log_put_off() {
    std::map<Name, sql::Values> rows;
    for (const PendingMail &mail : pass_.pending)
        rows[{mail.trigger, mail.ref.uid}] = decision_row(pass_, as_decision(mail), "pending");
    sql::execute_rows(session_, insert_decision,
                      " ON CONFLICT (folder, validity, trigger_id, uid) DO UPDATE SET "
                      "reason_code = excluded.reason_code, reason_text = excluded.reason_text, "
                      "decided_at = excluded.decided_at WHERE decision.state = 'pending'",
                      decision_types, values_of(std::move(rows)));
}

// A start outlives its row of the message log, so the log alone can't tell what was decided before.
void PassCommit::leave_out_started() {
    std::vector<sql::Values> names;
    for (const auto &[name, decision] : open_)
        if (has_start(*decision) && !decision->once_more)
            names.push_back({decision->trigger, decision->ref.uid});
    for (auto &started : sql::query_rows<std::string, std::string>(
             session_,
             "SELECT trigger_id, uid FROM fired WHERE folder = $1 AND validity = $2 AND "
             "(trigger_id, uid) IN (VALUES ",
             ")", {"TEXT", "TEXT"}, std::move(names), {pass_.folder, pass_.validity}))
        open_.erase(started);
}

// A pass may decide on a mail twice: the first decision is the one.
bool PassCommit::is_open(const Decision &decision) const {
    const auto found = open_.find({decision.trigger, decision.ref.uid});
    return found != open_.end() && found->second == &decision;
}

void PassCommit::insert_decisions() {
    std::vector<sql::Values> rows;
    rows.reserve(open_.size());
    // In the pass's order, so that the log reads like the folder.
    for (const Decision &decision : pass_.decisions) {
        if (!is_open(decision)) continue;
        rows.push_back(decision_row(pass_, decision, asks_for_start(decision) ? "queued" : "skipped"));
    }
    // Over a row that says that the mail is still to be decided on. Of a mail that is gone nothing more is
    // known. One that was to be started once more and is gone meanwhile has started its job before all the
    // same.
    const auto inserted = sql::query_rows<std::string, std::string>(
        session_, insert_decision,
        " ON CONFLICT (folder, validity, trigger_id, uid) DO UPDATE SET "
        "message_id = CASE WHEN excluded.reason_code = 'gone' THEN decision.message_id ELSE "
        "excluded.message_id "
        "END, subject = CASE WHEN excluded.reason_code = 'gone' THEN decision.subject ELSE excluded.subject "
        "END, "
        "sender = CASE WHEN excluded.reason_code = 'gone' THEN decision.sender ELSE excluded.sender END, "
        "received_at = CASE WHEN excluded.reason_code = 'gone' THEN decision.received_at "
        "ELSE excluded.received_at END, "
        "decided_at = excluded.decided_at, reason_code = excluded.reason_code, reason_text = "
        "excluded.reason_text, "
        "words = '', node = excluded.node, epoch = excluded.epoch, "
        "duplicate = excluded.duplicate, "
        "matched = CASE WHEN decision.job = '' THEN excluded.matched ELSE 1 END, "
        "state = CASE WHEN excluded.state = 'skipped' AND decision.job <> '' THEN 'delivered' "
        "ELSE excluded.state END, "
        "job_key = CASE WHEN excluded.job_key = '' THEN decision.job_key ELSE excluded.job_key END "
        "WHERE decision.state = 'pending' RETURNING trigger_id, uid",
        decision_types, std::move(rows));
    if (inserted.size() == open_.size()) return;
    const std::set<Name> fresh(inserted.begin(), inserted.end());
    std::erase_if(open_, [&](const auto &entry) { return !fresh.contains(entry.first); });
}

Result<void> PassCommit::check_shared_starts() const {
    std::map<std::string_view, bool> fresh; // by key
    for (const Decision &decision : pass_.decisions) {
        if (!asks_for_start(decision)) continue;
        const bool open = open_.contains({decision.trigger, decision.ref.uid});
        const auto [known, first] = fresh.emplace(decision.key, open);
        if (!first && known->second != open)
            return refusal("recording a pass", "some mails of one start were decided before");
    }
    return {};
}

void PassCommit::insert_fired() {
    std::vector<sql::Values> rows;
    for (const auto &[name, decision] : open_)
        if (has_start(*decision))
            rows.push_back({pass_.folder, pass_.validity, decision->ref.uid, decision->ref.order,
                            decision->trigger, decision->fingerprint,
                            decision->duplicate ? std::string() : decision->key, std::string(),
                            to_column(pass_.decided_at), std::int64_t{0}});
    sql::execute_rows(
        session_,
        "INSERT INTO fired (folder, validity, uid, ord, trigger_id, fingerprint, job_key, job, fired_at, "
        "gone) VALUES ",
        // Only what a person wants once more is there.
        " ON CONFLICT (folder, validity, uid, trigger_id) DO UPDATE SET job_key = excluded.job_key, job = '', "
        "fired_at = excluded.fired_at",
        {"", "", "", "", "", "", "", "", "", ""}, std::move(rows));
}

Result<std::vector<OutboxRow>> PassCommit::insert_outbox() {
    std::vector<sql::Values> rows;
    std::vector<OutboxRow> made;
    std::map<std::string, std::size_t, std::less<>> by_key;
    for (const Decision &decision : pass_.decisions) {
        if (!is_open(decision) || !asks_for_start(decision)) continue;
        if (const auto [known, first] = by_key.emplace(decision.key, made.size()); !first) {
            if (made[known->second].trigger != decision.trigger)
                return refusal("recording a pass", "two triggers use the key " + decision.key);
            continue;
        }
        OutboxRow row;
        row.folder = pass_.folder;
        row.trigger = decision.trigger;
        row.tenant = decision.tenant;
        row.ref = decision.ref;
        row.key = decision.key;
        row.payload = decision.payload;
        row.spool = decision.spool;
        row.not_before = row.created_at = pass_.decided_at;
        rows.push_back({row.key, row.trigger, row.tenant, row.folder, row.ref.uid, row.ref.order, row.spool,
                        std::string("queued"), std::int64_t{0}, to_column(row.not_before),
                        to_column(row.created_at), std::string(), pass_.node, pass_.epoch, row.payload});
        made.push_back(std::move(row));
    }
    const std::vector<std::string_view> types(rows.empty() ? 0 : rows.front().size());
    const auto ids = sql::query_rows<std::int64_t, std::string>(
        session_,
        "INSERT INTO outbox (job_key, trigger_id, tenant, folder, uid, ord, spool, state, attempts, "
        "not_before, "
        "created_at, last_error, node, epoch, payload) VALUES ",
        " ON CONFLICT (job_key) DO NOTHING RETURNING id, job_key", types, std::move(rows));
    if (ids.size() != made.size())
        return refusal("recording a pass", "a key is in use for another mail that has not started yet");
    for (const auto &[id, key] : ids)
        made[by_key.find(key)->second].id = id;
    return made;
}

void PassCommit::insert_authors() {
    std::map<std::string_view, std::set<std::string_view>> known; // addresses by key
    std::vector<sql::Values> rows;
    for (const Decision &decision : pass_.decisions) {
        if (!is_open(decision) || !asks_for_start(decision)) continue;
        for (const Author &author : decision.authors) {
            auto &of_start = known[decision.key];
            if (!of_start.insert(author.address).second) continue;
            rows.push_back({decision.key, static_cast<std::int64_t>(of_start.size()), decision.trigger,
                            decision.tenant, author.address, author.subject, author.message_id,
                            joined(author.references), to_column(pass_.decided_at), std::int64_t{0}});
        }
    }
    const std::vector<std::string_view> types(rows.empty() ? 0 : rows.front().size());
    sql::execute_rows(
        session_,
        "INSERT INTO author (job_key, number, trigger_id, tenant, address, subject, message_id, thread, "
        "noted_at, parked) VALUES ",
        // Of a start that was skipped by a person and forgotten by the log, whose mail comes again.
        " ON CONFLICT (job_key, number) DO NOTHING", types, std::move(rows));
}

void PassCommit::insert_disposals() {
    if (!pass_.disposal) return;
    std::map<std::string_view, sql::Values> rows;
    for (const auto &[name, decision] : open_)
        if (has_start(*decision))
            rows[decision->ref.uid] = {pass_.folder,
                                       pass_.validity,
                                       decision->ref.uid,
                                       decision->ref.order,
                                       std::int64_t{pass_.disposal->remove},
                                       std::int64_t{0},
                                       std::int64_t{0},
                                       std::string(),
                                       to_column(pass_.decided_at)};
    sql::execute_rows(
        session_,
        "INSERT INTO disposal (folder, validity, uid, ord, remove, attempts, not_before, last_error, "
        "created_at) VALUES ",
        " ON CONFLICT (folder, validity, uid) DO NOTHING", {"", "", "", "", "", "", "", "", ""},
        values_of(std::move(rows)));
}

void PassCommit::remove_pending() {
    if (!session_.query_one<std::int64_t>("SELECT 1 FROM pending WHERE folder = $1 LIMIT 1", {pass_.folder}))
        return;
    std::vector<sql::Values> names;
    for (const Decision &decision : pass_.decisions)
        names.push_back({decision.trigger, decision.ref.uid});
    sql::execute_rows(
        session_, "DELETE FROM pending WHERE folder = $1 AND validity = $2 AND (trigger_id, uid) IN (VALUES ",
        ")", {"TEXT", "TEXT"}, std::move(names), {pass_.folder, pass_.validity});
}

void PassCommit::raise_marks() {
    for (const Mark &mark : pass_.marks) {
        session_.execute("INSERT INTO mark (trigger_id, folder, validity, ord, baseline_at, reconcile_to, "
                         "restored_until) VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (folder, trigger_id) "
                         "DO UPDATE SET "
                         "validity = excluded.validity, ord = excluded.ord, reconcile_to = CASE "
                         "WHEN mark.validity = excluded.validity AND mark.reconcile_to > excluded.reconcile_to "
                         "THEN mark.reconcile_to ELSE excluded.reconcile_to END "
                         "WHERE mark.validity <> excluded.validity OR mark.ord < excluded.ord",
                         {mark.trigger, pass_.folder, mark.validity, mark.order, to_column(mark.baseline_at),
                          mark.reconcile_to, to_column(mark.restored_until)});
        // Names of another validity mean nothing any more; their mails are found again under new ones.
        session_.execute("DELETE FROM pending WHERE folder = $1 AND trigger_id = $2 AND validity <> $3",
                         {pass_.folder, mark.trigger, mark.validity});
    }
}

void PassCommit::note_times() {
    std::map<std::string_view, WallTime> last_mail;
    for (const auto &[name, decision] : open_) {
        WallTime &last = last_mail[decision->trigger];
        last = std::max(last, decision->received_at);
    }
    for (const auto &[trigger, time] : last_mail)
        session_.execute("INSERT INTO trigger_time (trigger_id, last_fired, last_mail) VALUES ($1, 0, $2) "
                         "ON CONFLICT (trigger_id) DO UPDATE SET last_mail = excluded.last_mail "
                         "WHERE trigger_time.last_mail < excluded.last_mail",
                         {std::string(trigger), to_column(time)});
}

} // namespace roe::ledger
