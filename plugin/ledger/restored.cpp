#include "ledger/sql_ledger.hpp"

namespace roe::ledger {
namespace {

const std::string may_have_started =
    "A backup was restored: this job may have been started after the backup was made. Retry it if it was not.";

} // namespace

Result<void> SqlLedger::note_restored(const std::string &trigger, WallTime from, WallTime until) {
    return change("recording that a backup was restored", [&](sql::Session &session) -> Result<void> {
        const auto noted = session.query_one<std::string>(
            "INSERT INTO restored (trigger_id, known_until, restored_at, looked_at, passed_over) "
            "VALUES ($1, $2, $3, 0, 0) ON CONFLICT (trigger_id) DO UPDATE SET "
            // Of two restores without a look in between, both gaps count.
            "known_until = CASE WHEN restored.looked_at = 0 AND restored.known_until < excluded.known_until "
            "THEN restored.known_until ELSE excluded.known_until END, "
            "restored_at = excluded.restored_at, looked_at = 0, passed_over = 0 "
            "WHERE restored.restored_at <> excluded.restored_at RETURNING trigger_id",
            {trigger, to_column(from), to_column(until)});
        if (!noted) return {};
        session.execute("UPDATE decision SET state = 'parked', words = $1 WHERE job_key <> '' AND job_key IN "
                        "(SELECT job_key FROM outbox WHERE trigger_id = $2 AND state IN ('queued', 'held'))",
                        {may_have_started, trigger});
        const auto braked = held_by(session, trigger);
        session.execute("UPDATE outbox SET state = 'parked', last_error = $1 "
                        "WHERE trigger_id = $2 AND state IN ('queued', 'held')",
                        {may_have_started, trigger});
        for (const auto &task : braked)
            let_go_if_empty(session, task);
        return {};
    });
}

Result<std::optional<Restored>> SqlLedger::restored(const std::string &trigger) {
    using Found = std::optional<Restored>;
    return read<Found>("reading whether a backup was restored", [&](sql::Session &session) -> Result<Found> {
        const auto row = session.query_one<std::int64_t, std::int64_t, std::int64_t, std::int64_t>(
            "SELECT known_until, restored_at, looked_at, passed_over FROM restored WHERE trigger_id = $1",
            {trigger});
        if (!row) return Found{};
        const auto &[known_until, restored_at, looked_at, passed_over] = *row;
        Restored restored{to_time(known_until), to_time(restored_at), {}};
        if (looked_at != 0) restored.baseline = {to_time(looked_at), passed_over};
        return Found(restored);
    });
}

} // namespace roe::ledger
