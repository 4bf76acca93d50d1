// A database that runs units of work, each in a transaction of its own.
//
// [any thread] for all of it. None throws.
#pragma once

#include <functional>
#include <string_view>

#include "base/result.hpp"
#include "ledger/sql/session.hpp"

namespace roe::ledger::sql {

// One unit of work. May run more than once, so it sets all of its outcome anew each time; what it did counts
// only when it returned no error and the transaction was committed. May throw SqlError.
using Unit = std::function<Result<void>(Session &)>;

enum class Commit {
    ordinary,
    of_pass, // is one of the named crash points
    relaxed, // outlives the process but not the power: for what does no harm when it is done again
};

class Database {
  public:
    virtual ~Database() = default;

    // `doing` says for people what this is part of: "reading the message log".
    virtual Result<void> read(std::string_view doing, const Unit &unit) = 0;

    // Durable when it returns without error, but for a relaxed commit.
    virtual Result<void> write(std::string_view doing, const Unit &unit, Commit commit = Commit::ordinary) = 0;

    // Gives unused space back, a little at a time. Worth calling after much was deleted.
    virtual Result<void> tidy() = 0;
};

} // namespace roe::ledger::sql
