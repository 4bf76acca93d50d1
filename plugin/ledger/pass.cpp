#include <set>

#include "ledger/pass_commit.hpp"
#include "ledger/sql_ledger.hpp"

namespace roe::ledger {

Result<std::vector<FiredMail>> SqlLedger::fired(const std::string &trigger,
                                                std::span<const std::string> fingerprints) {
    using Found = std::vector<FiredMail>;
    return read<Found>("looking for mails that started before", [&](sql::Session &session) -> Result<Found> {
        // Each once: what is asked for in two statements would be found twice.
        std::set<std::string> distinct(fingerprints.begin(), fingerprints.end());
        distinct.erase("");
        std::vector<sql::Values> asked;
        asked.reserve(distinct.size());
        for (const std::string &fingerprint : distinct)
            asked.push_back({fingerprint});
        Found found;
        for (auto &[fingerprint, folder, validity, uid, order, key, gone] :
             sql::query_rows<std::string, std::int64_t, std::string, std::string, std::int64_t, std::string,
                             std::int64_t>(
                 session,
                 "SELECT fingerprint, folder, validity, uid, ord, job_key, gone FROM fired "
                 "WHERE trigger_id = $1 AND fingerprint IN (VALUES ",
                 ")", {"TEXT"}, std::move(asked), {trigger}))
            found.push_back({std::move(fingerprint),
                             folder,
                             std::move(validity),
                             {order, std::move(uid)},
                             !key.empty(),
                             gone == gone_removed});
        return found;
    });
}

Result<std::vector<OutboxRow>> SqlLedger::commit_pass(const Pass &pass) {
    return write<std::vector<OutboxRow>>(
        "recording a pass", [&](sql::Session &session) { return PassCommit(session, pass).run(); },
        sql::Commit::of_pass);
}

} // namespace roe::ledger
