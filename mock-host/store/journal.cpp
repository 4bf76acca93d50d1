#include "store/journal.hpp"

#include <limits>

#include <Poco/Nullable.h>

namespace host::journal {

using namespace Poco::Data::Keywords;

void insert(Session &session, const JournalRow &row) {
    const auto user = row.user ? Poco::Nullable<std::string>(*row.user) : Poco::Nullable<std::string>();
    session << "INSERT INTO journal (at, plugin, code, name, tenant, user, subject, details)"
               " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        bind(row.at), bind(row.plugin), bind(row.code), bind(row.name), bind(row.tenant), bind(user),
        bind(row.subject), bind(row.details), now;
}

namespace {

const std::string columns = "SELECT seq, at, plugin, code, name, tenant, user, subject, details FROM journal ";

// Runs a statement that selects `columns`.
std::vector<JournalRow> rows_of(Poco::Data::Statement &statement) {
    JournalRow row;
    Poco::Nullable<std::string> user;
    statement, into(row.seq), into(row.at), into(row.plugin), into(row.code), into(row.name), into(row.tenant),
        into(user), into(row.subject), into(row.details), range(0, 1);
    std::vector<JournalRow> rows;
    while (!statement.done()) {
        if (statement.execute() == 0) break;
        row.user = user.isNull() ? std::nullopt : std::optional<std::string>(user.value());
        rows.push_back(row);
    }
    return rows;
}

} // namespace

std::vector<JournalRow> list(Session &session, const std::string &tenant,
                             const std::optional<std::int64_t> &code, const PageOf &page) {
    const std::int64_t start =
        page.before.value_or(page.oldest_first ? 0 : std::numeric_limits<std::int64_t>::max());
    Poco::Data::Statement statement(session);
    statement << columns + "WHERE tenant = ?" + (code ? " AND code = ?" : "") +
                     (page.oldest_first ? " AND seq > ? ORDER BY seq LIMIT ?"
                                        : " AND seq < ? ORDER BY seq DESC LIMIT ?"),
        bind(tenant);
    if (code) statement, bind(*code);
    statement, bind(start), bind(page.limit);
    return rows_of(statement);
}

std::vector<JournalRow> of_rows(Session &session, const std::vector<std::int64_t> &rows) {
    if (rows.empty()) return {};
    Poco::Data::Statement statement(session);
    statement << columns + "WHERE seq IN (" + list_of_numbers(rows) + ") ORDER BY seq";
    return rows_of(statement);
}

} // namespace host::journal
