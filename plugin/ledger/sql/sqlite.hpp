// SQLite: one file, one thread that writes, any number that read beside it.
#pragma once

#include <filesystem>
#include <memory>

#include "ledger/sql/database.hpp"

namespace roe::ledger::sql {

// Opens or creates the file.
Result<std::unique_ptr<Database>> open_sqlite(const std::filesystem::path &file);

} // namespace roe::ledger::sql
