#include "ledger/sql_ledger.hpp"

namespace roe::ledger {
namespace {

// Returns how many mails were pending before.
std::size_t replace_baseline(sql::Session &session, RowId folder, const Mark &mark) {
    session.execute("UPDATE folder SET validity = $1 WHERE id = $2", {mark.validity, folder});
    const auto pending = session.execute("DELETE FROM pending WHERE trigger_id = $1", {mark.trigger});
    // The last mail of another folder is none of this one.
    session.execute("UPDATE trigger_time SET last_mail = 0 WHERE trigger_id = $1 AND NOT EXISTS "
                    "(SELECT 1 FROM mark WHERE mark.trigger_id = $1 AND mark.folder = $2)",
                    {mark.trigger, folder});
    session.execute("DELETE FROM mark WHERE trigger_id = $1", {mark.trigger});
    session.execute("INSERT INTO mark (trigger_id, folder, validity, ord, baseline_at, reconcile_to, "
                    "restored_until) VALUES ($1, $2, $3, $4, $5, $6, $7)",
                    {mark.trigger, folder, mark.validity, mark.order, to_column(mark.baseline_at),
                     mark.reconcile_to, to_column(mark.restored_until)});
    return pending;
}

} // namespace

Result<FolderRow> SqlLedger::folder(const std::string &mailbox, const std::string &folder) {
    const auto find = [&](sql::Session &session) -> std::optional<FolderRow> {
        auto found = session.query_one<std::int64_t, std::string, std::string, std::int64_t>(
            "SELECT id, server, validity, (SELECT COALESCE(MAX(t.last_mail), 0) FROM mark m "
            "JOIN trigger_time t ON t.trigger_id = m.trigger_id "
            "WHERE m.folder = folder.id) "
            "FROM folder WHERE mailbox = $1 AND name = $2",
            {mailbox, folder});
        if (!found) return std::nullopt;
        auto &[id, server, validity, last_mail] = *found;
        FolderRow row{id, mailbox, folder, std::move(server), std::move(validity)};
        if (last_mail > 0) row.last_mail = to_time(last_mail);
        return row;
    };
    using Found = std::optional<FolderRow>;
    auto known =
        read<Found>("reading a folder", [&](sql::Session &session) { return Result<Found>(find(session)); });
    if (!known) return std::move(known.error());
    if (*known) return std::move(**known);
    return write<FolderRow>("adding a folder", [&](sql::Session &session) -> Result<FolderRow> {
        session.execute("INSERT INTO folder (mailbox, name, server, validity) VALUES ($1, $2, '', '') "
                        "ON CONFLICT DO NOTHING",
                        {mailbox, folder});
        return *find(session);
    });
}

Result<void> SqlLedger::set_folder_identity(RowId folder, const std::string &server,
                                            const std::string &validity) {
    return change("recording what a folder is", [&](sql::Session &session) -> Result<void> {
        session.execute("UPDATE folder SET server = $1, validity = $2 WHERE id = $3",
                        {server, validity, folder});
        return {};
    });
}

Result<std::vector<Mark>> SqlLedger::marks(RowId folder) {
    return read<std::vector<Mark>>("reading the marks", [&](sql::Session &session) {
        std::vector<Mark> marks;
        for (auto &[trigger, order, validity, baseline, reconcile_to, restored_until] :
             session.query<std::string, std::int64_t, std::string, std::int64_t, std::int64_t, std::int64_t>(
                 "SELECT trigger_id, ord, validity, baseline_at, reconcile_to, restored_until FROM mark "
                 "WHERE folder = $1 ORDER BY trigger_id",
                 {folder}))
            marks.push_back({std::move(trigger), order, std::move(validity), to_time(baseline), reconcile_to,
                             to_time(restored_until)});
        return Result(std::move(marks));
    });
}

Result<void> SqlLedger::set_baseline(RowId folder, const Mark &mark, std::span<const MailRef> pending) {
    return change("recording a trigger's first look", [&](sql::Session &session) -> Result<void> {
        replace_baseline(session, folder, mark);
        std::vector<sql::Values> rows;
        rows.reserve(pending.size());
        for (const MailRef &ref : pending)
            rows.push_back({mark.trigger, folder, mark.validity, ref.uid, ref.order, std::int64_t{0},
                            std::int64_t{0}, std::string()});
        sql::execute_rows(session,
                          "INSERT INTO pending (trigger_id, folder, validity, uid, ord, attempts, not_before, "
                          "last_error) VALUES ",
                          " ON CONFLICT DO NOTHING", {"", "", "", "", "", "", "", ""}, std::move(rows));
        return {};
    });
}

Result<std::int64_t> SqlLedger::set_restored_baseline(RowId folder, const Mark &mark, std::int64_t newer) {
    return write<std::int64_t>(
        "recording a trigger's first look after a restore", [&](sql::Session &session) -> Result<std::int64_t> {
            // The baseline counts as this trigger's decision, which it was not.
            session.execute(
                "DELETE FROM disposal WHERE folder = $1 AND (NOT EXISTS (SELECT 1 FROM mark m "
                "WHERE m.folder = disposal.folder AND m.validity = disposal.validity AND m.ord >= disposal.ord "
                "AND m.trigger_id = $2) OR EXISTS (SELECT 1 FROM pending p WHERE p.folder = disposal.folder "
                "AND p.validity = disposal.validity AND p.uid = disposal.uid AND p.trigger_id = $3))",
                {folder, mark.trigger, mark.trigger});
            // What was interrupted ahead of the old mark is among `newer`.
            session.execute(
                "DELETE FROM pending WHERE folder = $1 AND trigger_id = $2 AND deaths > 0 AND ord > "
                "(SELECT ord FROM mark WHERE folder = $3 AND trigger_id = $4)",
                {folder, mark.trigger, folder, mark.trigger});
            const auto passed_over = newer + static_cast<std::int64_t>(replace_baseline(session, folder, mark));
            session.execute(
                "UPDATE restored SET looked_at = $1, passed_over = $2 "
                "WHERE trigger_id = $3 AND restored_at = $4",
                {to_column(mark.baseline_at), passed_over, mark.trigger, to_column(mark.restored_until)});
            return passed_over;
        });
}

} // namespace roe::ledger
