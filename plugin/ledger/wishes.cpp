#include "ledger/sql_ledger.hpp"

namespace roe::ledger {
namespace {

// A row of the message log, held until the transaction ends.
struct Held {
    std::int64_t folder = 0;
    std::string validity;
    std::string uid;
    std::int64_t order = 0;
    std::string state;
    std::string key;
    std::string job;
};

std::optional<Held> hold(sql::Session &session, const std::string &trigger, RowId row) {
    auto found =
        session.query_one<std::int64_t, std::string, std::string, std::int64_t, std::string, std::string,
                          std::string>("SELECT folder, validity, uid, ord, state, job_key, job FROM decision "
                                       "WHERE id = $1 AND trigger_id = $2" +
                                           std::string(session.dialect().for_update),
                                       {row, trigger});
    if (!found) return std::nullopt;
    auto &[folder, validity, uid, order, state, key, job] = *found;
    return Held{folder,           std::move(validity), std::move(uid), order,
                std::move(state), std::move(key),      std::move(job)};
}

bool is_parked(sql::Session &session, const Held &held) {
    return !held.key.empty() &&
           session.query_one<std::int64_t>("SELECT id FROM outbox WHERE job_key = $1 AND state = 'parked'" +
                                               std::string(session.dialect().for_update),
                                           {held.key});
}

const std::string of_the_mail = " WHERE folder = $1 AND validity = $2 AND trigger_id = $3 AND uid = $4";

sql::Values name_of(const std::string &trigger, const Held &held) {
    return {held.folder, held.validity, trigger, held.uid};
}

bool is_pending(sql::Session &session, const std::string &trigger, const Held &held) {
    return held.state == "pending" &&
           session.query_one<std::int64_t>("SELECT ord FROM pending" + of_the_mail, name_of(trigger, held));
}

void give_up_start(sql::Session &session, const std::string &key, const std::string &reason) {
    // The job never took the mails: they are left as they are.
    session.execute("DELETE FROM disposal WHERE (folder, validity, uid) IN "
                    "(SELECT folder, validity, uid FROM decision WHERE job_key = $1 AND job_key <> '')",
                    {key});
    session.execute(
        "UPDATE decision SET state = 'skipped', reason_code = 'given-up', reason_text = $1, words = '' "
        "WHERE job_key = $2 AND job_key <> ''",
        {reason, key});
    session.execute("DELETE FROM outbox WHERE job_key = $1", {key});
}

} // namespace

Result<Wish> SqlLedger::retry(const std::string &trigger, RowId row) {
    return write<Wish>("retrying a row of the message log", [&](sql::Session &session) -> Result<Wish> {
        const auto held = hold(session, trigger, row);
        if (!held) return Wish::no_such_row;
        if (is_parked(session, *held)) {
            session.execute("UPDATE outbox SET state = 'queued', not_before = 0 WHERE job_key = $1",
                            {held->key});
            session.execute(
                "UPDATE decision SET state = 'queued', words = '' WHERE job_key = $1 AND job_key <> ''",
                {held->key});
            return Wish::granted;
        }
        if (!is_pending(session, trigger, *held)) return Wish::wrong_state;
        session.execute("UPDATE pending SET quarantined = 0, not_before = 0" + of_the_mail,
                        name_of(trigger, *held));
        return Wish::granted;
    });
}

Result<Wish> SqlLedger::skip(const std::string &trigger, RowId row, const std::string &by) {
    return write<Wish>("giving up a row of the message log", [&](sql::Session &session) -> Result<Wish> {
        const auto held = hold(session, trigger, row);
        if (!held) return Wish::no_such_row;
        const auto reason = "Given up by " + by;
        if (is_parked(session, *held)) {
            give_up_start(session, held->key, reason);
            return Wish::granted;
        }
        if (!is_pending(session, trigger, *held)) return Wish::wrong_state;
        session.execute("DELETE FROM pending" + of_the_mail, name_of(trigger, *held));
        session.execute(
            "UPDATE decision SET state = $1, reason_code = 'given-up', reason_text = $2 WHERE id = $3",
            {std::string(held->job.empty() ? "skipped" : "delivered"), reason, row});
        return Wish::granted;
    });
}

Result<Wish> SqlLedger::start_again(const std::string &trigger, RowId row, const OnceMore &wish) {
    return write<Wish>("starting a mail's job once more", [&](sql::Session &session) -> Result<Wish> {
        const auto held = hold(session, trigger, row);
        if (!held) return Wish::no_such_row;
        if (held->state == "queued" || held->state == "parked" || is_pending(session, trigger, *held))
            return Wish::wrong_state;
        if (!session.query_one<std::int64_t>(
                "SELECT ord FROM mark WHERE folder = $1 AND validity = $2 AND trigger_id = $3",
                {held->folder, held->validity, trigger}))
            return Wish::out_of_reach;
        session.execute(
            "INSERT INTO pending (trigger_id, folder, validity, uid, ord, attempts, not_before, "
            "last_error, quarantined, asked_by, asked_at) VALUES ($1, $2, $3, $4, $5, 0, 0, '', 0, "
            "$6, $7)",
            {trigger, held->folder, held->validity, held->uid, held->order, wish.by, to_column(wish.at)});
        session.execute("UPDATE decision SET state = 'pending', reason_code = 'once-more', reason_text = $1, "
                        "words = '' WHERE id = $2",
                        {"To be started once more: " + wish.by + " asked for it", row});
        return Wish::granted;
    });
}

} // namespace roe::ledger
