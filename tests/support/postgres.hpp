// A PostgreSQL server of the test's own: its files in a temporary folder, reached by a Unix socket there,
// gone with the process even when that is killed.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <sys/types.h>

namespace roe::testing {

class Postgres {
  public:
    // Nothing where PostgreSQL is not installed; throws std::runtime_error when it does not start.
    static std::unique_ptr<Postgres> start_if_installed();
    ~Postgres();
    Postgres(const Postgres &) = delete;
    Postgres &operator=(const Postgres &) = delete;

    // A new, empty database; returns its connection string.
    std::string fresh_database();

    // Runs statements as the administrator.
    void administrate(const std::string &sql, const std::string &database = "postgres");

    // As if its machine lost power, and switched on again.
    void crash();
    void start();

  private:
    explicit Postgres(std::filesystem::path programs);
    [[nodiscard]] std::string connection(const std::string &database) const;

    std::filesystem::path programs_;
    std::filesystem::path folder_;
    pid_t server_ = -1;
    int databases_ = 0;
};

} // namespace roe::testing
