// What committing a pass does inside its transaction, step by step.
#pragma once

#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "ledger/ledger.hpp"
#include "ledger/sql/session.hpp"

namespace roe::ledger {

class PassCommit {
  public:
    PassCommit(sql::Session &session, const Pass &pass) : session_(session), pass_(pass) {}

    Result<std::vector<OutboxRow>> run();

  private:
    using Name = std::tuple<std::string, std::string>; // trigger and uid

    Result<void> check_keys() const;
    Result<void> lock_folder();
    Result<void> check_fence(const std::string &mailbox);
    void put_off();
    void log_put_off();
    void leave_out_started();
    [[nodiscard]] bool is_open(const Decision &decision) const;
    void insert_decisions();
    Result<void> check_shared_starts() const;
    void insert_fired();
    Result<std::vector<OutboxRow>> insert_outbox();
    void insert_authors();
    void insert_disposals();
    void remove_pending();
    void raise_marks();
    void note_times();

    sql::Session &session_;
    const Pass &pass_;
    std::map<Name, const Decision *> open_; // those of the pass that were not decided before
};

} // namespace roe::ledger
