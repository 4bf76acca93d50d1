#include "http/change_feed.hpp"

#include <exception>
#include <string>

#include <nlohmann/json.hpp>

#include "base/log.hpp"
#include "http/row_shapes.hpp"
#include "store/jobs.hpp"
#include "store/journal.hpp"

namespace host::http {
namespace {

constexpr std::size_t most_pending = 50'000;
constexpr std::size_t changes_at_once = 500;
constexpr std::size_t longest_data = 16UL * 1024;

std::string line_of(const nlohmann::json &document) {
    return document.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

// The whole row, or its id when that is too much for everybody who listens.
std::string data_of(const nlohmann::json &document) {
    auto line = line_of(document);
    return line.size() <= longest_data ? line : line_of({{"id", document["id"]}});
}

// What the page shows that lists things of this kind.
Event subject_event(const JournalRow &row) {
    const auto subject = nlohmann::json::parse(row.subject);
    const auto kind = subject.value("kind", "");
    nlohmann::json data{{"id", subject.value("id", "")}, {"change", row.name}};
    if (kind == "task" || kind == "trigger" || kind == "asset" || kind == "job") {
        return {kind, row.tenant, line_of(data)};
    }
    data["plugin"] = row.plugin;
    data["kind"] = kind;
    return {"settings-item", row.tenant, line_of(data), true};
}

} // namespace

void append_page_change(EventLog &log, const PageChange &change) {
    if (!log.awaited()) return;
    const nlohmann::json data{
        {"id", change.item}, {"change", "State"}, {"plugin", change.plugin}, {"page", change.page}};
    log.append({{"settings-item", change.tenant, line_of(data), true}});
}

ChangeFeed::ChangeFeed(Database &database, EventLog &log)
    : database_(database), log_(log), thread_([this] { loop(); }) {
    database_.on_change([this](const std::vector<RowChange> &changes) { note(changes); });
}

ChangeFeed::~ChangeFeed() {
    database_.on_change({});
    {
        const std::lock_guard lock(mutex_);
        ending_ = true;
    }
    noted_.notify_all();
    thread_.join();
}

void ChangeFeed::note(const std::vector<RowChange> &changes) {
    if (!log_.awaited()) return;
    bool lost = false;
    {
        const std::lock_guard lock(mutex_);
        pending_.insert(changes.begin(), changes.end());
        if (pending_.size() > most_pending) {
            pending_.clear();
            lost = true;
        }
    }
    if (lost) log_.lose();
    noted_.notify_one();
}

void ChangeFeed::loop() {
    while (true) {
        std::set<RowChange> changes;
        {
            std::unique_lock lock(mutex_);
            noted_.wait(lock, [this] { return ending_ || !pending_.empty(); });
            if (ending_) return;
            while (!pending_.empty() && changes.size() < changes_at_once)
                changes.insert(pending_.extract(pending_.begin()));
        }
        try {
            log_.append(events_of(changes));
        } catch (const std::exception &error) {
            log_line(Severity::error, "events", error.what());
            log_.lose();
        }
    }
}

std::vector<Event> ChangeFeed::events_of(const std::set<RowChange> &changes) {
    std::vector<std::int64_t> job_rows;
    std::vector<std::int64_t> journal_rows;
    for (const auto &change : changes)
        (change.table == WatchedTable::jobs ? job_rows : journal_rows).push_back(change.row);
    return database_.read([&](Session &session) {
        std::vector<Event> events;
        for (const auto &job : jobs::of_rows(session, job_rows))
            events.push_back({"job", job.tenant, data_of(to_json(job))});
        for (const auto &row : journal::of_rows(session, journal_rows)) {
            events.push_back({"journal", row.tenant, data_of(to_json(row)), true});
            events.push_back(subject_event(row));
        }
        return events;
    });
}

} // namespace host::http
