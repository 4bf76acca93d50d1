// The journal: who did what, when.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/times.hpp"
#include "store/database.hpp"
#include "store/tasks.hpp"

namespace host {

struct JournalRow {
    std::int64_t seq = 0;
    Micros at = 0;
    std::string plugin;
    std::int64_t code = 0;
    std::string name;
    std::string tenant;
    std::optional<std::string> user;
    std::string subject; // JSON
    std::string details; // JSON
};

// Each takes a session of `Database::read` or `Database::write`.
namespace journal {

void insert(Session &session, const JournalRow &row);
std::vector<JournalRow> list(Session &session, const std::string &tenant,
                             const std::optional<std::int64_t> &code, const PageOf &page);

// Those of the rows that are there, in order.
std::vector<JournalRow> of_rows(Session &session, const std::vector<std::int64_t> &rows);

} // namespace journal
} // namespace host
