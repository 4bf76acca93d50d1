#include <algorithm>
#include <bit>

#include "ledger/sql_ledger.hpp"

namespace roe::ledger {
namespace {

std::vector<sql::Values> as_rows(std::span<const RowId> ids) {
    std::vector<sql::Values> rows;
    rows.reserve(ids.size());
    for (const RowId id : ids)
        rows.push_back({id});
    return rows;
}

// Ready is a mail
//  - whose name still means it: the folder's validity is the one that it was decided under;
//  - that each of the triggers has decided: its mark has passed the mail and left nothing pending;
//  - none of whose own starts waits for the host;
//  - and if it was a duplicate, the start that it repeats doesn't wait either.
std::string select_ready(const sql::Dialect &dialect, std::size_t triggers) {
    const std::vector<std::string_view> text(triggers, "TEXT");
    const auto list = [&](std::size_t first) { return placeholders(dialect, 1, text, first); };
    const auto place = [&](std::size_t number) { return "$" + std::to_string(number); };
    return "SELECT d.id, d.ord, d.uid, d.remove, d.attempts FROM disposal d "
           "JOIN folder f ON f.id = d.folder AND f.validity = d.validity "
           "WHERE (SELECT COUNT(*) FROM mark m WHERE m.folder = d.folder AND m.validity = d.validity "
           "AND m.ord >= d.ord AND m.trigger_id IN " +
           list(1) + ") = " + place(triggers + 1) +
           " AND NOT EXISTS (SELECT 1 FROM pending p WHERE p.folder = d.folder AND p.validity = d.validity "
           "AND p.uid = d.uid AND p.trigger_id IN " +
           list(triggers + 2) +
           ") AND NOT EXISTS (SELECT 1 FROM fired own JOIN outbox o ON o.job_key = own.job_key "
           "WHERE own.folder = d.folder AND own.validity = d.validity AND own.uid = d.uid) "
           "AND NOT EXISTS (SELECT 1 FROM fired own JOIN fired first ON first.fingerprint = own.fingerprint "
           "AND first.trigger_id = own.trigger_id JOIN outbox o ON o.job_key = first.job_key "
           "WHERE own.folder = d.folder AND own.validity = d.validity AND own.uid = d.uid AND own.job_key = "
           "'') "
           "AND d.folder = " +
           place(2 * triggers + 2) + " AND d.not_before <= " + place(2 * triggers + 3) +
           " ORDER BY d.ord, d.id LIMIT " + place(2 * triggers + 4);
}

} // namespace

Result<std::vector<DisposalRow>> SqlLedger::ready_disposals(RowId folder, std::span<const std::string> started,
                                                            WallTime now, std::size_t limit) {
    std::vector<std::string> triggers(started.begin(), started.end());
    std::sort(triggers.begin(), triggers.end());
    triggers.erase(std::unique(triggers.begin(), triggers.end()), triggers.end());
    const auto deciders = static_cast<std::int64_t>(triggers.size());
    // A folder that nobody watches is left alone.
    if (triggers.empty()) return std::vector<DisposalRow>{};

    // Repeated up to a power of two, so that a session that keeps its statements has few of them.
    triggers.resize(std::bit_ceil(triggers.size()), triggers.back());

    using Rows = std::vector<DisposalRow>;
    return read<Rows>("reading what is to be done to mails", [&](sql::Session &session) -> Result<Rows> {
        sql::Values values(triggers.begin(), triggers.end());
        values.emplace_back(deciders);
        values.insert(values.end(), triggers.begin(), triggers.end());
        values.emplace_back(folder);
        values.emplace_back(to_column(now));
        values.emplace_back(to_limit(limit));
        Rows rows;
        for (auto &[id, order, uid, remove, attempts] :
             session.query<std::int64_t, std::int64_t, std::string, std::int64_t, std::int64_t>(
                 select_ready(session.dialect(), triggers.size()), std::move(values)))
            rows.push_back({id, {order, std::move(uid)}, remove != 0, static_cast<int>(attempts)});
        return rows;
    });
}

Result<void> SqlLedger::finish_disposals(RowId folder, std::span<const RowId> rows, const Disposal &done) {
    return change(
        "recording what was done to mails",
        [&](sql::Session &session) -> Result<void> {
            if (done.leaves_folder())
                sql::execute_rows(session,
                                  "UPDATE fired SET gone = $1 WHERE folder = $2 AND (validity, uid) IN "
                                  "(SELECT validity, uid FROM disposal WHERE folder = $3 AND id IN (VALUES ",
                                  "))", {"BIGINT"}, as_rows(rows),
                                  {done.remove ? gone_removed : gone_moved, folder, folder});
            sql::execute_rows(session, "DELETE FROM disposal WHERE folder = $1 AND id IN (VALUES ", ")",
                              {"BIGINT"}, as_rows(rows), {folder});
            return {};
        },
        sql::Commit::relaxed);
}

Result<void> SqlLedger::put_off_disposals(std::span<const RowId> rows, WallTime not_before,
                                          const std::string &error) {
    return change("recording what could not be done to mails", [&](sql::Session &session) -> Result<void> {
        sql::execute_rows(session,
                          "UPDATE disposal SET attempts = attempts + 1, not_before = $1, last_error = $2 "
                          "WHERE id IN (VALUES ",
                          ")", {"BIGINT"}, as_rows(rows), {to_column(not_before), error});
        return {};
    });
}

} // namespace roe::ledger
