#include "ledger/sql_ledger.hpp"

namespace roe::ledger {

std::vector<std::string> held_by(sql::Session &session, const std::string &trigger) {
    std::vector<std::string> tasks;
    for (auto &[task] : session.query<std::string>(
             "SELECT DISTINCT braked FROM outbox WHERE trigger_id = $1 AND state = 'held'", {trigger}))
        tasks.push_back(std::move(task));
    return tasks;
}

void let_go_if_empty(sql::Session &session, const std::string &task) {
    if (session.query_one<std::int64_t>("SELECT 1 FROM outbox WHERE braked = $1 AND state = 'held' LIMIT 1",
                                        {task}))
        return;
    for (const char *table : {"brake", "task_start"})
        session.execute(std::string("DELETE FROM ").append(table).append(" WHERE task = $1"), {task});
}

Result<std::int64_t> SqlLedger::starts_since(const std::string &task, WallTime since) {
    return read<std::int64_t>("counting the starts of a task", [&](sql::Session &session) {
        const auto row = session.query_one<std::int64_t>(
            "SELECT CAST(COALESCE(SUM(starts), 0) AS BIGINT) FROM task_start WHERE task = $1 AND at > $2",
            {task, to_column(since)});
        return Result(row ? std::get<0>(*row) : std::int64_t{0});
    });
}

Result<std::string> SqlLedger::brake_reason(const std::string &task) {
    return read<std::string>("reading whether a task's brake is on", [&](sql::Session &session) {
        auto row = session.query_one<std::string>("SELECT reason FROM brake WHERE task = $1", {task});
        return Result(row ? std::move(std::get<0>(*row)) : std::string());
    });
}

Result<bool> SqlLedger::hold(const Hold &hold) {
    return write<bool>("holding the starts of a task", [&](sql::Session &session) {
        const bool is_new = session.execute("INSERT INTO brake (task, since, reason) VALUES ($1, $2, $3) "
                                            "ON CONFLICT (task) DO NOTHING",
                                            {hold.task, to_column(hold.at), hold.reason}) > 0;
        std::vector<sql::Values> triggers;
        triggers.reserve(hold.triggers.size());
        for (const auto &trigger : hold.triggers)
            triggers.push_back({trigger});
        const std::string of_these =
            "state = 'queued' AND attempts = 0 AND released = 0 AND trigger_id IN (VALUES ";
        sql::execute_rows(session,
                          "UPDATE decision SET state = 'held', words = $1 WHERE job_key <> '' AND job_key IN "
                          "(SELECT job_key FROM outbox WHERE " +
                              of_these,
                          "))", {"TEXT"}, triggers, {hold.reason});
        sql::execute_rows(session, "UPDATE outbox SET state = 'held', braked = $1 WHERE " + of_these, ")",
                          {"TEXT"}, triggers, {hold.task});
        return Result(is_new);
    });
}

Result<std::optional<HeldStarts>> SqlLedger::held(const std::string &trigger) {
    using Found = std::optional<HeldStarts>;
    return read<Found>("counting the starts that are held", [&](sql::Session &session) -> Result<Found> {
        const auto tasks = held_by(session, trigger);
        if (tasks.empty()) return Found{};
        HeldStarts held;
        for (const auto &[of_trigger, count] :
             session.query<std::string, std::int64_t>("SELECT trigger_id, COUNT(*) FROM outbox WHERE braked = "
                                                      "$1 AND state = 'held' GROUP BY trigger_id",
                                                      {tasks.front()})) {
            held.of_task += count;
            if (of_trigger == trigger) held.count = count;
        }
        if (auto brake = session.query_one<std::int64_t, std::string>(
                "SELECT since, reason FROM brake WHERE task = $1", {tasks.front()})) {
            held.since = to_time(std::get<0>(*brake));
            held.reason = std::move(std::get<1>(*brake));
        }
        if (const auto message = session.query_one<std::int64_t>(
                "SELECT COALESCE(MIN(d.id), 0) FROM decision d JOIN outbox o ON o.job_key = d.job_key "
                "WHERE d.trigger_id = $1 AND d.job_key <> '' AND o.braked = $2 AND o.state = 'held'",
                {trigger, tasks.front()}))
            held.message = std::get<0>(*message);
        return Found(std::move(held));
    });
}

} // namespace roe::ledger
