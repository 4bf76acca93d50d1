// What the ledger's tests share: each runs on SQLite and on a real PostgreSQL.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "ledger/ledger.hpp"

namespace roe::ledger::testing {

enum class Backend { sqlite, postgres };

inline WallTime at(std::int64_t seconds) {
    return WallTime(std::chrono::seconds(1'700'000'000 + seconds));
}

// Where a ledger stands, so that it can be opened again, or by another process.
struct Address {
    std::string database;
    std::string folder;
};

class LedgerTest : public ::testing::TestWithParam<Backend> {
  protected:
    void SetUp() override;
    void TearDown() override;

    std::unique_ptr<Ledger> open();
    void reopen() {
        ledger_.reset();
        ledger_ = open();
    }

    // Runs SQL past the ledger.
    void tamper(const std::string &sql);

    // A folder in which the triggers have their baseline at 0.
    RowId given_folder(const std::vector<std::string> &triggers, const std::string &validity = "v1");

    Address address_;
    std::unique_ptr<Ledger> ledger_;
    std::string database_name_;
};

Decision skipped(const std::string &trigger, std::int64_t order);
Decision matched(const std::string &trigger, std::int64_t order);

// A pass over these mails: each trigger's mark is raised to the highest of its own.
Pass pass_of(RowId folder, std::vector<Decision> decisions, const std::string &validity = "v1");

Answer accepted(RowId outbox, const std::string &job = "job");
Answer busy(RowId outbox, WallTime not_before);
Answer refused(RowId outbox, const std::string &words);

std::vector<std::string> fingerprints(const std::vector<FiredMail> &mails);
std::vector<std::string> keys(const std::vector<OutboxRow> &rows);
std::vector<std::string> uids(const std::vector<DisposalRow> &rows);

// The value, or a failed test that says why there is none.
template <class T>
T must(Result<T> result) {
    if (!result) throw std::runtime_error(result.error().text());
    return std::move(*result);
}
inline void must(const Result<void> &result) {
    if (!result) throw std::runtime_error(result.error().text());
}

inline const auto on_both = ::testing::Values(Backend::sqlite, Backend::postgres);
inline std::string backend_name(const ::testing::TestParamInfo<Backend> &param) {
    return param.param == Backend::sqlite ? "SQLite" : "PostgreSQL";
}

} // namespace roe::ledger::testing
