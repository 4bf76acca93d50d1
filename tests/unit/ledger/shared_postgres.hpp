// One server for all tests of a program, started when the first one asks for it.
#pragma once

#include "postgres.hpp"

namespace roe::ledger::testing {

// Null where PostgreSQL is not installed.
inline roe::testing::Postgres *shared_postgres() {
    static const auto server = roe::testing::Postgres::start_if_installed();
    return server.get();
}

} // namespace roe::ledger::testing
