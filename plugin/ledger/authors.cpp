#include <sstream>

#include "ledger/sql_ledger.hpp"

namespace roe::ledger {
namespace {

std::vector<std::string> split(const std::string &thread) {
    std::istringstream words(thread);
    std::vector<std::string> ids;
    for (std::string id; words >> id;)
        ids.push_back(id);
    return ids;
}

std::vector<Author> authors_of(sql::Session &session, const std::string &key) {
    std::vector<Author> authors;
    for (auto &[number, address, subject, message_id, thread] :
         session.query<std::int64_t, std::string, std::string, std::string, std::string>(
             "SELECT number, address, subject, message_id, thread FROM author WHERE job_key = $1 ORDER BY "
             "number",
             {key}))
        authors.push_back(
            {number, std::move(address), std::move(subject), std::move(message_id), split(thread)});
    return authors;
}

} // namespace

Result<std::vector<Author>> SqlLedger::authors(const std::string &key) {
    return read<std::vector<Author>>("reading who is to be told",
                                     [&](sql::Session &session) { return Result(authors_of(session, key)); });
}

Result<std::vector<UntoldStart>> SqlLedger::untold_starts(std::size_t limit) {
    using Starts = std::vector<UntoldStart>;
    return read<Starts>("reading who is to be told of parked starts", [&](sql::Session &session) {
        Starts starts;
        for (auto &[key, trigger, tenant] : session.query<std::string, std::string, std::string>(
                 "SELECT DISTINCT job_key, trigger_id, tenant FROM author WHERE parked = 1 ORDER BY job_key "
                 "LIMIT $1",
                 {to_limit(limit)})) {
            auto authors = authors_of(session, key);
            starts.push_back({std::move(key), std::move(trigger), std::move(tenant), std::move(authors)});
        }
        return Result(std::move(starts));
    });
}

Result<void> SqlLedger::note_told(const std::string &key) {
    return change("recording who was told", [&](sql::Session &session) -> Result<void> {
        session.execute("UPDATE author SET parked = 2 WHERE job_key = $1", {key});
        return {};
    });
}

} // namespace roe::ledger
