#include "ledger/pass_commit.hpp"
#include "ledger/sql_ledger.hpp"

namespace roe::ledger {

Result<std::vector<std::string>> SqlLedger::fired(const std::string &trigger,
                                                  std::span<const std::string> fingerprints) {
    using Found = std::vector<std::string>;
    return read<Found>("looking for mails that started before", [&](sql::Session &session) -> Result<Found> {
        std::vector<sql::Values> asked;
        for (const std::string &fingerprint : fingerprints)
            if (!fingerprint.empty()) asked.push_back({fingerprint});
        Found found;
        for (auto &[fingerprint] : sql::query_rows<std::string>(
                 session,
                 "SELECT DISTINCT fingerprint FROM fired WHERE trigger_id = $1 AND fingerprint IN (VALUES ",
                 ")", {"TEXT"}, std::move(asked), {trigger}))
            found.push_back(std::move(fingerprint));
        return found;
    });
}

Result<std::vector<OutboxRow>> SqlLedger::commit_pass(const Pass &pass) {
    return write<std::vector<OutboxRow>>(
        "recording a pass", [&](sql::Session &session) { return PassCommit(session, pass).run(); },
        sql::Commit::of_pass);
}

} // namespace roe::ledger
