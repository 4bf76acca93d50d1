#include "ledger/sql_ledger.hpp"

namespace roe::ledger {
namespace {

// One statement, so that a mailbox and its secrets are always of one revision.
const std::string select_mailboxes =
    "SELECT m.id, m.tenant, m.address, m.settings, m.revision, COALESCE(s.name, ''), COALESCE(s.sealed, '') "
    "FROM mailbox m LEFT JOIN mailbox_secret s ON s.mailbox = m.id ";

std::vector<MailboxRow> read_mailboxes(sql::Session &session, const std::string &where, sql::Values values) {
    std::vector<MailboxRow> rows;
    for (auto &[id, tenant, address, settings, revision, name, sealed] :
         session
             .query<std::string, std::string, std::string, std::string, std::int64_t, std::string, std::string>(
                 select_mailboxes + where + " ORDER BY m.tenant, m.address, m.id, s.name", std::move(values))) {
        if (rows.empty() || rows.back().id != id)
            rows.push_back(
                {std::move(id), std::move(tenant), std::move(address), std::move(settings), {}, revision});
        if (!name.empty()) rows.back().sealed.emplace(std::move(name), std::move(sealed));
    }
    return rows;
}

void insert_secrets(sql::Session &session, const MailboxRow &row) {
    std::vector<sql::Values> secrets;
    for (const auto &[name, sealed] : row.sealed)
        secrets.push_back({row.id, name, sealed});
    sql::execute_rows(session, "INSERT INTO mailbox_secret (mailbox, name, sealed) VALUES ", "", {"", "", ""},
                      std::move(secrets));
}

} // namespace

Result<std::vector<MailboxRow>> SqlLedger::mailboxes(const std::optional<std::string> &tenant) {
    return read<std::vector<MailboxRow>>("reading the mailboxes", [&](sql::Session &session) {
        return Result(tenant ? read_mailboxes(session, "WHERE m.tenant = $1", {*tenant})
                             : read_mailboxes(session, "", {}));
    });
}

Result<std::optional<MailboxRow>> SqlLedger::mailbox(const std::string &id) {
    using Found = std::optional<MailboxRow>;
    return read<Found>("reading a mailbox", [&](sql::Session &session) -> Result<Found> {
        auto rows = read_mailboxes(session, "WHERE m.id = $1", {id});
        if (rows.empty()) return Found{};
        return Found(std::move(rows.front()));
    });
}

Result<bool> SqlLedger::insert_mailbox(const MailboxRow &row) {
    return write<bool>("adding a mailbox", [&](sql::Session &session) -> Result<bool> {
        const auto added = session.query_one<std::string>(
            "INSERT INTO mailbox (id, tenant, address, settings, revision) VALUES ($1, $2, $3, $4, $5) "
            "ON CONFLICT DO NOTHING RETURNING id",
            {row.id, row.tenant, row.address, row.values, row.revision});
        if (!added) return false;
        insert_secrets(session, row);
        return true;
    });
}

Result<bool> SqlLedger::update_mailbox(const MailboxRow &row) {
    return write<bool>("changing a mailbox", [&](sql::Session &session) -> Result<bool> {
        const auto changed = session.query_one<std::string>(
            "UPDATE mailbox SET tenant = $1, address = $2, settings = $3, revision = $4 "
            "WHERE id = $5 AND revision = $6 AND NOT EXISTS "
            "(SELECT 1 FROM mailbox other WHERE other.tenant = $7 AND other.address = $8 AND other.id <> $9) "
            "RETURNING id",
            {row.tenant, row.address, row.values, row.revision, row.id, row.revision - 1, row.tenant,
             row.address, row.id});
        if (!changed) return false;
        session.execute("DELETE FROM mailbox_secret WHERE mailbox = $1", {row.id});
        insert_secrets(session, row);
        return true;
    });
}

Result<void> SqlLedger::remove_mailbox(const std::string &id) {
    return change("removing a mailbox", [&](sql::Session &session) -> Result<void> {
        session.execute("DELETE FROM fired WHERE folder IN (SELECT id FROM folder WHERE mailbox = $1)", {id});
        session.execute("DELETE FROM folder WHERE mailbox = $1", {id});
        session.execute("DELETE FROM lease WHERE mailbox = $1", {id});
        session.execute("DELETE FROM pause WHERE mailbox = $1", {id});
        session.execute("DELETE FROM mailbox_token WHERE mailbox = $1", {id});
        session.execute("DELETE FROM mailbox WHERE id = $1", {id});
        return {};
    });
}

Result<std::map<std::string, WallTime>> SqlLedger::pauses() {
    return read<std::map<std::string, WallTime>>(
        "reading which mailboxes are paused", [&](sql::Session &session) {
            std::map<std::string, WallTime> pauses;
            for (auto &[mailbox, since] :
                 session.query<std::string, std::int64_t>("SELECT mailbox, since FROM pause", {}))
                pauses.emplace(std::move(mailbox), to_time(since));
            return Result(std::move(pauses));
        });
}

Result<void> SqlLedger::pause(const std::string &mailbox, WallTime since) {
    return change("pausing a mailbox", [&](sql::Session &session) -> Result<void> {
        session.execute("INSERT INTO pause (mailbox, since) VALUES ($1, $2) ON CONFLICT DO NOTHING",
                        {mailbox, to_column(since)});
        return {};
    });
}

Result<void> SqlLedger::resume(const std::string &mailbox) {
    return change("resuming a mailbox", [&](sql::Session &session) -> Result<void> {
        session.execute("DELETE FROM pause WHERE mailbox = $1", {mailbox});
        return {};
    });
}

} // namespace roe::ledger
