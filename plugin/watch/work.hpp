// Something that is done again and again on a worker thread, and waits in between without one.
#pragma once

#include "base/clock.hpp"

namespace roe::watch {

enum class Wake {
    due,      // its time has come
    readable, // its parked descriptor woke
    poked,    // somebody asked for it
};

// What a piece of work waits for next.
struct Next {
    SteadyTime when = SteadyTime::max(); // run at this time at the latest
    int descriptor = -1;                 // run as soon as this wakes; -1: no descriptor
    bool trouble = false;                // its server did not answer well: let it hold few workers

    static Next again() { return {SteadyTime::min(), -1, false}; }
    static Next at(SteadyTime when) { return {when, -1, false}; }
    static Next in_trouble_until(SteadyTime when) { return {when, -1, true}; }
    static Next parked(int descriptor, SteadyTime until) { return {until, descriptor, false}; }
    static Next idle() { return {}; }
};

class Work {
  public:
    virtual ~Work() = default;

    // [one worker at a time] May block, within the deadlines that the work keeps for itself.
    virtual Next run(Wake why) = 0;

    // [any thread] Makes a `run` that is under way return soon. Called once, before the work is dropped.
    virtual void cancel() = 0;
};

} // namespace roe::watch
