#include "store/schema.hpp"

#include <array>
#include <stdexcept>
#include <string>
#include <vector>

namespace host {
namespace {

using namespace Poco::Data::Keywords;

const std::vector<std::vector<const char *>> &versions() {
    static const std::vector<std::vector<const char *>> steps{
        {
            "CREATE TABLE tasks ("
            " seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, tenant TEXT NOT NULL,"
            " name TEXT NOT NULL, project TEXT NOT NULL, started INTEGER NOT NULL,"
            " created_at INTEGER NOT NULL, changed_at INTEGER NOT NULL)",
            "CREATE INDEX tasks_by_tenant ON tasks (tenant, seq)",
            "CREATE TABLE triggers ("
            " id TEXT PRIMARY KEY, task TEXT NOT NULL REFERENCES tasks (id) ON DELETE CASCADE,"
            " position INTEGER NOT NULL, plugin TEXT NOT NULL, type TEXT NOT NULL, parameters TEXT NOT NULL)",
            "CREATE INDEX triggers_by_task ON triggers (task, position)",
            // Deleted here, but the plugin may not have heard of it yet.
            "CREATE TABLE forgotten_triggers (id TEXT PRIMARY KEY, plugin TEXT NOT NULL)",
            // idempotency_key is null for retries. The row outlives payload and spool, as the key must.
            "CREATE TABLE jobs ("
            " seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, plugin TEXT NOT NULL,"
            " idempotency_key TEXT, task TEXT NOT NULL, task_name TEXT NOT NULL, trigger_id TEXT NOT NULL,"
            " tenant TEXT NOT NULL, project TEXT NOT NULL, payload TEXT, spool TEXT NOT NULL,"
            " spool_bytes INTEGER NOT NULL, state TEXT NOT NULL, created_at INTEGER NOT NULL,"
            " started_at INTEGER, ended_at INTEGER, exit_code INTEGER, output TEXT, error TEXT, retry_of TEXT,"
            " UNIQUE (plugin, idempotency_key))",
            "CREATE INDEX jobs_by_tenant ON jobs (tenant, seq)",
            "CREATE INDEX jobs_by_task ON jobs (task, seq)",
            "CREATE INDEX jobs_by_trigger ON jobs (trigger_id, seq)",
            "CREATE INDEX jobs_unfinished ON jobs (seq) WHERE ended_at IS NULL",
            "CREATE INDEX jobs_kept ON jobs (ended_at) WHERE payload IS NOT NULL",
            "CREATE INDEX jobs_by_spool ON jobs (plugin, spool) WHERE spool <> ''",
            "CREATE TABLE journal ("
            " seq INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, plugin TEXT NOT NULL,"
            " code INTEGER NOT NULL, name TEXT NOT NULL, tenant TEXT NOT NULL, user TEXT,"
            " subject TEXT NOT NULL, details TEXT NOT NULL)",
            "CREATE INDEX journal_by_tenant ON journal (tenant, seq)",
        },
        {
            "CREATE TABLE assets ("
            " tenant TEXT NOT NULL, name TEXT NOT NULL, value TEXT NOT NULL, changed_at INTEGER NOT NULL,"
            " changed_by TEXT NOT NULL, PRIMARY KEY (tenant, name)) WITHOUT ROWID",
            // 1: its content goes as soon as it has ended, whatever the retention.
            "ALTER TABLE jobs ADD COLUMN erase INTEGER NOT NULL DEFAULT 0",
        },
        {
            // A backup was restored, and their plugins have not heard of it yet.
            "CREATE TABLE restored_triggers ("
            " id TEXT PRIMARY KEY, known_until INTEGER NOT NULL, restored_at INTEGER NOT NULL)",
        },
        {
            // 1: its value came from a plugin, and may be a mail.
            "ALTER TABLE assets ADD COLUMN by_plugin INTEGER NOT NULL DEFAULT 0",
        },
        {
            // When the plugin is to be told how the job ended; null: it has not ended, or that was told.
            "ALTER TABLE jobs ADD COLUMN tell_at INTEGER",
            "CREATE INDEX jobs_to_tell ON jobs (tell_at) WHERE tell_at IS NOT NULL",
            // Every key that was ever taken: it must send nothing more.
            "CREATE TABLE notifications (plugin TEXT NOT NULL, key TEXT NOT NULL, PRIMARY KEY (plugin, key))"
            " WITHOUT ROWID",
            "CREATE TABLE outgoing_mails ("
            " seq INTEGER PRIMARY KEY AUTOINCREMENT, tenant TEXT NOT NULL, plugin TEXT NOT NULL, key TEXT NOT "
            "NULL,"
            " recipient TEXT NOT NULL, content TEXT NOT NULL, attempts INTEGER NOT NULL, next_at INTEGER NOT "
            "NULL,"
            " created_at INTEGER NOT NULL)",
            "CREATE INDEX outgoing_mails_due ON outgoing_mails (next_at, seq)",
        },
        {
            // When the newest of its mails came; null: its payload tells nothing of that.
            "ALTER TABLE jobs ADD COLUMN received_at INTEGER",
            // They hold all that figures are made of: in a row the state comes after the payload, which is
            // long.
            "CREATE INDEX jobs_by_time ON jobs (tenant, created_at, state, started_at, received_at)",
            "CREATE INDEX jobs_backlog ON jobs (tenant, state, ended_at) WHERE ended_at IS NULL",
        },
        {
            // What a list says of a job's mails, without its payload; null as well once that is gone.
            "ALTER TABLE jobs ADD COLUMN mails INTEGER",
            "ALTER TABLE jobs ADD COLUMN subject TEXT",
        },
    };
    return steps;
}

} // namespace

void migrate(Poco::Data::Session &session) {
    session << "BEGIN IMMEDIATE", now;
    int version = 0;
    session << "PRAGMA user_version", into(version), now;
    const auto newest = static_cast<int>(versions().size());
    if (version > newest) {
        session << "ROLLBACK", now;
        throw std::runtime_error("the database was made by a newer host (schema " + std::to_string(version) +
                                 ", this one knows " + std::to_string(newest) + ")");
    }
    for (int step = version; step < newest; ++step) {
        for (const char *statement : versions()[static_cast<std::size_t>(step)])
            session << statement, now;
    }
    session << "PRAGMA user_version = " + std::to_string(newest), now;
    session << "COMMIT", now;
}

} // namespace host
