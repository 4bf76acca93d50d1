#include "ledger/schema.hpp"

#include <array>
#include <string>
#include <vector>

namespace roe::ledger {
namespace {

using Statements = std::vector<std::string_view>;

struct Migration {
    Statements statements;  // {id} is the column definition of a growing id
    Statements on_postgres; // run after them
};

// A migration that has been released is never changed; a new one is added below it.
const std::array migrations{
    Migration{
        .statements =
            {
                "CREATE TABLE mailbox (id TEXT PRIMARY KEY, tenant TEXT NOT NULL, address TEXT NOT NULL,"
                " settings TEXT NOT NULL, revision BIGINT NOT NULL, UNIQUE (tenant, address))",
                "CREATE TABLE mailbox_secret (mailbox TEXT NOT NULL REFERENCES mailbox (id) ON DELETE CASCADE,"
                " name TEXT NOT NULL, sealed TEXT NOT NULL, PRIMARY KEY (mailbox, name))",
                // `mailbox` may also name the base mailbox, which has no row of its own.
                "CREATE TABLE folder (id {id}, mailbox TEXT NOT NULL, name TEXT NOT NULL, server TEXT NOT NULL,"
                " validity TEXT NOT NULL, UNIQUE (mailbox, name))",
                "CREATE TABLE mark (trigger_id TEXT NOT NULL,"
                " folder BIGINT NOT NULL REFERENCES folder (id) ON DELETE CASCADE, validity TEXT NOT NULL,"
                " ord BIGINT NOT NULL, baseline_at BIGINT NOT NULL,"
                " reconcile_to BIGINT NOT NULL, PRIMARY KEY (folder, trigger_id))",
                "CREATE INDEX mark_trigger ON mark (trigger_id)",
                "CREATE TABLE pending (trigger_id TEXT NOT NULL,"
                " folder BIGINT NOT NULL REFERENCES folder (id) ON DELETE CASCADE, validity TEXT NOT NULL,"
                " uid TEXT NOT NULL, ord BIGINT NOT NULL, attempts BIGINT NOT NULL, not_before BIGINT NOT NULL,"
                " last_error TEXT NOT NULL, PRIMARY KEY (folder, validity, trigger_id, uid))",
                "CREATE INDEX pending_order ON pending (folder, ord)",
                "CREATE INDEX pending_trigger ON pending (trigger_id)",
                // No reference to folder: the log and the outbox outlive a mailbox that is removed.
                "CREATE TABLE decision (id {id}, trigger_id TEXT NOT NULL, tenant TEXT NOT NULL,"
                " folder BIGINT NOT NULL, validity TEXT NOT NULL, uid TEXT NOT NULL, ord BIGINT NOT NULL,"
                " message_id TEXT NOT NULL, subject TEXT NOT NULL, sender TEXT NOT NULL,"
                " received_at BIGINT NOT NULL, decided_at BIGINT NOT NULL, matched BIGINT NOT NULL,"
                " duplicate BIGINT NOT NULL, state TEXT NOT NULL, reason_code TEXT NOT NULL,"
                " reason_text TEXT NOT NULL, job_key TEXT NOT NULL, job TEXT NOT NULL, words TEXT NOT NULL,"
                " node TEXT NOT NULL, epoch BIGINT NOT NULL, UNIQUE (folder, validity, trigger_id, uid))",
                "CREATE INDEX decision_log ON decision (trigger_id, id)",
                "CREATE INDEX decision_age ON decision (decided_at)",
                "CREATE INDEX decision_key ON decision (job_key) WHERE job_key <> ''",
                "CREATE TABLE outbox (id {id}, job_key TEXT NOT NULL UNIQUE, trigger_id TEXT NOT NULL,"
                " tenant TEXT NOT NULL, folder BIGINT NOT NULL, uid TEXT NOT NULL, ord BIGINT NOT NULL,"
                " spool TEXT NOT NULL, state TEXT NOT NULL, attempts BIGINT NOT NULL, not_before BIGINT NOT "
                "NULL,"
                " created_at BIGINT NOT NULL, last_error TEXT NOT NULL, node TEXT NOT NULL,"
                " epoch BIGINT NOT NULL, payload TEXT NOT NULL)",
                "CREATE INDEX outbox_due ON outbox (state, not_before, id, trigger_id)",
                "CREATE INDEX outbox_trigger ON outbox (trigger_id)",
                "CREATE TABLE fired (folder BIGINT NOT NULL, validity TEXT NOT NULL, uid TEXT NOT NULL,"
                " trigger_id TEXT NOT NULL, fingerprint TEXT NOT NULL, job_key TEXT NOT NULL, job TEXT NOT "
                "NULL,"
                " fired_at BIGINT NOT NULL, gone BIGINT NOT NULL,"
                " PRIMARY KEY (folder, validity, uid, trigger_id))",
                "CREATE INDEX fired_fingerprint ON fired (fingerprint)",
                "CREATE INDEX fired_trigger ON fired (trigger_id)",
                "CREATE INDEX fired_gone ON fired (fired_at) WHERE gone = 1",
                "CREATE TABLE disposal (id {id}, folder BIGINT NOT NULL REFERENCES folder (id) ON DELETE "
                "CASCADE,"
                " validity TEXT NOT NULL, uid TEXT NOT NULL, ord BIGINT NOT NULL, remove BIGINT NOT NULL,"
                " attempts BIGINT NOT NULL, not_before BIGINT NOT NULL, last_error TEXT NOT NULL,"
                " created_at BIGINT NOT NULL, UNIQUE (folder, validity, uid))",
                "CREATE TABLE trigger_time (trigger_id TEXT PRIMARY KEY, last_fired BIGINT NOT NULL,"
                " last_mail BIGINT NOT NULL)",
                "CREATE TABLE lease (mailbox TEXT PRIMARY KEY, node TEXT NOT NULL, epoch BIGINT NOT NULL,"
                " held_until BIGINT NOT NULL)",
            },
        // A payload lives for seconds: compressing it would only cost time.
        .on_postgres = {"ALTER TABLE outbox ALTER COLUMN payload SET STORAGE EXTERNAL"},
    },
    Migration{
        // No reference to mailbox: the base mailbox has no row of its own.
        .statements = {"CREATE TABLE pause (mailbox TEXT PRIMARY KEY, since BIGINT NOT NULL)"},
        .on_postgres = {},
    },
    Migration{
        .statements =
            {
                "CREATE TABLE arrival_list (folder BIGINT PRIMARY KEY REFERENCES folder (id) ON DELETE CASCADE,"
                " generation BIGINT NOT NULL, next_ord BIGINT NOT NULL, listed BIGINT NOT NULL,"
                " digest TEXT NOT NULL)",
                "CREATE TABLE arrival (folder BIGINT NOT NULL REFERENCES folder (id) ON DELETE CASCADE,"
                " uid TEXT NOT NULL, ord BIGINT NOT NULL, size BIGINT NOT NULL, gone_at BIGINT NOT NULL,"
                " PRIMARY KEY (folder, uid))",
                "CREATE TABLE arrival_shared (folder BIGINT NOT NULL REFERENCES folder (id) ON DELETE CASCADE,"
                " uid TEXT NOT NULL, hash TEXT NOT NULL, PRIMARY KEY (folder, uid))",
                "CREATE INDEX arrival_order ON arrival (folder, ord)",
                "CREATE INDEX arrival_gone ON arrival (folder, gone_at) WHERE gone_at > 0",
            },
        .on_postgres = {},
    },
    Migration{
        // No reference to mailbox: the base mailbox has no row of its own.
        .statements = {"CREATE TABLE mailbox_token (mailbox TEXT PRIMARY KEY, sealed TEXT NOT NULL)"},
        .on_postgres = {},
    },
    Migration{
        .statements =
            {
                "ALTER TABLE mark ADD COLUMN restored_until BIGINT NOT NULL DEFAULT 0",
                // looked_at is 0 until the trigger's first look after the restore. The row stays, so that the
                // same restore is not taken for another one.
                "CREATE TABLE restored (trigger_id TEXT PRIMARY KEY, known_until BIGINT NOT NULL,"
                " restored_at BIGINT NOT NULL, looked_at BIGINT NOT NULL, passed_over BIGINT NOT NULL)",
            },
        .on_postgres = {},
    },
    Migration{
        .statements =
            {
                "ALTER TABLE pending ADD COLUMN quarantined BIGINT NOT NULL DEFAULT 0",
                // asked_at is 0 unless a person wants the mail to start its job once more.
                "ALTER TABLE pending ADD COLUMN asked_by TEXT NOT NULL DEFAULT ''",
                "ALTER TABLE pending ADD COLUMN asked_at BIGINT NOT NULL DEFAULT 0",
                "ALTER TABLE fired ADD COLUMN ord BIGINT NOT NULL DEFAULT 0",
                "CREATE INDEX fired_moved ON fired (fired_at) WHERE gone = 2",
            },
        .on_postgres = {},
    },
    Migration{
        .statements =
            {
                // thread: message ids with blanks between. parked is 1 while they are to hear that the start
                // was parked, 2 when they have heard it.
                "CREATE TABLE author (job_key TEXT NOT NULL, number BIGINT NOT NULL, trigger_id TEXT NOT NULL,"
                " tenant TEXT NOT NULL, address TEXT NOT NULL, subject TEXT NOT NULL, message_id TEXT NOT NULL,"
                " thread TEXT NOT NULL, noted_at BIGINT NOT NULL, parked BIGINT NOT NULL,"
                " PRIMARY KEY (job_key, number))",
                "CREATE INDEX author_trigger ON author (trigger_id)",
                "CREATE INDEX author_tenant ON author (tenant)",
                "CREATE INDEX author_age ON author (noted_at)",
                "CREATE INDEX author_untold ON author (job_key) WHERE parked = 1",
            },
        .on_postgres = {},
    },
    Migration{
        .statements =
            {
                // A row while the brake of a task is on.
                "CREATE TABLE brake (task TEXT PRIMARY KEY, since BIGINT NOT NULL, reason TEXT NOT NULL)",
                // How often tasks with a brake have started a job, and when.
                "CREATE TABLE task_start (task TEXT NOT NULL, at BIGINT NOT NULL, starts BIGINT NOT NULL)",
                "CREATE INDEX task_start_time ON task_start (task, at)",
                // braked: the task whose brake holds the start. released is 1 when a person let it go.
                "ALTER TABLE outbox ADD COLUMN braked TEXT NOT NULL DEFAULT ''",
                "ALTER TABLE outbox ADD COLUMN released BIGINT NOT NULL DEFAULT 0",
                "CREATE INDEX outbox_held ON outbox (braked, trigger_id) WHERE state = 'held'",
            },
        .on_postgres = {},
    },
    Migration{
        .statements = {"ALTER TABLE pending ADD COLUMN deaths BIGINT NOT NULL DEFAULT 0"},
        .on_postgres = {},
    },
    Migration{
        .statements =
            {
                // A server's own words for what it has told of a folder, and which of its folders they are of.
                // relist_from is 0 but while a list of all mails is taken in: then mails from this order on
                // were not known before, and relist_known of the others were there.
                "CREATE TABLE change_state (folder BIGINT PRIMARY KEY REFERENCES folder (id) ON DELETE CASCADE,"
                " subject TEXT NOT NULL, state TEXT NOT NULL, relist_from BIGINT NOT NULL,"
                " relist_known BIGINT NOT NULL)",
            },
        .on_postgres = {},
    },
};

std::string filled_in(std::string_view statement, const sql::Dialect &dialect) {
    constexpr std::string_view blank = "{id}";
    std::string text(statement);
    if (const auto at = text.find(blank); at != std::string::npos)
        text.replace(at, blank.size(), dialect.row_id);
    return text;
}

void apply(sql::Session &session, const Migration &migration) {
    for (const auto statement : migration.statements)
        session.execute(filled_in(statement, session.dialect()));
    if (session.dialect().server)
        for (const auto statement : migration.on_postgres)
            session.execute(std::string(statement));
}

Error newer_than_us(std::int64_t version) {
    Error error;
    error.fault = Fault::storage;
    error.step = "ledger";
    error.doing = "opening the ledger";
    error.server_text = "it was written by a newer version of this plugin: its schema is number " +
                        std::to_string(version) + ", this plugin knows up to " +
                        std::to_string(migrations.size());
    error.advice =
        "Install the newer plugin again, or restore the ledger from a backup made before the upgrade.";
    return error;
}

} // namespace

Result<void> migrate(sql::Database &database) {
    return database.write("bringing the ledger's tables up to date", [](sql::Session &session) -> Result<void> {
        // SQLite's write transaction keeps others out by itself. On a server even CREATE TABLE IF NOT EXISTS
        // can collide with itself.
        if (session.dialect().server) session.query<std::string>("SELECT pg_advisory_xact_lock(7391047735)");
        session.execute("CREATE TABLE IF NOT EXISTS schema_version (version BIGINT NOT NULL)");
        const auto row = session.query_one<std::int64_t>("SELECT version FROM schema_version");
        const std::int64_t version = row ? std::get<0>(*row) : 0;
        const auto known = static_cast<std::int64_t>(migrations.size());
        if (version > known) return newer_than_us(version);
        for (std::int64_t next = version; next < known; ++next)
            apply(session, migrations[static_cast<std::size_t>(next)]);
        if (!row)
            session.execute("INSERT INTO schema_version (version) VALUES ($1)", {known});
        else if (version < known)
            session.execute("UPDATE schema_version SET version = $1", {known});
        return {};
    });
}

} // namespace roe::ledger
