#include "ledger/sql/sqlite_session.hpp"

#include <chrono>
#include <thread>

#include <Poco/Data/SQLite/SQLiteException.h>
#include <Poco/Data/SQLite/SessionImpl.h>

namespace roe::ledger::sql {
namespace {

namespace sqlite = Poco::Data::SQLite;

Poco::Data::Session connect(const std::filesystem::path &file) {
    try {
        // A login timeout of 0: Poco tries a file that can't be opened again and again until it is over.
        return {Poco::AutoPtr<Poco::Data::SessionImpl>(new sqlite::SessionImpl(file.string(), 0))};
    } catch (const Poco::Exception &failure) {
        throw SqlError(SqlError::Kind::lost, failure.message());
    }
}

constexpr std::chrono::milliseconds busy_patience = std::chrono::seconds(10);

// Turning a file into one with a write-ahead log upgrades a read lock, where SQLite answers "locked" without
// heeding the busy timeout: of several processes that open a new ledger at once, all but one would be refused.
std::string write_ahead(Session &session) {
    const auto deadline = std::chrono::steady_clock::now() + busy_patience;
    for (;;) {
        try {
            const auto mode = session.query_one<std::string>("PRAGMA journal_mode = WAL");
            return mode ? std::get<0>(*mode) : "";
        } catch (const SqlError &refused) {
            if (refused.kind() != SqlError::Kind::again || std::chrono::steady_clock::now() > deadline) throw;
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
}

} // namespace

SqliteSession::SqliteSession(const std::filesystem::path &file, Role role)
    : PocoSession(connect(file), Reuse::none), role_(role) {
    execute("PRAGMA busy_timeout = " + std::to_string(busy_patience.count()));
    execute("PRAGMA foreign_keys = ON");
    if (role_ == Role::reader) {
        execute("PRAGMA query_only = ON");
        return;
    }
    // These two count only before the first table is made. Payloads are large: a larger page writes them in
    // fewer pieces, and a still larger one would make the commit of a single mail slower.
    execute("PRAGMA page_size = 8192");
    execute("PRAGMA auto_vacuum = INCREMENTAL");
    execute("PRAGMA cache_size = -8000");
    execute("PRAGMA temp_store = MEMORY"); // else what a statement might have to take back goes to a file
    if (write_ahead(*this) != "wal")
        throw SqlError(SqlError::Kind::lost, "the file system can't hold a write-ahead log");
    sync_commits(true);
    query<std::string>("PRAGMA wal_autocheckpoint = 2000");
    query<std::string>("PRAGMA journal_size_limit = 67108864");
    // Debian's SQLite overwrites with zeros whatever is deleted, which writes each payload once more.
    query<std::string>("PRAGMA secure_delete = FAST");
}

const Dialect &SqliteSession::dialect() const {
    static const Dialect sqlite_dialect{"INTEGER PRIMARY KEY AUTOINCREMENT", "", "", false};
    return sqlite_dialect;
}

// In WAL mode NORMAL may lose the last commits when power fails, and nothing else: never what was committed
// before a FULL one.
void SqliteSession::sync_commits(bool sync) {
    if (syncs_ == sync) return;
    execute(sync ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = NORMAL");
    syncs_ = sync;
}

// Poco's begin() is BEGIN DEFERRED, whose first write fails with "locked" when another process has written
// since the first read, and no busy timeout helps there.
void SqliteSession::begin() {
    execute(role_ == Role::writer ? "BEGIN IMMEDIATE" : "BEGIN");
}

void SqliteSession::commit() {
    execute("COMMIT");
}

void SqliteSession::rollback() {
    execute("ROLLBACK");
}

bool SqliteSession::in_transaction() {
    return !poco().getFeature("autoCommit");
}

SqlError SqliteSession::meaning(const Poco::Exception &failure) {
    const bool busy = dynamic_cast<const sqlite::DBLockedException *>(&failure) != nullptr;
    return {busy ? SqlError::Kind::again : SqlError::Kind::failed, failure.message()};
}

} // namespace roe::ledger::sql
