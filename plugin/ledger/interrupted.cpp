// Mails that were being read when the process ended.
#include "ledger/pass_commit.hpp"
#include "ledger/sql_ledger.hpp"

namespace roe::ledger {
namespace {

const std::string ended_over_it = "The process ended while this mail was being read";

// Whether the mail's name still means it, and the mailbox is still ours.
bool is_ours(sql::Session &session, const InterruptedMail &mail) {
    const auto folder = session.query_one<std::string, std::string>(
        "SELECT mailbox, validity FROM folder WHERE id = $1", {mail.folder});
    if (!folder || std::get<1>(*folder) != mail.validity) return false;
    const auto lease = session.query_one<std::string, std::int64_t>(
        "SELECT node, epoch FROM lease WHERE mailbox = $1", {std::get<0>(*folder)});
    return !lease || *lease == std::tuple(mail.node, mail.epoch);
}

// The trigger's row of the mail with one death more; empty: it has decided.
std::optional<PendingMail> one_more(sql::Session &session, const InterruptedMail &mail,
                                    const std::string &trigger, WallTime now) {
    PendingMail row{trigger, mail.ref, 1, now, ended_over_it};
    row.deaths = 1;
    row.tenant = mail.tenant;
    row.words = mail.words;
    if (const auto known = session.query_one<std::int64_t, std::int64_t, std::int64_t, std::int64_t>(
            "SELECT attempts, not_before, quarantined, deaths FROM pending "
            "WHERE folder = $1 AND validity = $2 AND trigger_id = $3 AND uid = $4",
            {mail.folder, mail.validity, trigger, mail.ref.uid})) {
        const auto &[attempts, not_before, quarantined, deaths] = *known;
        row.attempts += static_cast<int>(attempts);
        row.not_before = to_time(not_before);
        row.quarantined = quarantined != 0;
        row.deaths += static_cast<int>(deaths);
        return row;
    }
    const auto mark = session.query_one<std::int64_t>(
        "SELECT ord FROM mark WHERE folder = $1 AND validity = $2 AND trigger_id = $3",
        {mail.folder, mail.validity, trigger});
    if (!mark || std::get<0>(*mark) >= mail.ref.order) return std::nullopt;
    return row;
}

} // namespace

Result<void> SqlLedger::count_death(const InterruptedMail &mail, WallTime now) {
    return change("recording that the process ended over a mail", [&](sql::Session &session) -> Result<void> {
        if (!is_ours(session, mail)) return {};
        Pass pass;
        pass.folder = mail.folder;
        pass.validity = mail.validity;
        pass.node = mail.node;
        pass.epoch = mail.epoch;
        pass.decided_at = now;
        for (const auto &trigger : mail.triggers)
            if (auto row = one_more(session, mail, trigger, now)) pass.pending.push_back(std::move(*row));
        if (pass.pending.empty()) return {};
        const auto recorded = PassCommit(session, pass).run();
        if (!recorded) return recorded.error();
        return {};
    });
}

Result<std::vector<PendingMail>> SqlLedger::interrupted(RowId folder, const std::string &validity) {
    return read<std::vector<PendingMail>>(
        "reading the mails over which the process ended", [&](sql::Session &session) {
            std::vector<PendingMail> mails;
            for (auto &[trigger, order, uid, attempts, not_before, last_error, deaths] :
                 session.query<std::string, std::int64_t, std::string, std::int64_t, std::int64_t, std::string,
                               std::int64_t>(
                     "SELECT p.trigger_id, p.ord, p.uid, p.attempts, p.not_before, p.last_error, p.deaths "
                     "FROM pending p JOIN mark m ON m.folder = p.folder AND m.trigger_id = p.trigger_id "
                     "AND m.validity = p.validity WHERE p.folder = $1 AND p.validity = $2 AND p.deaths > 0 AND "
                     "p.ord > m.ord",
                     {folder, validity})) {
                PendingMail mail{std::move(trigger),
                                 {order, std::move(uid)},
                                 static_cast<int>(attempts),
                                 to_time(not_before),
                                 std::move(last_error)};
                mail.deaths = static_cast<int>(deaths);
                mails.push_back(std::move(mail));
            }
            return Result(std::move(mails));
        });
}

} // namespace roe::ledger
