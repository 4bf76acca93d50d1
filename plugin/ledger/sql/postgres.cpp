#include "ledger/sql/postgres.hpp"

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <random>
#include <thread>

#include "base/crash_point.hpp"
#include "ledger/sql/postgres_session.hpp"
#include "ledger/sql/storage_error.hpp"

namespace roe::ledger::sql {
namespace {

// The sessions. At most `most` are lent at a time: further callers wait, as a server has few connections.
class SessionShelf {
  public:
    explicit SessionShelf(ConnectionString connection) : connection_(std::move(connection)) {}

    // Throws SqlError when there is none at rest and the server can't be reached.
    std::unique_ptr<PostgresSession> take(bool &rested) {
        {
            std::unique_lock lock(mutex_);
            returned_.wait(lock, [this] { return lent_ < most; });
            ++lent_;
            rested = !resting_.empty();
            if (rested) {
                auto session = std::move(resting_.back());
                resting_.pop_back();
                return session;
            }
        }
        try {
            return std::make_unique<PostgresSession>(connection_);
        } catch (...) {
            take_back(nullptr);
            throw;
        }
    }

    void take_back(std::unique_ptr<PostgresSession> session) {
        {
            const std::lock_guard lock(mutex_);
            --lent_;
            if (session) resting_.push_back(std::move(session));
        }
        returned_.notify_one();
    }

    // The server went, and with it all sessions that rest.
    void clear() {
        std::vector<std::unique_ptr<PostgresSession>> gone;
        const std::lock_guard lock(mutex_);
        gone.swap(resting_);
    }

  private:
    static constexpr std::size_t most = 8;

    ConnectionString connection_;
    std::mutex mutex_;
    std::condition_variable returned_;
    std::vector<std::unique_ptr<PostgresSession>> resting_;
    std::size_t lent_ = 0;
};

// A session on loan. Goes back only when it is said to be sound, so an error throws it away, and with it
// whatever transaction it had open.
class Loan {
  public:
    explicit Loan(SessionShelf &shelf) : shelf_(shelf), session_(shelf.take(rested_)) {}
    Loan(const Loan &) = delete;
    Loan &operator=(const Loan &) = delete;
    ~Loan() {
        if (!sound_) session_.reset();
        shelf_.take_back(std::move(session_));
    }

    [[nodiscard]] PostgresSession &session() { return *session_; }
    [[nodiscard]] bool rested() const { return rested_; }
    void sound() { sound_ = true; }

  private:
    SessionShelf &shelf_;
    bool rested_ = false;
    bool sound_ = false;
    std::unique_ptr<PostgresSession> session_;
};

class PostgresDatabase final : public Database {
  public:
    explicit PostgresDatabase(const ConnectionString &connection)
        : shelf_(connection), shown_(connection.shown) {}

    Result<void> read(std::string_view doing, const Unit &unit) override {
        return run(doing, unit, Commit::ordinary);
    }

    Result<void> write(std::string_view doing, const Unit &unit, Commit commit) override {
        return run(doing, unit, commit);
    }

    // Autovacuum does it.
    Result<void> tidy() override { return {}; }

  private:
    static constexpr int attempts = 8;

    Result<void> run(std::string_view doing, const Unit &unit, Commit commit) {
        for (int attempt = 1;; ++attempt) {
            try {
                Loan loan(shelf_);
                if (!begin(loan)) continue;
                if (commit == Commit::relaxed) loan.session().execute("SET LOCAL synchronous_commit = off");
                Result<void> result = unit(loan.session());
                if (result) {
                    if (commit == Commit::of_pass) crash_point("ledger-before-commit");
                    loan.session().commit();
                    if (commit == Commit::of_pass) crash_point("ledger-after-commit");
                } else {
                    loan.session().rollback();
                }
                loan.sound();
                return result;
            } catch (const SqlError &failure) {
                if (failure.kind() == SqlError::Kind::lost) shelf_.clear();
                if (failure.kind() != SqlError::Kind::again || attempt == attempts)
                    return storage_error(doing, failure.what(), shown_);
                back_off(attempt);
            } catch (const std::exception &failure) {
                return storage_error(doing, failure.what(), shown_);
            }
        }
    }

    // False when the session had died at rest: nothing was done in it, so another one may do it.
    bool begin(Loan &loan) {
        try {
            loan.session().begin();
            return true;
        } catch (const SqlError &) {
            if (!loan.rested()) throw;
            shelf_.clear();
            return false;
        }
    }

    // Two that collided must not meet again in step.
    static void back_off(int attempt) {
        thread_local std::minstd_rand random{std::random_device{}()};
        std::uniform_int_distribution<int> wait(1, 4 << attempt);
        std::this_thread::sleep_for(std::chrono::milliseconds(wait(random)));
    }

    SessionShelf shelf_;
    std::string shown_;
};

// CREATE SCHEMA IF NOT EXISTS asks for the privilege even when there is nothing to create.
void make_schema(PostgresSession &session) {
    if (session.query_one<std::string>("SELECT nspname FROM pg_namespace WHERE nspname = 'run_on_email'"))
        return;
    session.begin();
    session.query<std::string>("SELECT pg_advisory_xact_lock(7391047735)"); // shared with the migrations
    session.execute("CREATE SCHEMA IF NOT EXISTS run_on_email");
    session.commit();
}

} // namespace

Result<std::unique_ptr<Database>> open_postgres(const std::string &connection_string) {
    std::string where = "PostgreSQL";
    try {
        const ConnectionString connection = read_connection_string(connection_string);
        where = connection.shown;
        PostgresSession session(connection);
        make_schema(session);
        return std::unique_ptr<Database>(std::make_unique<PostgresDatabase>(connection));
    } catch (const std::exception &failure) {
        return storage_error("opening the ledger", failure.what(), where);
    }
}

} // namespace roe::ledger::sql
