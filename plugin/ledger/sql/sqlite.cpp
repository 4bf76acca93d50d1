#include "ledger/sql/sqlite.hpp"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <mutex>

#include "base/crash_point.hpp"
#include "ledger/sql/sqlite_session.hpp"
#include "ledger/sql/storage_error.hpp"

namespace roe::ledger::sql {
namespace {

// One fsync costs more than many small units. Whoever comes while nobody writes becomes the writer, without a
// change of threads; those who come meanwhile queue up, and the next writer takes them all: the group is as
// large as the load wants it. Each unit stands in a savepoint, so that one that fails takes nothing of the
// others with it. One that is alone needs none, and is spared the copies of all pages that it changes, which
// SQLite makes for a savepoint.
class GroupWriter {
  public:
    explicit GroupWriter(std::filesystem::path file) : file_(std::move(file)) {}

    Result<void> write(std::string_view doing, const Unit &unit, Commit commit) {
        Job job{doing, unit, commit};
        std::unique_lock lock(mutex_);
        queue_.push_back(&job);
        while (!job.done) {
            if (writing_) {
                job.turned.wait(lock);
            } else {
                write_group(lock);
            }
        }
        return std::move(*job.outcome);
    }

  private:
    struct Job {
        std::string_view doing;
        const Unit &unit;
        Commit commit;
        std::optional<Result<void>> outcome{};
        bool done = false;
        std::condition_variable turned{}; // done, or it may be this one's turn to write
    };
    using Group = std::vector<Job *>;

    static constexpr std::size_t largest_group = 128;

    // Tells the others under the lock: none can wake, and take its job with it, before we let go of it.
    void write_group(std::unique_lock<std::mutex> &lock) {
        writing_ = true;
        const auto size = std::min(queue_.size(), largest_group);
        const Group group(queue_.begin(), queue_.begin() + static_cast<std::ptrdiff_t>(size));
        queue_.erase(queue_.begin(), queue_.begin() + static_cast<std::ptrdiff_t>(size));
        lock.unlock();
        Group left = group;
        while (!left.empty())
            left = commit_group(left);
        lock.lock();
        writing_ = false;
        for (Job *job : group) {
            job->done = true;
            job->turned.notify_one();
        }
        if (!queue_.empty()) queue_.front()->turned.notify_one();
    }

    void settle(const Group &group, const std::string &words) {
        for (Job *job : group)
            if (!job->outcome) job->outcome = storage_error(job->doing, words, file_.string());
        session_.reset();
    }

    // Returns those that have to be done again, because one of the group took the transaction with it.
    Group commit_group(const Group &group) {
        std::vector<Job *> written;
        try {
            if (!session_) session_ = std::make_unique<SqliteSession>(file_, SqliteSession::Role::writer);
            session_->sync_commits(std::any_of(group.begin(), group.end(),
                                               [](const Job *job) { return job->commit != Commit::relaxed; }));
            session_->begin();
            const auto guard = group.size() > 1 ? Guard::savepoint : Guard::transaction;
            for (Job *job : group) {
                if (run_unit(*job, guard)) {
                    written.push_back(job);
                } else if (!session_->in_transaction()) {
                    Group again;
                    for (Job *other : group)
                        if (!other->outcome) again.push_back(other);
                    return again;
                }
            }
            const bool of_pass = std::any_of(written.begin(), written.end(),
                                             [](const Job *job) { return job->commit == Commit::of_pass; });
            if (of_pass) crash_point("ledger-before-commit");
            session_->commit();
            if (of_pass) crash_point("ledger-after-commit");
            for (Job *job : written)
                job->outcome = Result<void>{};
        } catch (const std::exception &failure) {
            settle(group, failure.what());
        }
        return {};
    }

    // What a unit that fails takes back.
    enum class Guard { savepoint, transaction };

    // Whether the unit's work stands in the transaction. If not, its outcome says why.
    bool run_unit(Job &job, Guard guard) {
        try {
            if (guard == Guard::savepoint) session_->execute("SAVEPOINT unit");
            Result<void> result = job.unit(*session_);
            if (result) {
                if (guard == Guard::savepoint) session_->execute("RELEASE unit");
                return true;
            }
            job.outcome = std::move(result);
        } catch (const std::exception &failure) {
            job.outcome = storage_error(job.doing, failure.what(), file_.string());
        }
        if (!session_->in_transaction()) return false;
        if (guard == Guard::transaction) {
            session_->rollback();
        } else {
            session_->execute("ROLLBACK TO unit");
            session_->execute("RELEASE unit");
        }
        return false;
    }

    std::filesystem::path file_;
    std::unique_ptr<SqliteSession> session_;
    std::mutex mutex_;
    std::deque<Job *> queue_;
    bool writing_ = false;
};

class SqliteDatabase final : public Database {
  public:
    explicit SqliteDatabase(const std::filesystem::path &file) : file_(file), writer_(file) {}

    Result<void> read(std::string_view doing, const Unit &unit) override {
        try {
            std::unique_ptr<SqliteSession> session = take_reader();
            session->begin();
            Result<void> result = unit(*session);
            session->rollback();
            give_back(std::move(session));
            return result;
        } catch (const std::exception &failure) {
            return storage_error(doing, failure.what(), file_.string());
        }
    }

    Result<void> write(std::string_view doing, const Unit &unit, Commit commit) override {
        return writer_.write(doing, unit, commit);
    }

    Result<void> tidy() override {
        // 2,000 pages are 8 MB: short enough for the writer not to be missed.
        return writer_.write(
            "giving unused space back",
            [](Session &session) -> Result<void> {
                session.execute("PRAGMA incremental_vacuum(2000)");
                return {};
            },
            Commit::ordinary);
    }

  private:
    static constexpr std::size_t idle_readers = 4;

    std::unique_ptr<SqliteSession> take_reader() {
        {
            const std::lock_guard lock(mutex_);
            if (!readers_.empty()) {
                auto session = std::move(readers_.back());
                readers_.pop_back();
                return session;
            }
        }
        return std::make_unique<SqliteSession>(file_, SqliteSession::Role::reader);
    }

    void give_back(std::unique_ptr<SqliteSession> session) {
        const std::lock_guard lock(mutex_);
        if (readers_.size() < idle_readers) readers_.push_back(std::move(session));
    }

    std::filesystem::path file_;
    std::mutex mutex_;
    std::vector<std::unique_ptr<SqliteSession>> readers_;
    GroupWriter writer_;
};

} // namespace

Result<std::unique_ptr<Database>> open_sqlite(const std::filesystem::path &file) {
    try {
        // The write-ahead log takes its permissions from the file: mails are nobody else's business.
        const bool fresh = !std::filesystem::exists(file);
        const SqliteSession session(file, SqliteSession::Role::writer);
        if (fresh)
            std::filesystem::permissions(file, std::filesystem::perms::owner_read |
                                                   std::filesystem::perms::owner_write);
        return std::unique_ptr<Database>(std::make_unique<SqliteDatabase>(file));
    } catch (const std::exception &failure) {
        return storage_error("opening the ledger", failure.what(), file.string());
    }
}

} // namespace roe::ledger::sql
