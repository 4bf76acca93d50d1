#include "ledger/sql_ledger.hpp"

namespace roe::ledger {
namespace {

// A row of the message log, locked until the transaction ends.
struct LockedRow {
    std::int64_t folder = 0;
    std::string validity;
    std::string uid;
    std::int64_t order = 0;
    std::string state;
    std::string key;
    std::string job;
};

std::optional<LockedRow> lock(sql::Session &session, const std::string &trigger, RowId row) {
    auto found =
        session.query_one<std::int64_t, std::string, std::string, std::int64_t, std::string, std::string,
                          std::string>("SELECT folder, validity, uid, ord, state, job_key, job FROM decision "
                                       "WHERE id = $1 AND trigger_id = $2" +
                                           std::string(session.dialect().for_update),
                                       {row, trigger});
    if (!found) return std::nullopt;
    auto &[folder, validity, uid, order, state, key, job] = *found;
    return LockedRow{folder,           std::move(validity), std::move(uid), order,
                     std::move(state), std::move(key),      std::move(job)};
}

// Its start, when it waits for a person.
struct StuckStart {
    std::string state;  // parked, held
    std::string braked; // the task whose brake holds it
};

std::optional<StuckStart> stuck_start(sql::Session &session, const LockedRow &locked) {
    if (locked.key.empty()) return std::nullopt;
    auto found = session.query_one<std::string, std::string>(
        "SELECT state, braked FROM outbox WHERE job_key = $1 AND state IN ('parked', 'held')" +
            std::string(session.dialect().for_update),
        {locked.key});
    if (!found) return std::nullopt;
    return StuckStart{std::move(std::get<0>(*found)), std::move(std::get<1>(*found))};
}

const std::string of_the_mail = " WHERE folder = $1 AND validity = $2 AND trigger_id = $3 AND uid = $4";

sql::Values name_of(const std::string &trigger, const LockedRow &locked) {
    return {locked.folder, locked.validity, trigger, locked.uid};
}

bool is_pending(sql::Session &session, const std::string &trigger, const LockedRow &locked) {
    return locked.state == "pending" &&
           session.query_one<std::int64_t>("SELECT ord FROM pending" + of_the_mail, name_of(trigger, locked));
}

const std::string of_the_start = "job_key = $1 AND job_key <> ''";
const std::string of_the_held =
    "job_key <> '' AND job_key IN (SELECT job_key FROM outbox WHERE braked = $1 AND state = 'held')";

// The starts whose decisions `of_these` selects by $1.
void let_start(sql::Session &session, const std::string &of_these, const std::string &name) {
    session.execute("UPDATE decision SET state = 'queued', words = '' WHERE " + of_these, {name});
    session.execute("UPDATE outbox SET released = CASE WHEN state = 'held' THEN 1 ELSE released END, "
                    "state = 'queued', not_before = 0 WHERE " +
                        of_these,
                    {name});
}

void give_up_starts(sql::Session &session, const std::string &of_these, const std::string &name,
                    const std::string &reason) {
    // The jobs never took the mails: they are left as they are.
    session.execute("DELETE FROM disposal WHERE (folder, validity, uid) IN "
                    "(SELECT folder, validity, uid FROM decision WHERE " +
                        of_these + ")",
                    {name});
    // SQLite numbers its parameters as they come.
    session.execute("WITH these AS (SELECT id FROM decision WHERE " + of_these +
                        ") UPDATE decision SET state = 'skipped', reason_code = 'given-up', reason_text = $2, "
                        "words = '' WHERE id IN (SELECT id FROM these)",
                    {name, reason});
    session.execute("DELETE FROM outbox WHERE " + of_these, {name});
}

std::string given_up_by(const std::string &person) {
    return "Given up by " + person;
}

// Does something about all that is held together with the start of the row.
template <class Work>
Result<Wish> about_all_held(sql::Session &session, const std::string &trigger, RowId row, Work work) {
    const auto locked = lock(session, trigger, row);
    if (!locked) return Wish::no_such_row;
    const auto start = stuck_start(session, *locked);
    if (!start || start->state != "held") return Wish::wrong_state;
    work(start->braked);
    let_go_if_empty(session, start->braked);
    return Wish::granted;
}

} // namespace

Result<Wish> SqlLedger::retry(const std::string &trigger, RowId row) {
    return write<Wish>("retrying a row of the message log", [&](sql::Session &session) -> Result<Wish> {
        const auto locked = lock(session, trigger, row);
        if (!locked) return Wish::no_such_row;
        if (const auto start = stuck_start(session, *locked)) {
            let_start(session, of_the_start, locked->key);
            if (!start->braked.empty()) let_go_if_empty(session, start->braked);
            return Wish::granted;
        }
        if (!is_pending(session, trigger, *locked)) return Wish::wrong_state;
        session.execute("UPDATE pending SET quarantined = 0, not_before = 0" + of_the_mail,
                        name_of(trigger, *locked));
        return Wish::granted;
    });
}

Result<Wish> SqlLedger::skip(const std::string &trigger, RowId row, const std::string &by) {
    return write<Wish>("giving up a row of the message log", [&](sql::Session &session) -> Result<Wish> {
        const auto locked = lock(session, trigger, row);
        if (!locked) return Wish::no_such_row;
        if (const auto start = stuck_start(session, *locked)) {
            give_up_starts(session, of_the_start, locked->key, given_up_by(by));
            if (!start->braked.empty()) let_go_if_empty(session, start->braked);
            return Wish::granted;
        }
        if (!is_pending(session, trigger, *locked)) return Wish::wrong_state;
        session.execute("DELETE FROM pending" + of_the_mail, name_of(trigger, *locked));
        session.execute(
            "UPDATE decision SET state = $1, reason_code = 'given-up', reason_text = $2 WHERE id = $3",
            {std::string(locked->job.empty() ? "skipped" : "delivered"), given_up_by(by), row});
        return Wish::granted;
    });
}

Result<Wish> SqlLedger::start_again(const std::string &trigger, RowId row, const OnceMore &wish) {
    return write<Wish>("starting a mail's job once more", [&](sql::Session &session) -> Result<Wish> {
        const auto locked = lock(session, trigger, row);
        if (!locked) return Wish::no_such_row;
        if (locked->state == "queued" || locked->state == "parked" || locked->state == "held" ||
            is_pending(session, trigger, *locked))
            return Wish::wrong_state;
        if (!session.query_one<std::int64_t>(
                "SELECT ord FROM mark WHERE folder = $1 AND validity = $2 AND trigger_id = $3",
                {locked->folder, locked->validity, trigger}))
            return Wish::out_of_reach;
        session.execute("INSERT INTO pending (trigger_id, folder, validity, uid, ord, attempts, not_before, "
                        "last_error, quarantined, asked_by, asked_at) VALUES ($1, $2, $3, $4, $5, 0, 0, '', 0, "
                        "$6, $7)",
                        {trigger, locked->folder, locked->validity, locked->uid, locked->order, wish.by,
                         to_column(wish.at)});
        session.execute("UPDATE decision SET state = 'pending', reason_code = 'once-more', reason_text = $1, "
                        "words = '' WHERE id = $2",
                        {"To be started once more: " + wish.by + " asked for it", row});
        return Wish::granted;
    });
}

Result<Wish> SqlLedger::release_all(const std::string &trigger, RowId row) {
    return write<Wish>("letting a task's held starts go", [&](sql::Session &session) {
        return about_all_held(session, trigger, row,
                              [&](const std::string &task) { let_start(session, of_the_held, task); });
    });
}

Result<Wish> SqlLedger::skip_all(const std::string &trigger, RowId row, const std::string &by) {
    return write<Wish>("giving up a task's held starts", [&](sql::Session &session) {
        return about_all_held(session, trigger, row, [&](const std::string &task) {
            give_up_starts(session, of_the_held, task, given_up_by(by));
        });
    });
}

} // namespace roe::ledger
