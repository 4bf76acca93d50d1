#include "ledger/sql/postgres_session.hpp"

#include <array>
#include <memory>
#include <optional>

#include <Poco/Data/PostgreSQL/SessionHandle.h>
#include <Poco/Data/PostgreSQL/SessionImpl.h>
#include <libpq-fe.h>

namespace roe::ledger::sql {
namespace {

namespace postgresql = Poco::Data::PostgreSQL;

// Only the first line: what follows (DETAIL, CONTEXT) may show a row's contents.
std::string first_line(std::string_view text) {
    text = text.substr(0, text.find('\n'));
    constexpr std::array<std::string_view, 6> prefixes{
        "postgresql_stmt_execute error: ",  "postgresql_stmt_prepare error: ",
        "postgresql_stmt_describe error: ", "COMMIT statement failed:: ",
        "BEGIN statement failed:: ",        "ERROR:  "};
    for (const std::string_view prefix : prefixes)
        if (text.starts_with(prefix)) text.remove_prefix(prefix.size());
    return std::string(text);
}

// Empty when the failure did not come from the server.
std::string_view sql_state(std::string_view text) {
    constexpr std::string_view sign = " State: ";
    const std::size_t at = text.rfind(sign);
    if (at == std::string_view::npos) return {};
    return text.substr(at + sign.size(), 5);
}

// Serialization failure, deadlock, and a unique index that another transaction has just filled: run again,
// the unit then sees what the other one did (PostgreSQL's appendix A).
bool collided(std::string_view state) {
    return state == "40001" || state == "40P01" || state == "23505";
}

// Reads a value as libpq does without quotes: a backslash keeps the next character.
std::string escaped(std::string_view value) {
    std::string text;
    for (const char c : value) {
        if (c == '\\' || c == '\'') text += '\\';
        text += c;
    }
    return text;
}

Poco::Data::Session connect(const ConnectionString &connection) {
    const std::unique_ptr<PGconn, decltype(&PQfinish)> attempt(PQconnectdb(connection.pairs.c_str()),
                                                               &PQfinish);
    if (PQstatus(attempt.get()) != CONNECTION_OK)
        throw SqlError(SqlError::Kind::lost, first_line(PQerrorMessage(attempt.get())));
    try {
        return {Poco::AutoPtr<Poco::Data::SessionImpl>(new postgresql::SessionImpl(connection.pairs))};
    } catch (const Poco::Exception &failure) {
        throw SqlError(SqlError::Kind::lost, first_line(failure.message()));
    }
}

} // namespace

ConnectionString read_connection_string(const std::string &text) {
    char *words = nullptr;
    const std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)> options(
        PQconninfoParse(text.c_str(), &words), &PQconninfoFree);
    const std::unique_ptr<char, decltype(&PQfreemem)> words_owner(words,
                                                                  [](void *memory) { PQfreemem(memory); });
    if (!options) throw SqlError(SqlError::Kind::failed, words ? first_line(words) : "not a connection string");

    // A dead server is noticed in half a minute rather than in the kernel's quarter of an hour.
    constexpr std::array<std::pair<std::string_view, std::string_view>, 7> ours{
        {{"connect_timeout", "10"},
         {"application_name", "run-on-email"},
         {"keepalives_idle", "15"},
         {"keepalives_interval", "5"},
         {"keepalives_count", "3"},
         {"tcp_user_timeout", "30000"},
         // libpq writes notices to the host's standard error
         {"options", "-cclient_min_messages=error"}}};
    ConnectionString connection;
    std::string database = "the default database";
    std::string host = "this machine";
    std::string port;
    for (const PQconninfoOption *option = options.get(); option->keyword; ++option) {
        const std::string_view keyword = option->keyword;
        std::string_view value = option->val ? option->val : "";
        if (value.empty())
            for (const auto &[name, preset] : ours)
                if (name == keyword) value = preset;
        if (value.empty()) continue;
        if (value.find_first_of(" \t\n\r") != std::string_view::npos)
            throw SqlError(SqlError::Kind::failed, "the value of " + std::string(keyword) +
                                                       " has a blank in it, which is not supported; "
                                                       "a password may stand in a passfile instead");
        connection.pairs += std::string(keyword) + "=" + escaped(value) + " ";
        if (keyword == "dbname") database = value;
        if (keyword == "host") host = value;
        if (keyword == "port") port = ":" + std::string(value);
    }
    connection.pairs.pop_back();
    connection.shown = "PostgreSQL " + database + " on " + host + port;
    return connection;
}

BrokenConnection::~BrokenConnection() {
    if (connection_) PQfinish(static_cast<PGconn *>(connection_));
}

PostgresSession::PostgresSession(const ConnectionString &connection)
    : PocoSession(connect(connection), Reuse::keep),
      handle_(Poco::AnyCast<postgresql::SessionHandle *>(poco().getProperty("handle"))) {
    query<std::string>("SELECT set_config(name, value, false) FROM (VALUES "
                       "('search_path', 'run_on_email'), "
                       "('client_encoding', 'UTF8'), "
                       "('default_transaction_isolation', 'read committed'), "
                       "('lock_timeout', '30s'), "
                       "('idle_in_transaction_session_timeout', '60s')) AS wanted(name, value)");
    // 'local', 'on' and 'remote_...' all wait for the disk; which of them is the administrator's choice.
    query<std::string>("SELECT set_config('synchronous_commit', 'on', false) "
                       "WHERE current_setting('synchronous_commit') = 'off'");
}

PostgresSession::~PostgresSession() {
    drop_statements();
    PGconn *connection = *static_cast<postgresql::SessionHandle *>(handle_);
    if (PQstatus(connection) != CONNECTION_OK) adopt(connection);
}

const Dialect &PostgresSession::dialect() const {
    static const Dialect postgres_dialect{"BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY", " FOR UPDATE",
                                          " FOR SHARE", true};
    return postgres_dialect;
}

void PostgresSession::begin() {
    try {
        poco().begin();
    } catch (const Poco::Exception &failure) {
        throw meaning(failure);
    }
}

void PostgresSession::commit() {
    try {
        poco().commit();
    } catch (const Poco::Exception &failure) {
        throw meaning(failure);
    }
}

void PostgresSession::rollback() {
    try {
        poco().rollback();
    } catch (const Poco::Exception &failure) {
        throw meaning(failure);
    }
}

SqlError PostgresSession::meaning(const Poco::Exception &failure) {
    const std::string_view state = sql_state(failure.message());
    if (collided(state)) return {SqlError::Kind::again, first_line(failure.message())};
    const PGconn *connection = *static_cast<postgresql::SessionHandle *>(handle_);
    if (PQstatus(connection) == CONNECTION_OK) return {SqlError::Kind::failed, first_line(failure.message())};
    const std::string words = first_line(PQerrorMessage(connection));
    return {SqlError::Kind::lost, words.empty() ? "the connection was lost" : words};
}

} // namespace roe::ledger::sql
