// A session with a SQLite file, set up so that what is committed is on disk.
#pragma once

#include <filesystem>

#include "ledger/sql/poco_session.hpp"

namespace roe::ledger::sql {

class SqliteSession final : public PocoSession {
  public:
    enum class Role { writer, reader };

    // Throws SqlError.
    SqliteSession(const std::filesystem::path &file, Role role);

    [[nodiscard]] const Dialect &dialect() const override;
    void begin() override;
    void commit() override;
    void rollback() override;

    // Whether commits wait for the disk, from the next transaction on. They do at first.
    void sync_commits(bool sync);

    // False when SQLite has rolled the transaction back by itself, as it does when the disk is full.
    [[nodiscard]] bool in_transaction();

  protected:
    [[nodiscard]] SqlError meaning(const Poco::Exception &failure) override;

  private:
    Role role_;
    bool syncs_ = false;
};

} // namespace roe::ledger::sql
