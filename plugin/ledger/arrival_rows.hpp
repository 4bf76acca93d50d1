// The rows of the mails of a folder whose names carry no order; see docs/decisions/0007.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "ledger/sql/session.hpp"

namespace roe::ledger {

struct Arrival {
    std::int64_t order = 0;
    std::int64_t size = 0;
    std::int64_t gone_at = 0; // 0: it is there
};
using Arrivals = std::unordered_map<std::string, Arrival>;

// Belongs to one transaction.
class ArrivalRows {
  public:
    ArrivalRows(sql::Session &session, std::int64_t folder) : session_(session), folder_(folder) {}

    // The folder's row in arrival_list is there, and locked until the transaction ends.
    void hold_list();

    [[nodiscard]] Arrivals all();
    [[nodiscard]] Arrivals named(std::vector<sql::Values> names);

    void add(std::string name, std::int64_t order, std::int64_t size);
    void bring_back(std::vector<sql::Values> names);
    void note_gone(std::vector<sql::Values> names, std::int64_t now);
    // What has been gone for so long that it is forgotten.
    void expire(std::int64_t now);
    // Writes what was added.
    void flush();

  private:
    sql::Session &session_;
    const std::int64_t folder_;
    std::vector<sql::Values> fresh_;
};

} // namespace roe::ledger
