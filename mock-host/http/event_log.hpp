// What has changed of late, for pages that show it live: a bounded log in memory that any number of readers
// follow, each with a cursor of its own. [any thread]
//
// A reader costs no memory: one that falls behind what is still kept is told that something was lost, and loads
// its page anew. While nobody has listened for a while nothing is recorded at all.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace host::http {

struct Event {
    std::string kind; // "job", "task", "trigger", "settings-item", "asset", "journal"
    std::string tenant;
    std::string data; // JSON, in one line
    bool administrators_only = false;
    std::uint64_t number = 0; // set by the log
};

struct EventLogLimits {
    std::size_t events = 20'000;
    std::size_t bytes = 8U << 20U;
    std::chrono::milliseconds memory{120'000}; // how long it goes on recording when nobody listens
};

class EventLog {
  public:
    using Clock = std::chrono::steady_clock;
    using Kept = std::shared_ptr<const Event>;

    explicit EventLog(EventLogLimits limits = {});

    // A reader, as long as it listens.
    class Listener {
      public:
        explicit Listener(EventLog &log) : log_(log) { log_.join(); }
        ~Listener() { log_.leave(); }
        Listener(const Listener &) = delete;
        Listener &operator=(const Listener &) = delete;

      private:
        EventLog &log_;
    };

    // Whether it is worth the while to find out what changed.
    [[nodiscard]] bool awaited() const;

    void append(std::vector<Event> events);

    // Something was not recorded: every reader is told.
    void lose();

    struct Piece {
        std::vector<Kept> events;
        std::uint64_t cursor = 0; // to go on from
        bool lost = false;        // something between the given cursor and the first of these
    };
    [[nodiscard]] Piece read(std::uint64_t after, std::size_t at_most) const;

    // Until there is something after the cursor, the log is closed, or the time is over.
    void wait(std::uint64_t after, std::chrono::milliseconds at_most) const;

    // Readers are to end.
    void close();
    [[nodiscard]] bool closed() const;

    // A cursor as text, which no other run of the host takes for its own. `cursor_of` gives one that has lost
    // everything when the text is not this run's.
    [[nodiscard]] std::string name_of(std::uint64_t cursor) const;
    [[nodiscard]] std::uint64_t cursor_of(std::string_view name) const;
    [[nodiscard]] std::uint64_t now() const; // the newest

  private:
    void join();
    void leave();
    void skip(); // with the mutex held
    [[nodiscard]] bool is_awaited() const;

    const EventLogLimits limits_;
    const std::string run_; // this run of the host
    mutable std::mutex mutex_;
    mutable std::condition_variable changed_;
    std::deque<Kept> events_;
    std::size_t bytes_ = 0;
    std::uint64_t newest_ = 1; // the number given last
    std::uint64_t floor_ = 1;  // nothing up to here can be read any more
    std::size_t listeners_ = 0;
    Clock::time_point left_at_ = Clock::time_point::min();
    bool closed_ = false;
};

} // namespace host::http
