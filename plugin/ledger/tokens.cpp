#include "ledger/sql_ledger.hpp"

namespace roe::ledger {

Result<std::string> SqlLedger::tokens(const std::string &mailbox) {
    return read<std::string>("reading a mailbox's tokens", [&](sql::Session &session) {
        const auto row =
            session.query_one<std::string>("SELECT sealed FROM mailbox_token WHERE mailbox = $1", {mailbox});
        return Result(row ? std::get<0>(*row) : std::string());
    });
}

Result<void> SqlLedger::keep_tokens(const std::string &mailbox, const std::string &sealed) {
    return change("keeping a mailbox's tokens", [&](sql::Session &session) -> Result<void> {
        session.execute("INSERT INTO mailbox_token (mailbox, sealed) VALUES ($1, $2)"
                        " ON CONFLICT (mailbox) DO UPDATE SET sealed = excluded.sealed",
                        {mailbox, sealed});
        return {};
    });
}

} // namespace roe::ledger
