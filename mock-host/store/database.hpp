// The host's SQLite database: one writer that commits in groups, and readers beside it.
//
// Promises
//  - `write` returns when its work is on disk; works run in the order in which they were given.
//  - Works that wait together share one transaction, and one that fails takes no other with it.
#pragma once

#include <compare>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <exception>
#include <filesystem>
#include <functional>
#include <future>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include <Poco/Data/Session.h>

namespace host {

using Session = Poco::Data::Session;

// A row that a transaction has inserted, changed or deleted, of the tables that others watch.
enum class WatchedTable { jobs, journal };
struct RowChange {
    WatchedTable table;
    std::int64_t row; // its `seq`
    // NOLINTNEXTLINE(modernize-use-nullptr): clang-tidy 14 sees a null where there is none
    auto operator<=>(const RowChange &) const = default;
};

class Database {
  public:
    // May run again after a failure of its group's commit was reported: no effects but on the session.
    using Work = std::function<void(Session &)>;

    // Opens or makes the file and brings its schema up to date. Throws std::runtime_error.
    explicit Database(const std::filesystem::path &file);
    ~Database(); // does what was given before
    Database(const Database &) = delete;
    Database &operator=(const Database &) = delete;

    // [any thread] Throws what `work` threw, or std::runtime_error when the commit failed. `committed` is
    // called on the writer's thread, in the order of the writes, before this returns. `lazy` spares the sync to
    // disk: it outlives the process, and the power from the next full write on.
    enum class Durability { full, lazy };
    void write(Work work, std::function<void()> committed = {}, Durability durability = Durability::full);

    // [any thread] Returns at once; a failure goes to the log. What is lazy here may wait a moment for others.
    void write_soon(Work work, Durability durability, std::function<void()> committed = {});

    // [any thread] Who is told, on the writer's thread, what each committed transaction has changed.
    using Changed = std::function<void(const std::vector<RowChange> &)>;
    void on_change(Changed changed);

    // [any thread] Throws what `query` throws.
    template <class Query>
    auto read(Query &&query) {
        const Borrowed session(*this);
        return query(*session.session);
    }

  private:
    struct Item {
        Work work;
        std::function<void()> committed;
        bool durable = true;
        bool awaited = true;
        [[nodiscard]] bool pressing() const { return durable || awaited; }
        std::exception_ptr failure;
        std::promise<void> done;
    };
    struct Borrowed {
        explicit Borrowed(Database &from);
        ~Borrowed();
        Borrowed(const Borrowed &) = delete;
        Borrowed &operator=(const Borrowed &) = delete;
        Database &database;
        std::unique_ptr<Session> session;
    };

    std::unique_ptr<Session> open() const;
    std::future<void> give(std::unique_ptr<Item> item);
    void write_all();
    std::deque<std::unique_ptr<Item>> take_group();
    void commit(std::deque<std::unique_ptr<Item>> &items);
    void watch_rows();
    void tell_changes();

    std::string file_;
    std::mutex mutex_;
    std::condition_variable given_;
    std::deque<std::unique_ptr<Item>> waiting_;
    std::size_t pressing_ = 0; // how many of those that wait are
    bool ending_ = false;
    std::vector<std::unique_ptr<Session>> idle_readers_;
    std::unique_ptr<Session> writer_;
    std::vector<RowChange> changes_; // of the transaction under way
    std::mutex listening_;           // held while `changed_` runs, so that it can be taken away
    Changed changed_;
    std::thread thread_;
};

// What a query of names and numbers gives: how many of each tenant, of each state.
std::map<std::string, std::int64_t> counts_of(Session &session, const std::string &query);

// "1,2,3", for a condition IN (...).
std::string list_of_numbers(const std::vector<std::int64_t> &numbers);

} // namespace host
