// PostgreSQL: a few sessions of our own, each thrown away at its first error.
#pragma once

#include <memory>
#include <string>

#include "ledger/sql/database.hpp"

namespace roe::ledger::sql {

// Connects once, and makes the schema that our tables stand in when it is missing.
Result<std::unique_ptr<Database>> open_postgres(const std::string &connection_string);

} // namespace roe::ledger::sql
