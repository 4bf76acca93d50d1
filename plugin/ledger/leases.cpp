#include "ledger/sql_ledger.hpp"

namespace roe::ledger {

Result<std::optional<std::int64_t>> SqlLedger::lease(const std::string &mailbox, const std::string &node,
                                                     WallTime now, std::chrono::milliseconds duration) {
    using Epoch = std::optional<std::int64_t>;
    return write<Epoch>("leasing a mailbox", [&](sql::Session &session) -> Result<Epoch> {
        const std::int64_t until = to_column(now + duration);
        // The first to come: whoever loses this race reads the winner's row below.
        if (session.query_one<std::int64_t>("INSERT INTO lease (mailbox, node, epoch, held_until) "
                                            "VALUES ($1, $2, 1, $3) ON CONFLICT DO NOTHING RETURNING epoch",
                                            {mailbox, node, until}))
            return Epoch{1};
        const auto held = session.query_one<std::string, std::int64_t, std::int64_t>(
            "SELECT node, epoch, held_until FROM lease WHERE mailbox = $1" +
                std::string(session.dialect().for_update),
            {mailbox});
        if (!held) return Epoch{}; // the mailbox was removed meanwhile
        const auto &[holder, epoch, held_until] = *held;
        const bool ours = holder == node;
        if (!ours && held_until > to_column(now)) return Epoch{};
        const std::int64_t next = ours ? epoch : epoch + 1;
        session.execute("UPDATE lease SET node = $1, epoch = $2, held_until = $3 WHERE mailbox = $4",
                        {node, next, until, mailbox});
        return Epoch{next};
    });
}

} // namespace roe::ledger
