// What a tenant was like in each minute of a day. Pure: no clock, no thread.
#pragma once

#include <deque>
#include <memory>
#include <vector>

#include "base/times.hpp"
#include "dashboard/item_counts.hpp"

namespace host {

// The newest look of a minute.
struct StateSample {
    Micros at = 0;            // the minute's beginning
    std::int64_t backlog = 0; // jobs that have not ended
    std::shared_ptr<const ItemCounts> items;
};

class SampleRing {
  public:
    // Takes the place of an earlier look of the same minute, and of those of the future: the clock was set
    // back.
    void note(Micros at, std::int64_t backlog, ItemCounts items);

    // From a moment on, oldest first.
    [[nodiscard]] std::vector<StateSample> since(Micros from) const;

    // By the newest look; empty when there was none.
    [[nodiscard]] ItemCounts items() const;

  private:
    std::deque<StateSample> samples_;
};

} // namespace host
