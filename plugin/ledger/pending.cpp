#include "ledger/sql_ledger.hpp"

namespace roe::ledger {

// Only what belongs to the trigger's own mark: under another validity the names mean other mails. What was
// interrupted ahead of the mark comes with the new mail, so that it is not decided on twice.
Result<std::vector<PendingMail>> SqlLedger::pending(RowId folder, WallTime now, std::size_t limit) {
    return read<std::vector<PendingMail>>("reading the mails put off", [&](sql::Session &session) {
        std::vector<PendingMail> mails;
        for (auto &[trigger, order, uid, attempts, not_before, last_error, asked_by, asked_at, deaths] :
             session.query<std::string, std::int64_t, std::string, std::int64_t, std::int64_t, std::string,
                           std::string, std::int64_t, std::int64_t>(
                 "SELECT p.trigger_id, p.ord, p.uid, p.attempts, p.not_before, p.last_error, p.asked_by, "
                 "p.asked_at, p.deaths FROM pending p "
                 "LEFT JOIN mark m ON m.folder = p.folder AND m.trigger_id = p.trigger_id "
                 "WHERE p.folder = $1 AND p.quarantined = 0 AND p.not_before <= $2 "
                 "AND COALESCE(m.validity, p.validity) = p.validity "
                 "AND (p.deaths = 0 OR COALESCE(m.ord, p.ord) >= p.ord) ORDER BY p.ord, p.uid LIMIT $3",
                 {folder, to_column(now), to_limit(limit)})) {
            PendingMail mail{std::move(trigger),
                             {order, std::move(uid)},
                             static_cast<int>(attempts),
                             to_time(not_before),
                             std::move(last_error)};
            mail.deaths = static_cast<int>(deaths);
            if (asked_at != 0) mail.once_more = OnceMore{std::move(asked_by), to_time(asked_at)};
            mails.push_back(std::move(mail));
        }
        return Result(std::move(mails));
    });
}

Result<PutOffMails> SqlLedger::put_off(const std::string &trigger, std::size_t limit) {
    return read<PutOffMails>("reading a trigger's mails put off", [&](sql::Session &session) {
        PutOffMails found;
        if (const auto counts = session.query_one<std::int64_t, std::int64_t>(
                "SELECT COUNT(*), COALESCE(SUM(quarantined), 0) FROM pending WHERE trigger_id = $1 AND "
                "attempts > 0",
                {trigger}))
            std::tie(found.count, found.quarantined) = *counts;
        for (auto &[order, uid, attempts, not_before, last_error, quarantined] :
             session.query<std::int64_t, std::string, std::int64_t, std::int64_t, std::string, std::int64_t>(
                 "SELECT ord, uid, attempts, not_before, last_error, quarantined FROM pending "
                 "WHERE trigger_id = $1 AND attempts > 0 ORDER BY ord, uid LIMIT $2",
                 {trigger, to_limit(limit)}))
            found.mails.push_back({trigger,
                                   {order, std::move(uid)},
                                   static_cast<int>(attempts),
                                   to_time(not_before),
                                   std::move(last_error),
                                   quarantined != 0});
        return Result(std::move(found));
    });
}

} // namespace roe::ledger
