// What a server tells of changes in a folder, and its state after them; see docs/decisions/0007.
#include <algorithm>
#include <utility>

#include "ledger/arrival_rows.hpp"
#include "ledger/sql_ledger.hpp"

namespace roe::ledger {
namespace {

using Names = std::span<const std::string_view>;

struct ChangeState {
    std::int64_t generation = 1; // how often the server has named its mails anew
    std::int64_t next_order = 1;
    std::string subject;
    std::string state;
    std::int64_t relist_from = 0;
    std::int64_t relist_known = 0;
};

std::vector<sql::Values> rows_of(Names names) {
    std::vector<sql::Values> rows;
    rows.reserve(names.size());
    for (const auto name : names)
        rows.push_back({std::string(name)});
    return rows;
}

ChangeState read_changes(sql::Session &session, RowId folder) {
    ChangeState state;
    if (const auto list = session.query_one<std::int64_t, std::int64_t>(
            "SELECT generation, next_ord FROM arrival_list WHERE folder = $1", {folder}))
        std::tie(state.generation, state.next_order) = *list;
    if (auto kept = session.query_one<std::string, std::string, std::int64_t, std::int64_t>(
            "SELECT subject, state, relist_from, relist_known FROM change_state WHERE folder = $1", {folder}))
        std::tie(state.subject, state.state, state.relist_from, state.relist_known) = std::move(*kept);
    return state;
}

ChangeBook::Standing standing_of(ChangeState state) {
    return {"ews-" + std::to_string(state.generation), state.next_order - 1, std::move(state.state),
            state.relist_from == 0};
}

// Takes one piece of what the server tells into the books.
class ChangeNoting {
  public:
    ChangeNoting(sql::Session &session, RowId folder, const ChangeBook::Changes &changes, WallTime now)
        : session_(session), rows_(session, folder), folder_(folder), changes_(changes), now_(to_column(now)) {}

    ChangeBook::Standing run(std::string_view subject) {
        rows_.hold_list();
        state_ = read_changes(session_, folder_);
        if (changes_.from_nothing) begin_list();
        settle();
        rows_.note_gone(rows_of(changes_.gone), now_);
        if (changes_.last && state_.relist_from > 0) end_list();
        // What is not listed yet is not gone, however long the list takes.
        if (state_.relist_from == 0) rows_.expire(now_);
        state_.subject = subject;
        state_.state = changes_.state;
        write();
        return standing_of(std::move(state_));
    }

  private:
    // Every mail counts as gone until it is listed. One list may take the place of another that broke off.
    void begin_list() {
        const auto there = session_.execute("UPDATE arrival SET gone_at = $1 WHERE folder = $2 AND gone_at = 0",
                                            {now_, folder_});
        if (state_.relist_from > 0) return;
        state_.relist_from = state_.next_order;
        state_.relist_known = static_cast<std::int64_t>(there);
    }

    // New ones get their order; those that were gone are there again.
    void settle() {
        auto known = rows_.named(rows_of(changes_.there));
        std::vector<sql::Values> back;
        for (const auto name : changes_.there) {
            const auto [at, is_new] = known.try_emplace(std::string(name));
            if (is_new)
                rows_.add(at->first, state_.next_order++, 0);
            else if (at->second.gone_at > 0)
                back.push_back({at->first});
        }
        rows_.flush();
        rows_.bring_back(std::move(back));
    }

    // Not one of the mails that were known is left, and others are there: they may be the same under new names,
    // as after a move of the mailbox. Fingerprints decide then.
    void end_list() {
        const auto count = [&](const char *condition) {
            const auto row = session_.query_one<std::int64_t>(
                std::string("SELECT COUNT(*) FROM arrival WHERE folder = $1 AND gone_at = 0 AND ord ") +
                    condition + " $2",
                {folder_, state_.relist_from});
            return std::get<0>(*row);
        };
        if (state_.relist_known > 0 && count("<") == 0 && count(">=") > 0) {
            ++state_.generation;
            session_.execute("DELETE FROM arrival WHERE folder = $1 AND ord < $2",
                             {folder_, state_.relist_from});
        }
        state_.relist_from = 0;
        state_.relist_known = 0;
    }

    void write() {
        // The digest is of a list that a server of lists gave.
        session_.execute("UPDATE arrival_list SET generation = $1, next_ord = $2, listed = 0, digest = '' "
                         "WHERE folder = $3",
                         {state_.generation, state_.next_order, folder_});
        session_.execute("DELETE FROM change_state WHERE folder = $1", {folder_});
        session_.execute("INSERT INTO change_state (folder, subject, state, relist_from, relist_known) "
                         "VALUES ($1, $2, $3, $4, $5)",
                         {folder_, state_.subject, state_.state, state_.relist_from, state_.relist_known});
    }

    sql::Session &session_;
    ArrivalRows rows_;
    const RowId folder_;
    const ChangeBook::Changes &changes_;
    const std::int64_t now_;
    ChangeState state_;
};

} // namespace

Result<ChangeBook::Standing> SqlLedger::change_standing(RowId folder, std::string_view subject) {
    return read<ChangeBook::Standing>("reading what the server has told", [&](sql::Session &session) {
        auto state = read_changes(session, folder);
        if (state.subject != subject) state.state.clear();
        return Result(standing_of(std::move(state)));
    });
}

Result<ChangeBook::Standing> SqlLedger::note_changes(RowId folder, std::string_view subject,
                                                     const ChangeBook::Changes &changes, WallTime now) {
    return write<ChangeBook::Standing>("recording what the server tells", [&](sql::Session &session) {
        return Result(ChangeNoting(session, folder, changes, now).run(subject));
    });
}

Result<std::vector<MailRef>> SqlLedger::arrivals_named(RowId folder, Names names) {
    return read<std::vector<MailRef>>("reading which mails these are", [&](sql::Session &session) {
        std::vector<MailRef> refs;
        for (auto &[name, mail] : ArrivalRows(session, folder).named(rows_of(names)))
            if (mail.gone_at == 0) refs.push_back({mail.order, name});
        std::ranges::sort(refs, {}, &MailRef::order);
        return Result(std::move(refs));
    });
}

} // namespace roe::ledger
