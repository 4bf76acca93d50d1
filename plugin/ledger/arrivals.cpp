// The order of mails whose names carry none; see docs/decisions/0007.
#include <algorithm>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "base/digest.hpp"
#include "ledger/arrival_rows.hpp"
#include "ledger/sql_ledger.hpp"

namespace roe::ledger {
namespace {

using Mails = std::span<const ArrivalBook::Mail>;

// So many new names are looked up one by one; for more, all known ones are read.
constexpr std::size_t most_looked_up = 500;

struct State {
    std::int64_t generation = 1; // how often the server has named its mails anew
    std::int64_t next_order = 1;
    std::int64_t listed = 0; // of the last list: how many mails, and all their names
    std::string digest;
};

std::string digest_of(Mails mails) {
    Sha256 digest;
    for (const auto &mail : mails) {
        digest.add(mail.name);
        digest.add("\n");
    }
    return digest.hex();
}

ArrivalBook::Standing standing_of(const State &state) {
    return {"pop3-" + std::to_string(state.generation), state.next_order - 1};
}

std::optional<State> read_state(sql::Session &session, RowId folder) {
    auto row = session.query_one<std::int64_t, std::int64_t, std::int64_t, std::string>(
        "SELECT generation, next_ord, listed, digest FROM arrival_list WHERE folder = $1", {folder});
    if (!row) return std::nullopt;
    return State{std::get<0>(*row), std::get<1>(*row), std::get<2>(*row), std::move(std::get<3>(*row))};
}

bool begins_with(Mails mails, const State &state) {
    const auto listed = static_cast<std::size_t>(state.listed);
    return mails.size() >= listed && digest_of(mails.first(listed)) == state.digest;
}

// Takes one list into the books.
class Noting {
  public:
    Noting(sql::Session &session, RowId folder, Mails mails, const ArrivalBook::Shared &newly_shared,
           WallTime now)
        : session_(session), rows_(session, folder), folder_(folder), mails_(mails),
          newly_shared_(newly_shared), now_(to_column(now)) {}

    ArrivalBook::Standing run() {
        rows_.hold_list();
        state_ = *read_state(session_, folder_);
        // Mostly the list is the last one with something added to it.
        const auto before = static_cast<std::size_t>(state_.listed);
        if (before > 0 && mails_.size() - std::min(before, mails_.size()) <= most_looked_up &&
            begins_with(mails_, state_)) {
            const auto added = mails_.subspan(before);
            settle(added, look_up(added));
        } else {
            const auto known = rows_.all();
            if (named_anew(known)) {
                session_.execute("DELETE FROM arrival WHERE folder = $1", {folder_});
                session_.execute("DELETE FROM arrival_shared WHERE folder = $1", {folder_});
                ++state_.generation;
                settle(mails_, {});
            } else {
                settle(mails_, known);
                note_gone(known);
            }
        }
        keep_shared();
        rows_.expire(now_);
        // What a server of changes had told is not true any more.
        session_.execute("DELETE FROM change_state WHERE folder = $1", {folder_});
        session_.execute("UPDATE arrival_list SET generation = $1, next_ord = $2, listed = $3, digest = $4 "
                         "WHERE folder = $5",
                         {state_.generation, state_.next_order, static_cast<std::int64_t>(mails_.size()),
                          digest_of(mails_), folder_});
        return standing_of(state_);
    }

  private:
    Arrivals look_up(Mails mails) {
        std::vector<sql::Values> names;
        for (const auto &mail : mails)
            names.push_back({std::string(mail.name)});
        return rows_.named(std::move(names));
    }

    // All names are new, and what is there is as large as what was: these are the same mails. Where a person
    // has emptied the mailbox instead, other mails have come.
    [[nodiscard]] bool named_anew(const Arrivals &known) const {
        if (known.empty() || mails_.empty()) return false;
        std::unordered_map<std::int64_t, std::size_t> sizes;
        for (const auto &mail : mails_) {
            if (known.contains(std::string(mail.name))) return false;
            ++sizes[mail.size];
        }
        std::size_t alike = 0;
        for (const auto &[name, mail] : known)
            if (const auto at = sizes.find(mail.size); at != sizes.end() && at->second > 0) {
                --at->second;
                ++alike;
            }
        return 2 * alike >= std::min(known.size(), mails_.size());
    }

    // New ones get their order; those that were gone are there again.
    void settle(Mails mails, const Arrivals &known) {
        std::vector<sql::Values> back;
        for (const auto &mail : mails) {
            std::string name(mail.name);
            const auto at = known.find(name);
            if (at == known.end())
                rows_.add(std::move(name), state_.next_order++, mail.size);
            else if (at->second.gone_at > 0)
                back.push_back({std::move(name)});
        }
        rows_.flush();
        rows_.bring_back(std::move(back));
    }

    void keep_shared() {
        std::vector<sql::Values> rows;
        for (const auto &[name, hash] : newly_shared_)
            rows.push_back({folder_, name, hash});
        sql::execute_rows(session_, "INSERT INTO arrival_shared (folder, uid, hash) VALUES ",
                          " ON CONFLICT DO NOTHING", {"", "", ""}, std::move(rows));
    }

    void note_gone(const Arrivals &known) {
        std::unordered_set<std::string_view> there;
        there.reserve(mails_.size());
        for (const auto &mail : mails_)
            there.insert(mail.name);
        std::vector<sql::Values> gone;
        for (const auto &[name, mail] : known)
            if (mail.gone_at == 0 && !there.contains(name)) gone.push_back({name});
        rows_.note_gone(std::move(gone), now_);
    }

    sql::Session &session_;
    ArrivalRows rows_;
    const RowId folder_;
    const Mails mails_;
    const ArrivalBook::Shared &newly_shared_;
    const std::int64_t now_;
    State state_;
};

} // namespace

Result<ArrivalBook::Shared> SqlLedger::shared_names(RowId folder) {
    return read<ArrivalBook::Shared>("reading which names mails share", [&](sql::Session &session) {
        ArrivalBook::Shared shared;
        for (auto &[uid, hash] : session.query<std::string, std::string>(
                 "SELECT uid, hash FROM arrival_shared WHERE folder = $1", {folder}))
            shared.emplace(std::move(uid), std::move(hash));
        return Result(std::move(shared));
    });
}

Result<ArrivalBook::Standing> SqlLedger::note_arrivals(RowId folder, Mails mails,
                                                       const ArrivalBook::Shared &newly_shared, WallTime now) {
    using Found = std::optional<ArrivalBook::Standing>;
    auto unchanged = read<Found>("reading which mails are known", [&](sql::Session &session) -> Result<Found> {
        const auto state = read_state(session, folder);
        if (!state || static_cast<std::size_t>(state->listed) != mails.size() || !begins_with(mails, *state))
            return Found{};
        return Found(standing_of(*state));
    });
    if (!unchanged) return std::move(unchanged.error());
    if (*unchanged && newly_shared.empty()) return std::move(**unchanged);
    return write<ArrivalBook::Standing>("recording which mails are there", [&](sql::Session &session) {
        return Result(Noting(session, folder, mails, newly_shared, now).run());
    });
}

Result<std::vector<MailRef>> SqlLedger::arrivals(RowId folder, std::int64_t after, std::size_t limit) {
    return read<std::vector<MailRef>>("reading which mails are new", [&](sql::Session &session) {
        std::vector<MailRef> refs;
        for (auto &[order, uid] : session.query<std::int64_t, std::string>(
                 "SELECT ord, uid FROM arrival WHERE folder = $1 AND ord > $2 AND gone_at = 0 "
                 "ORDER BY ord LIMIT $3",
                 {folder, after, to_limit(limit)}))
            refs.push_back({order, std::move(uid)});
        return Result(std::move(refs));
    });
}

Result<void> SqlLedger::remove_arrivals(RowId folder, std::span<const MailRef> mails) {
    return change("recording which mails are deleted", [&](sql::Session &session) -> Result<void> {
        std::vector<sql::Values> names;
        for (const auto &mail : mails)
            names.push_back({mail.uid});
        sql::execute_rows(session, "DELETE FROM arrival WHERE folder = $1 AND uid IN (VALUES ", ")", {"TEXT"},
                          std::move(names), {folder});
        // Should they be listed once more, that list is not the one that is known.
        session.execute("UPDATE arrival_list SET listed = 0, digest = '' WHERE folder = $1", {folder});
        return {};
    });
}

} // namespace roe::ledger
