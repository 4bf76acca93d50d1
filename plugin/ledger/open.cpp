#include "ledger/schema.hpp"
#include "ledger/sql/postgres.hpp"
#include "ledger/sql/sqlite.hpp"
#include "ledger/sql_ledger.hpp"

namespace roe::ledger {

Result<std::unique_ptr<Ledger>> open_ledger(const std::string &database, const std::string &folder) {
    auto opened = database == "sqlite" ? sql::open_sqlite(std::filesystem::path(folder) / "ledger.db")
                                       : sql::open_postgres(database);
    if (!opened) return std::move(opened.error());
    if (Result<void> migrated = migrate(**opened); !migrated) return std::move(migrated.error());
    return std::unique_ptr<Ledger>(std::make_unique<SqlLedger>(std::move(*opened)));
}

} // namespace roe::ledger
