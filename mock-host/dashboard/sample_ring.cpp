#include "dashboard/sample_ring.hpp"

#include <algorithm>
#include <utility>

namespace host {
namespace {

constexpr std::size_t minutes_kept = std::size_t{24} * 60;

} // namespace

void SampleRing::note(Micros at, std::int64_t backlog, ItemCounts items) {
    at -= at % micros_per_minute;
    // Most minutes are like the one before, and share its counts.
    auto shared = !samples_.empty() && *samples_.back().items == items
                      ? samples_.back().items
                      : std::make_shared<const ItemCounts>(std::move(items));
    while (!samples_.empty() && samples_.back().at >= at)
        samples_.pop_back();
    samples_.push_back({at, backlog, std::move(shared)});
    if (samples_.size() > minutes_kept) samples_.pop_front();
}

std::vector<StateSample> SampleRing::since(Micros from) const {
    const auto first = std::find_if(samples_.begin(), samples_.end(),
                                    [&](const StateSample &sample) { return sample.at >= from; });
    return {first, samples_.end()};
}

ItemCounts SampleRing::items() const {
    return samples_.empty() ? ItemCounts{} : *samples_.back().items;
}

} // namespace host
