#include "ledger/arrival_rows.hpp"

#include <utility>

namespace roe::ledger {
namespace {

// A mail that is away no longer than this keeps its order: servers have been seen to list nothing for a while.
constexpr std::int64_t kept_when_gone = std::chrono::milliseconds(std::chrono::days(7)).count();
// A first look may find a hundred thousand: they are not all held as values.
constexpr std::size_t most_at_once = 5000;

using Row = std::tuple<std::string, std::int64_t, std::int64_t, std::int64_t>;

Arrivals by_name(std::vector<Row> &&rows) {
    Arrivals known;
    known.reserve(rows.size());
    for (auto &[uid, order, size, gone_at] : rows)
        known.emplace(std::move(uid), Arrival{order, size, gone_at});
    return known;
}

} // namespace

void ArrivalRows::hold_list() {
    session_.execute("INSERT INTO arrival_list (folder, generation, next_ord, listed, digest) "
                     "VALUES ($1, 1, 1, 0, '') ON CONFLICT DO NOTHING",
                     {folder_});
    session_.query<std::int64_t>("SELECT generation FROM arrival_list WHERE folder = $1" +
                                     std::string(session_.dialect().for_update),
                                 {folder_});
}

Arrivals ArrivalRows::all() {
    return by_name(session_.query<std::string, std::int64_t, std::int64_t, std::int64_t>(
        "SELECT uid, ord, size, gone_at FROM arrival WHERE folder = $1", {folder_}));
}

Arrivals ArrivalRows::named(std::vector<sql::Values> names) {
    return by_name(sql::query_rows<std::string, std::int64_t, std::int64_t, std::int64_t>(
        session_, "SELECT uid, ord, size, gone_at FROM arrival WHERE folder = $1 AND uid IN (VALUES ", ")",
        {"TEXT"}, std::move(names), {folder_}));
}

void ArrivalRows::add(std::string name, std::int64_t order, std::int64_t size) {
    fresh_.push_back({folder_, std::move(name), order, size, std::int64_t{0}});
    if (fresh_.size() == most_at_once) flush();
}

void ArrivalRows::flush() {
    sql::execute_rows(session_, "INSERT INTO arrival (folder, uid, ord, size, gone_at) VALUES ", "",
                      {"", "", "", "", ""}, std::exchange(fresh_, {}));
}

void ArrivalRows::bring_back(std::vector<sql::Values> names) {
    sql::execute_rows(session_, "UPDATE arrival SET gone_at = 0 WHERE folder = $1 AND uid IN (VALUES ", ")",
                      {"TEXT"}, std::move(names), {folder_});
}

void ArrivalRows::note_gone(std::vector<sql::Values> names, std::int64_t now) {
    sql::execute_rows(session_,
                      "UPDATE arrival SET gone_at = $1 WHERE folder = $2 AND gone_at = 0 AND uid IN (VALUES ",
                      ")", {"TEXT"}, std::move(names), {now, folder_});
}

void ArrivalRows::expire(std::int64_t now) {
    session_.execute("DELETE FROM arrival WHERE folder = $1 AND gone_at > 0 AND gone_at < $2",
                     {folder_, now - kept_when_gone});
}

} // namespace roe::ledger
