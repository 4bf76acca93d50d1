// A bounded pool of workers, and the parking lot for everything that only waits.
//
// A piece of work is in one place at a time: waiting (for a time, a descriptor or a poke), ready, or with
// one worker. 10,000 parked sessions cost their sockets and an entry here, not a thread.
//
// Work belongs to a lane, the server it talks to. A lane holds half of the workers at most; lanes in trouble
// one worker each and a quarter of the workers together, so that servers that stall slow nobody else.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <unordered_map>
#include <utility>
#include <vector>

#include "net/poller.hpp"
#include "watch/work.hpp"

namespace roe::watch {

class Scheduler {
  public:
    using Id = std::uint64_t;
    // [any thread] Told of an exception that left a piece of work: a mistake of ours.
    using OnFault = std::function<void(const std::string &)>;

    Scheduler(std::size_t workers, OnFault on_fault);
    ~Scheduler();
    Scheduler(const Scheduler &) = delete;
    Scheduler &operator=(const Scheduler &) = delete;

    // [any thread] Takes the work over and runs it at once.
    Id add(std::shared_ptr<Work> work, const std::string &lane);

    // [any thread] Runs it soon; when it runs now, once more after that. Unknown ids are ignored.
    void poke(Id id);

    // [any thread but a worker in that work] Cancels the work and returns when it runs no more.
    void remove(Id id);

    // [any thread but a worker] Cancels everything and returns when no thread is left.
    void stop();

  private:
    enum class Place { waiting, ready, running };

    struct Lane {
        std::deque<Id> ready;
        std::size_t running = 0;
        std::size_t members = 0;
        bool trouble = false;
    };

    struct Entry {
        std::shared_ptr<Work> work;
        std::string lane;
        Place place = Place::waiting;
        SteadyTime when = SteadyTime::max();
        int descriptor = -1;
        Wake why = Wake::due;
        bool poked = false;
        bool dropped = false;
    };

    void work_loop();
    void wait_loop();
    void make_ready(Id id, Entry &entry, Wake why);
    void start_waiting(Id id, Entry &entry, const Next &next);
    void stop_waiting(Id id, Entry &entry);
    [[nodiscard]] bool may_run(const Lane &lane) const;
    [[nodiscard]] bool take(Id &id);
    void erase(std::unordered_map<Id, Entry>::iterator at);

    const std::size_t workers_;
    const OnFault on_fault_;
    net::Poller poller_;

    std::mutex mutex_;
    std::condition_variable work_ready_;
    std::condition_variable work_done_;
    std::unordered_map<Id, Entry> entries_;
    std::map<std::string, Lane> lanes_;
    std::deque<std::string> lanes_in_turn_; // lanes with ready work, each once
    std::set<std::pair<SteadyTime, Id>> timers_;
    std::size_t troubled_running_ = 0;
    Id next_id_ = 1;
    bool stopping_ = false;

    std::vector<std::thread> threads_;
};

} // namespace roe::watch
