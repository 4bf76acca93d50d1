#include "store/database.hpp"

#include <algorithm>
#include <chrono>
#include <stdexcept>

#include <Poco/Data/SQLite/Connector.h>
#include <Poco/Data/SQLite/Utility.h>
#include <Poco/Exception.h>
#include <sqlite3.h>

#include "base/log.hpp"
#include "store/schema.hpp"

namespace host {
namespace {

using Poco::Data::Keywords::now;

// Bounds how long one transaction keeps the first of its works waiting.
constexpr std::size_t group_limit = 500;
// What nobody waits for stays out of the way of the job that is starting just then.
constexpr std::chrono::milliseconds longest_gathering{20};

std::string words_of(const std::exception_ptr &failure) {
    try {
        std::rethrow_exception(failure);
    } catch (const Poco::Exception &error) {
        return error.displayText();
    } catch (const std::exception &error) {
        return error.what();
    }
}

} // namespace

Database::Database(const std::filesystem::path &file) : file_(file.string()) {
    Poco::Data::SQLite::Connector::registerConnector();
    try {
        writer_ = open();
        migrate(*writer_);
        watch_rows();
    } catch (const Poco::Exception &error) {
        throw std::runtime_error(file_ + ": " + error.displayText());
    }
    thread_ = std::thread([this] { write_all(); });
}

Database::~Database() {
    {
        const std::lock_guard lock(mutex_);
        ending_ = true;
    }
    given_.notify_all();
    thread_.join();
}

std::unique_ptr<Session> Database::open() const {
    auto session = std::make_unique<Session>("SQLite", file_);
    *session << "PRAGMA busy_timeout=10000", now;
    *session << "PRAGMA journal_mode=WAL", now;
    *session << "PRAGMA synchronous=FULL", now;
    *session << "PRAGMA foreign_keys=ON", now;
    return session;
}

void Database::write(Work work, std::function<void()> committed, Durability durability) {
    auto item = std::make_unique<Item>();
    item->work = std::move(work);
    item->committed = std::move(committed);
    item->durable = durability == Durability::full;
    give(std::move(item)).get();
}

void Database::write_soon(Work work, Durability durability, std::function<void()> committed) {
    auto item = std::make_unique<Item>();
    item->work = std::move(work);
    item->committed = std::move(committed);
    item->durable = durability == Durability::full;
    item->awaited = false;
    give(std::move(item));
}

std::future<void> Database::give(std::unique_ptr<Item> item) {
    auto done = item->done.get_future();
    {
        const std::lock_guard lock(mutex_);
        if (ending_) throw std::runtime_error("the host is stopping");
        if (item->pressing()) ++pressing_;
        waiting_.push_back(std::move(item));
    }
    given_.notify_one();
    return done;
}

void Database::write_all() {
    while (true) {
        auto items = take_group();
        if (items.empty()) return;
        commit(items);
        for (auto &item : items) {
            if (!item->failure && item->committed) item->committed();
            if (item->failure && !item->awaited) {
                log_line(Severity::error, "store", words_of(item->failure));
            }
            if (item->failure) {
                item->done.set_exception(item->failure);
            } else {
                item->done.set_value();
            }
        }
    }
}

// None only at the end.
std::deque<std::unique_ptr<Database::Item>> Database::take_group() {
    std::unique_lock lock(mutex_);
    given_.wait(lock, [&] { return ending_ || !waiting_.empty(); });
    given_.wait_for(lock, longest_gathering,
                    [&] { return ending_ || pressing_ > 0 || waiting_.size() >= group_limit; });
    std::deque<std::unique_ptr<Item>> items;
    while (!waiting_.empty() && items.size() < group_limit) {
        if (waiting_.front()->pressing()) --pressing_;
        items.push_back(std::move(waiting_.front()));
        waiting_.pop_front();
    }
    return items;
}

void Database::commit(std::deque<std::unique_ptr<Item>> &items) {
    Session &session = *writer_;
    try {
        const bool durable =
            std::any_of(items.begin(), items.end(), [](const auto &item) { return item->durable; });
        // In WAL mode NORMAL leaves out the sync of the commit and nothing else; a later FULL commit covers it.
        session << (durable ? "PRAGMA synchronous=FULL" : "PRAGMA synchronous=NORMAL"), now;
        session << "BEGIN IMMEDIATE", now;
        for (auto &item : items) {
            session << "SAVEPOINT work", now;
            try {
                item->work(session);
            } catch (...) {
                item->failure = std::current_exception();
                session << "ROLLBACK TO work", now;
            }
            session << "RELEASE work", now;
        }
        session << "COMMIT", now;
    } catch (...) {
        const auto failure = std::current_exception();
        changes_.clear();
        for (auto &item : items)
            item->failure = failure;
        try {
            session << "ROLLBACK", now;
        } catch (const Poco::Exception &) {
            // SQLite has rolled back by itself (a full disk, an I/O error): there is no transaction left.
        }
        return;
    }
    tell_changes();
}

void Database::on_change(Changed changed) {
    const std::lock_guard lock(listening_);
    changed_ = std::move(changed);
}

void Database::watch_rows() {
    const auto note = [](void *changes, int, const char *, const char *table, sqlite3_int64 row) {
        const std::string_view name(table);
        auto &list = *static_cast<std::vector<RowChange> *>(changes);
        if (name == "jobs") list.push_back({WatchedTable::jobs, row});
        if (name == "journal") list.push_back({WatchedTable::journal, row});
    };
    ::sqlite3_update_hook(Poco::Data::SQLite::Utility::dbHandle(*writer_), note, &changes_);
}

void Database::tell_changes() {
    if (changes_.empty()) return;
    {
        const std::lock_guard lock(listening_);
        if (changed_) changed_(changes_);
    }
    changes_.clear();
}

Database::Borrowed::Borrowed(Database &from) : database(from) {
    {
        const std::lock_guard lock(from.mutex_);
        if (!from.idle_readers_.empty()) {
            session = std::move(from.idle_readers_.back());
            from.idle_readers_.pop_back();
        }
    }
    if (session == nullptr) session = from.open();
}

Database::Borrowed::~Borrowed() {
    const std::lock_guard lock(database.mutex_);
    database.idle_readers_.push_back(std::move(session));
}

std::map<std::string, std::int64_t> counts_of(Session &session, const std::string &query) {
    std::vector<std::string> names;
    std::vector<std::int64_t> counts;
    session << query, Poco::Data::Keywords::into(names), Poco::Data::Keywords::into(counts),
        Poco::Data::Keywords::now;
    std::map<std::string, std::int64_t> by_name;
    for (std::size_t index = 0; index < names.size(); ++index)
        by_name[names[index]] = counts[index];
    return by_name;
}

std::string list_of_numbers(const std::vector<std::int64_t> &numbers) {
    std::string list;
    for (const auto number : numbers)
        list += (list.empty() ? "" : ",") + std::to_string(number);
    return list;
}

} // namespace host
