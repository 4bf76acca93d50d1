#include "postgres.hpp"

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <libpq-fe.h>
#include <pwd.h>
#include <stdexcept>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <vector>

namespace roe::testing {
namespace {

namespace fs = std::filesystem;

// Debian keeps the server's programs out of PATH, in a folder for each version.
fs::path find_programs() {
    fs::path newest;
    std::error_code none;
    for (const auto &version : fs::directory_iterator("/usr/lib/postgresql", none))
        if (fs::exists(version.path() / "bin/initdb")) newest = std::max(newest, version.path() / "bin");
    return newest;
}

// The server refuses to run as root, so root becomes its user.
const passwd *other_user() {
    return geteuid() == 0 ? getpwnam("postgres") : nullptr;
}

pid_t spawn(const std::vector<std::string> &command, const fs::path &log) {
    const passwd *user = other_user();
    std::vector<char *> arguments;
    for (const auto &word : command)
        arguments.push_back(const_cast<char *>(word.c_str()));
    arguments.push_back(nullptr);
    const pid_t child = fork();
    if (child != 0) return child;
    if (user && (setgid(user->pw_gid) != 0 || setuid(user->pw_uid) != 0)) _exit(126);
    prctl(PR_SET_PDEATHSIG, SIGQUIT); // after the change of user, which clears it
    const int out = open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
    dup2(out, STDOUT_FILENO);
    dup2(out, STDERR_FILENO);
    execv(arguments.front(), arguments.data());
    _exit(127);
}

} // namespace

std::unique_ptr<Postgres> Postgres::start_if_installed() {
    const fs::path programs = find_programs();
    if (programs.empty() || (geteuid() == 0 && !getpwnam("postgres"))) return nullptr;
    return std::unique_ptr<Postgres>(new Postgres(programs));
}

Postgres::Postgres(fs::path programs) : programs_(std::move(programs)) {
    std::string pattern = (fs::temp_directory_path() / "roe-pg-XXXXXX").string();
    if (!mkdtemp(pattern.data())) throw std::runtime_error("no temporary folder");
    folder_ = pattern;
    if (const passwd *user = other_user()) {
        if (chown(folder_.c_str(), user->pw_uid, user->pw_gid) != 0) throw std::runtime_error("chown failed");
    }
    const pid_t maker = spawn({(programs_ / "initdb").string(), "--pgdata=" + (folder_ / "data").string(),
                               "--username=roe", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync"},
                              folder_ / "initdb.log");
    int status = 0;
    waitpid(maker, &status, 0);
    if (status != 0) throw std::runtime_error("initdb failed, see " + (folder_ / "initdb.log").string());
    start();
}

Postgres::~Postgres() {
    if (server_ > 0) crash();
    std::error_code ignored;
    fs::remove_all(folder_, ignored);
}

void Postgres::start() {
    server_ = spawn({(programs_ / "postgres").string(), "-D", (folder_ / "data").string(), "-k",
                     folder_.string(), "-c", "listen_addresses=", "-c", "fsync=off", "-c",
                     "shared_buffers=32MB", "-c", "max_connections=60"},
                    folder_ / "server.log");
    for (int tries = 0; PQping(connection("postgres").c_str()) != PQPING_OK; ++tries) {
        if (tries == 600 || waitpid(server_, nullptr, WNOHANG) != 0)
            throw std::runtime_error("PostgreSQL does not start, see " + (folder_ / "server.log").string());
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
}

void Postgres::crash() {
    kill(server_, SIGQUIT); // "immediate shutdown": recovers from its log when it is started again
    waitpid(server_, nullptr, 0);
    server_ = -1;
}

std::string Postgres::fresh_database() {
    const std::string name = "ledger_" + std::to_string(++databases_);
    administrate("CREATE DATABASE " + name);
    return connection(name);
}

void Postgres::administrate(const std::string &sql, const std::string &database) {
    const std::unique_ptr<PGconn, decltype(&PQfinish)> session(PQconnectdb(connection(database).c_str()),
                                                               &PQfinish);
    const std::unique_ptr<PGresult, decltype(&PQclear)> result(PQexec(session.get(), sql.c_str()), &PQclear);
    const auto status = PQresultStatus(result.get());
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK)
        throw std::runtime_error(PQerrorMessage(session.get()));
}

std::string Postgres::connection(const std::string &database) const {
    return "host=" + folder_.string() + " user=roe options=-cclient_min_messages=error dbname=" + database;
}

} // namespace roe::testing
