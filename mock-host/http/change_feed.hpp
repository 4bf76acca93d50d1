// Turns rows that were changed in the database into events of the log: jobs as they go, and what the journal
// tells of tasks, triggers, settings items and assets.
//
// It hears of a change after its commit, on the writer's thread, and looks the row up on a thread of its own,
// so that nobody who starts a job waits for those who watch.
#pragma once

#include <condition_variable>
#include <mutex>
#include <set>
#include <thread>
#include <vector>

#include "http/event_log.hpp"
#include "plugins/services.hpp"
#include "store/database.hpp"

namespace host::http {

// What a plugin noted of a settings page, for those who look at it. [any thread] Does not block.
void append_page_change(EventLog &log, const PageChange &change);

class ChangeFeed {
  public:
    ChangeFeed(Database &database, EventLog &log);
    ~ChangeFeed();
    ChangeFeed(const ChangeFeed &) = delete;
    ChangeFeed &operator=(const ChangeFeed &) = delete;

  private:
    void note(const std::vector<RowChange> &changes);
    void loop();
    [[nodiscard]] std::vector<Event> events_of(const std::set<RowChange> &changes);

    Database &database_;
    EventLog &log_;
    std::mutex mutex_;
    std::condition_variable noted_;
    std::set<RowChange> pending_; // a row that changed twice is looked at once
    bool ending_ = false;
    std::thread thread_; // last: it uses the others
};

} // namespace host::http
