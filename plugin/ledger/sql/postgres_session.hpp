// A session with a PostgreSQL server.
//
// Poco 1.11.0, read from its sources:
//  - SessionHandle::disconnect() frees the PGconn only while it is connected, so each failed attempt to
//    connect and each broken session leaks one. Hence a try with libpq itself before Poco connects, and
//    PQfinish by our own hand when a session broke.
//  - The connection string is cut at every space: no quoting, and no URI. Hence ConnectionString.
//  - Failures are texts; the SQLSTATE stands in them after " State: ".
#pragma once

#include <string>
#include <string_view>

#include "ledger/sql/poco_session.hpp"

namespace roe::ledger::sql {

// What a connection string says, as key=value pairs that Poco can read, and how to name it for people.
struct ConnectionString {
    std::string pairs;
    std::string shown; // database, host and port; no password
};

// Takes both of libpq's forms. Throws SqlError.
ConnectionString read_connection_string(const std::string &text);

// A connection that Poco will not free. Freed when Poco's session is gone, so it comes before it as a base.
class BrokenConnection {
  public:
    BrokenConnection() = default;
    BrokenConnection(const BrokenConnection &) = delete;
    BrokenConnection &operator=(const BrokenConnection &) = delete;
    ~BrokenConnection();

    void adopt(void *connection) { connection_ = connection; }

  private:
    void *connection_ = nullptr; // libpq's PGconn
};

class PostgresSession final : private BrokenConnection, public PocoSession {
  public:
    // Throws SqlError.
    explicit PostgresSession(const ConnectionString &connection);
    ~PostgresSession() override;

    [[nodiscard]] const Dialect &dialect() const override;
    void begin() override;
    void commit() override;
    void rollback() override;

  protected:
    [[nodiscard]] SqlError meaning(const Poco::Exception &failure) override;

  private:
    void *handle_; // Poco's SessionHandle, owned by the session
};

} // namespace roe::ledger::sql
