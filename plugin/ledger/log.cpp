#include <limits>

#include "ledger/sql_ledger.hpp"

namespace roe::ledger {
namespace {

MessageState state_of(const std::string &column) {
    if (column == "queued") return MessageState::queued;
    if (column == "delivered") return MessageState::delivered;
    if (column == "parked") return MessageState::parked;
    if (column == "held") return MessageState::held;
    if (column == "pending") return MessageState::pending;
    return MessageState::skipped;
}

// The trigger began anew, or the folder was renumbered, before it could decide on the mail under this name.
void abandon(LogRow &row) {
    row.state = row.job.empty() ? MessageState::skipped : MessageState::delivered;
    row.reason_code = "abandoned";
    row.reason_text =
        "Not looked at again under this name: the folder was renumbered, or the trigger began anew. "
        "Before: " +
        row.reason_text;
}

// Rows a statement changes at most, so that the writer is soon free again.
constexpr std::size_t slice = 2000;

} // namespace

Result<std::vector<LogRow>> SqlLedger::log(const std::string &trigger, std::optional<RowId> before,
                                           std::size_t limit) {
    return read<std::vector<LogRow>>("reading the message log", [&](sql::Session &session) {
        std::vector<LogRow> rows;
        for (auto &[id, message_id, subject, from, received, decided, matched, duplicate, state, code, text,
                    words, job, waits, quarantined, attempts, not_before] :
             session.query<std::int64_t, std::string, std::string, std::string, std::int64_t, std::int64_t,
                           std::int64_t, std::int64_t, std::string, std::string, std::string, std::string,
                           std::string, std::int64_t, std::int64_t, std::int64_t, std::int64_t>(
                 "SELECT d.id, d.message_id, d.subject, d.sender, d.received_at, d.decided_at, d.matched, "
                 "d.duplicate, d.state, d.reason_code, d.reason_text, d.words, d.job, "
                 "CASE WHEN p.uid IS NULL THEN 0 ELSE 1 END, COALESCE(p.quarantined, 0), COALESCE(p.attempts, "
                 "0), "
                 "COALESCE(p.not_before, 0) FROM decision d "
                 "LEFT JOIN pending p ON d.state = 'pending' AND p.folder = d.folder AND p.validity = "
                 "d.validity "
                 "AND p.trigger_id = d.trigger_id AND p.uid = d.uid "
                 "WHERE d.trigger_id = $1 AND d.id < $2 ORDER BY d.id DESC LIMIT $3",
                 {trigger, before.value_or(std::numeric_limits<RowId>::max()), to_limit(limit)})) {
            LogRow row;
            row.id = id;
            row.message_id = std::move(message_id);
            row.subject = std::move(subject);
            row.from = std::move(from);
            row.received_at = to_time(received);
            row.decided_at = to_time(decided);
            row.triggered = matched != 0 && duplicate == 0;
            row.duplicate = duplicate != 0;
            row.state = state_of(state);
            // A start that the host refused, or a brake holds: why is what a person has to know.
            const bool stuck = !words.empty();
            const char *const why = row.state == MessageState::held ? "held" : "refused";
            row.reason_code = stuck ? why : std::move(code);
            row.reason_text = stuck ? std::move(words) : std::move(text);
            row.job = std::move(job);
            if (row.state == MessageState::pending) {
                if (waits == 0) {
                    abandon(row);
                } else {
                    row.attempts = static_cast<int>(attempts);
                    if (quarantined != 0)
                        row.state = MessageState::quarantined;
                    else if (not_before > 0)
                        row.next_try = to_time(not_before);
                }
            }
            rows.push_back(std::move(row));
        }
        return Result(std::move(rows));
    });
}

Result<TriggerTimes> SqlLedger::trigger_times(const std::string &trigger) {
    return read<TriggerTimes>("reading a trigger's times", [&](sql::Session &session) {
        TriggerTimes times;
        if (const auto row = session.query_one<std::int64_t, std::int64_t>(
                "SELECT last_fired, last_mail FROM trigger_time WHERE trigger_id = $1", {trigger})) {
            const auto &[fired, mail] = *row;
            if (fired > 0) times.last_fired = to_time(fired);
            if (mail > 0) times.last_mail = to_time(mail);
        }
        return Result(times);
    });
}

Result<void> SqlLedger::forget_trigger(const std::string &trigger) {
    return change("forgetting a trigger", [&](sql::Session &session) -> Result<void> {
        // Mails whose start goes unaccepted are left as they are.
        session.execute("DELETE FROM disposal WHERE (folder, validity, uid) IN "
                        "(SELECT fired.folder, fired.validity, fired.uid FROM fired "
                        "JOIN outbox ON outbox.job_key = fired.job_key WHERE outbox.trigger_id = $1)",
                        {trigger});
        const auto braked = held_by(session, trigger);
        for (const char *table :
             {"outbox", "pending", "mark", "fired", "decision", "author", "trigger_time", "restored"})
            session.execute(std::string("DELETE FROM ").append(table).append(" WHERE trigger_id = $1"),
                            {trigger});
        for (const auto &task : braked)
            let_go_if_empty(session, task);
        return {};
    });
}

Result<std::int64_t> SqlLedger::in_slices(const char *doing, const std::string &statement,
                                          const std::string &ids, const sql::Values &values) {
    std::string some = statement;
    some.append(" WHERE id IN (").append(ids).append(" LIMIT ").append(std::to_string(slice)).append(")");
    std::int64_t all = 0;
    for (std::size_t changed = slice; changed == slice;) {
        const auto ran = write<std::size_t>(
            doing, [&](sql::Session &session) { return Result(session.execute(some, values)); });
        if (!ran) return ran.error();
        changed = *ran;
        all += static_cast<std::int64_t>(changed);
    }
    return all;
}

Result<std::int64_t> SqlLedger::erase_log(const std::string &tenant) {
    auto forgotten = change("erasing who is to be told", [&](sql::Session &session) -> Result<void> {
        session.execute("DELETE FROM author WHERE tenant = $1", {tenant});
        return {};
    });
    if (!forgotten) return std::move(forgotten.error());
    return in_slices("erasing what the message log says",
                     "UPDATE decision SET message_id = '', subject = '', sender = '', reason_text = ''",
                     "SELECT id FROM decision WHERE tenant = $1 AND "
                     "(message_id <> '' OR subject <> '' OR sender <> '' OR reason_text <> '')",
                     {tenant});
}

Result<Backlog> SqlLedger::backlog() {
    return read<Backlog>("counting what is still to be done", [&](sql::Session &session) {
        Backlog backlog;
        for (const auto &[state, count] :
             session.query<std::string, std::int64_t>("SELECT state, COUNT(*) FROM outbox GROUP BY state", {}))
            (state == "parked" ? backlog.parked : state == "held" ? backlog.held : backlog.queued) += count;
        const auto rows_of = [&](const char *table) {
            const auto row = session.query_one<std::int64_t>("SELECT COUNT(*) FROM " + std::string(table));
            return row ? std::get<0>(*row) : 0;
        };
        backlog.pending = rows_of("pending");
        backlog.quarantined = rows_of("pending WHERE quarantined = 1");
        backlog.disposals = rows_of("disposal");
        return Result(backlog);
    });
}

Result<void> SqlLedger::expire_log(WallTime older_than) {
    const sql::Values values{to_column(older_than)};
    const auto deleted = in_slices(
        "trimming the message log", "DELETE FROM decision",
        "SELECT d.id FROM decision d WHERE d.decided_at < $1 "
        "AND NOT EXISTS (SELECT 1 FROM outbox o WHERE o.job_key = d.job_key) "
        "AND NOT EXISTS (SELECT 1 FROM mark m WHERE m.folder = d.folder AND m.trigger_id = d.trigger_id "
        "AND m.validity = d.validity AND m.ord < d.ord) "
        "AND NOT EXISTS (SELECT 1 FROM pending p WHERE p.folder = d.folder AND p.validity = d.validity "
        "AND p.trigger_id = d.trigger_id AND p.uid = d.uid)",
        values);
    if (!deleted) return deleted.error();
    auto trimmed = change("trimming the record of starts", [&](sql::Session &session) -> Result<void> {
        for (const char *gone : {"1", "2"}) // one by one, as each has its index
            session.execute(std::string("DELETE FROM fired WHERE fired_at < $1 AND gone = ") + gone, values);
        session.execute("DELETE FROM author WHERE noted_at < $1 AND NOT EXISTS "
                        "(SELECT 1 FROM outbox o WHERE o.job_key = author.job_key)",
                        values);
        session.execute(
            "DELETE FROM disposal WHERE created_at < $1 AND NOT EXISTS "
            "(SELECT 1 FROM folder f WHERE f.id = disposal.folder AND f.validity = disposal.validity)",
            values);
        return {};
    });
    if (!trimmed) return trimmed;
    return database_->tidy();
}

} // namespace roe::ledger
