#include <algorithm>
#include <limits>
#include <set>
#include <tuple>
#include <unordered_set>

#include "ledger/sql_ledger.hpp"

namespace roe::ledger {
namespace {

// What the host answered, as a table to join with. The log knows a start by its key, which
// decisions of one start share.
const std::string answers_head = "WITH answer (outbox, at, words) AS (VALUES ";

// Returns the rows that were there: one that was answered for before is not.
std::set<RowId> record_accepted(sql::Session &session, const std::vector<sql::Values> &rows) {
    const std::vector<std::string_view> types{"BIGINT", "BIGINT", "TEXT"};
    sql::execute_rows(session, answers_head,
                      ") UPDATE decision SET state = 'delivered', job = answer.words, words = '' "
                      "FROM answer JOIN outbox ON outbox.id = answer.outbox "
                      "WHERE decision.job_key = outbox.job_key AND decision.job_key <> ''",
                      types, rows);
    sql::execute_rows(session, answers_head,
                      ") UPDATE fired SET job = answer.words "
                      "FROM answer JOIN outbox ON outbox.id = answer.outbox "
                      "JOIN decision ON decision.job_key = outbox.job_key AND decision.job_key <> '' "
                      "WHERE fired.folder = decision.folder AND fired.validity = decision.validity "
                      "AND fired.uid = decision.uid AND fired.trigger_id = decision.trigger_id",
                      types, rows);
    sql::execute_rows(
        session, answers_head,
        ") INSERT INTO trigger_time (trigger_id, last_fired, last_mail) "
        "SELECT outbox.trigger_id, MAX(answer.at), 0 "
        "FROM answer JOIN outbox ON outbox.id = answer.outbox WHERE 1 = 1 GROUP BY outbox.trigger_id "
        "ON CONFLICT (trigger_id) DO UPDATE SET last_fired = excluded.last_fired "
        "WHERE trigger_time.last_fired < excluded.last_fired",
        types, rows);
    std::vector<sql::Values> ids;
    ids.reserve(rows.size());
    for (const sql::Values &row : rows)
        ids.push_back({row.front()});
    std::set<RowId> gone;
    for (const auto &[id] : sql::query_rows<std::int64_t>(session, "DELETE FROM outbox WHERE id IN (VALUES ",
                                                          ") RETURNING id", {"BIGINT"}, std::move(ids)))
        gone.insert(id);
    return gone;
}

// For the brakes of the tasks; the longest while that one looks back over is a day.
void count_starts(sql::Session &session, const std::map<RowId, const Answer *> &answers,
                  const std::set<RowId> &accepted) {
    std::map<std::string, std::pair<std::int64_t, WallTime>> tasks;
    for (const RowId row : accepted) {
        const Answer &answer = *answers.at(row);
        if (answer.task.empty()) continue;
        auto &[starts, at] = tasks[answer.task];
        ++starts;
        at = std::max(at, answer.at);
    }
    for (const auto &[task, counted] : tasks) {
        const auto &[starts, at] = counted;
        session.execute("DELETE FROM task_start WHERE task = $1 AND at < $2",
                        {task, to_column(at - std::chrono::hours(24))});
        session.execute("INSERT INTO task_start (task, at, starts) VALUES ($1, $2, $3)",
                        {task, to_column(at), starts});
    }
}

void record_busy(sql::Session &session, const std::vector<sql::Values> &rows) {
    sql::execute_rows(
        session, answers_head,
        ") UPDATE outbox SET attempts = attempts + 1, not_before = answer.at, last_error = answer.words "
        "FROM answer WHERE outbox.id = answer.outbox AND outbox.state = 'queued'",
        {"BIGINT", "BIGINT", "TEXT"}, rows);
}

void record_waiting(sql::Session &session, const std::vector<sql::Values> &rows) {
    sql::execute_rows(session, answers_head,
                      ") UPDATE outbox SET not_before = answer.at FROM answer WHERE outbox.id = answer.outbox "
                      "AND outbox.state = 'queued'",
                      {"BIGINT", "BIGINT", "TEXT"}, rows);
}

void record_parked(sql::Session &session, const std::vector<sql::Values> &rows) {
    const std::vector<std::string_view> types{"BIGINT", "BIGINT", "TEXT"};
    sql::execute_rows(
        session, answers_head,
        ") UPDATE outbox SET state = 'parked', attempts = attempts + 1, last_error = answer.words "
        "FROM answer WHERE outbox.id = answer.outbox",
        types, rows);
    sql::execute_rows(session, answers_head,
                      ") UPDATE decision SET state = 'parked', words = answer.words "
                      "FROM answer JOIN outbox ON outbox.id = answer.outbox "
                      "WHERE decision.job_key = outbox.job_key AND decision.job_key <> ''",
                      types, rows);
    sql::execute_rows(session, answers_head,
                      ") UPDATE author SET parked = 1 FROM answer JOIN outbox ON outbox.id = answer.outbox "
                      "WHERE author.job_key = outbox.job_key AND author.parked = 0",
                      types, rows);
}

struct Queued {
    std::int64_t not_before = 0;
    RowId id = 0;
};

// Visits the queued starts of these triggers that are due until `until`, oldest first, while `visit` wants
// more. Triggers may be ten thousands and the queue is mostly short, so the queue is read (from its index
// alone) and held against the triggers, not the other way round.
template <class Visit>
void walk_queue(sql::Session &session, std::span<const std::string> triggers, std::int64_t until, Visit visit) {
    constexpr std::size_t page = 1000;
    const std::unordered_set<std::string_view> wanted(triggers.begin(), triggers.end());
    Queued last{std::numeric_limits<std::int64_t>::min(), 0};
    for (std::size_t seen = page; seen == page;) {
        const auto rows = session.query<std::int64_t, std::int64_t, std::string>(
            "SELECT not_before, id, trigger_id FROM outbox WHERE state = 'queued' AND not_before <= $1 "
            "AND (not_before, id) > ($2, $3) ORDER BY not_before, id LIMIT $4",
            {until, last.not_before, last.id, to_limit(page)});
        for (const auto &[not_before, id, trigger] : rows) {
            last = {not_before, id};
            if (wanted.contains(trigger) && !visit(last)) return;
        }
        seen = rows.size();
    }
}

} // namespace

Result<std::vector<OutboxRow>> SqlLedger::due_outbox(std::span<const std::string> started, WallTime now,
                                                     std::size_t limit) {
    using Rows = std::vector<OutboxRow>;
    return read<Rows>("reading the starts that are due", [&](sql::Session &session) -> Result<Rows> {
        std::vector<sql::Values> ids;
        walk_queue(session, started, to_column(now), [&](const Queued &queued) {
            if (ids.size() < limit) ids.push_back({queued.id});
            return ids.size() < limit;
        });
        Rows rows;
        rows.reserve(ids.size());
        for (auto &[id, folder, trigger, tenant, order, uid, key, payload, spool, attempts, not_before, created,
                    released] :
             sql::query_rows<std::int64_t, std::int64_t, std::string, std::string, std::int64_t, std::string,
                             std::string, std::string, std::string, std::int64_t, std::int64_t, std::int64_t,
                             std::int64_t>(
                 session,
                 "SELECT id, folder, trigger_id, tenant, ord, uid, job_key, payload, spool, attempts, "
                 "not_before, "
                 "created_at, released FROM outbox WHERE id IN (VALUES ",
                 ")", {"BIGINT"}, std::move(ids)))
            rows.push_back({id,
                            folder,
                            std::move(trigger),
                            std::move(tenant),
                            {order, std::move(uid)},
                            std::move(key),
                            std::move(payload),
                            std::move(spool),
                            static_cast<int>(attempts),
                            to_time(not_before),
                            to_time(created),
                            released != 0});
        std::sort(rows.begin(), rows.end(), [](const OutboxRow &one, const OutboxRow &other) {
            return std::tie(one.not_before, one.id) < std::tie(other.not_before, other.id);
        });
        return rows;
    });
}

Result<std::optional<WallTime>> SqlLedger::next_outbox_time(std::span<const std::string> started) {
    using Time = std::optional<WallTime>;
    return read<Time>("reading when the next start is due", [&](sql::Session &session) -> Result<Time> {
        Time next;
        walk_queue(session, started, std::numeric_limits<std::int64_t>::max(), [&](const Queued &queued) {
            next = to_time(queued.not_before);
            return false;
        });
        return next;
    });
}

Result<void> SqlLedger::record_answers(std::span<const Answer> answers) {
    std::map<RowId, const Answer *> last; // a row that is answered twice counts once
    for (const Answer &answer : answers)
        last[answer.outbox] = &answer;
    std::vector<sql::Values> accepted;
    std::vector<sql::Values> parked;
    std::vector<sql::Values> busy;
    std::vector<sql::Values> waiting;
    for (const auto &[row, answer] : last) {
        if (!answer->asked)
            waiting.push_back({row, to_column(answer->not_before), std::string()});
        else if (answer->accepted)
            accepted.push_back({row, to_column(answer->at), answer->job});
        else if (answer->park)
            parked.push_back({row, to_column(answer->at), answer->words});
        else
            busy.push_back({row, to_column(answer->not_before), answer->words});
    }
    return change(
        "recording the host's answers",
        [&](sql::Session &session) -> Result<void> {
            if (!accepted.empty()) count_starts(session, last, record_accepted(session, accepted));
            if (!busy.empty()) record_busy(session, busy);
            if (!waiting.empty()) record_waiting(session, waiting);
            if (!parked.empty()) record_parked(session, parked);
            return {};
        },
        sql::Commit::relaxed);
}

} // namespace roe::ledger
