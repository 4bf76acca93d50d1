// The part of a session that is Poco's, the same for both databases.
//
// Poco 1.11.0, read from its sources:
//  - Executing a finished SQLite statement again prepares it again, so nothing is won by keeping one; a
//    PostgreSQL statement stays prepared on the server as long as its object lives, and costs a round trip
//    each for prepare, describe and deallocate otherwise. So `Reuse::keep` is for PostgreSQL.
//  - Parameters are bound by reference, and a kept statement binds the same references each time.
//  - std::string is bound with its length but read from SQLite up to the first NUL (storable.hpp).
//  - NotConnectedException carries the connection string, and with it the password: its text is never shown.
#pragma once

#include <memory>
#include <unordered_map>

#include <Poco/Data/Session.h>
#include <Poco/Exception.h>

#include "ledger/sql/session.hpp"

namespace roe::ledger::sql {

class PocoSession : public Session {
  public:
    enum class Reuse { none, keep };

    PocoSession(Poco::Data::Session session, Reuse reuse);
    ~PocoSession() override;
    PocoSession(const PocoSession &) = delete;
    PocoSession &operator=(const PocoSession &) = delete;

  protected:
    std::size_t run(const std::string &sql, Values values, TextColumns *columns) override;

    // What a failure of the library means for the session.
    [[nodiscard]] virtual SqlError meaning(const Poco::Exception &failure) = 0;

    [[nodiscard]] Poco::Data::Session &poco() { return session_; }
    void drop_statements();

  private:
    struct Prepared;

    std::unique_ptr<Prepared> prepare(const std::string &sql, Values values, std::size_t columns);

    Poco::Data::Session session_;
    Reuse reuse_;
    std::unordered_map<std::string, std::unique_ptr<Prepared>> kept_;
};

} // namespace roe::ledger::sql
