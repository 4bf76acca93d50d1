// Places that C structs live in, which outlast their use: whoever calls through a pointer that he should have
// forgotten meets a closed place that can name him, and not freed memory.
//
// A place is used again only after `kept` others were given back after it, so memory stays bounded.
#pragma once

#include <cstddef>
#include <deque>
#include <memory>
#include <mutex>
#include <vector>

namespace orch::sdk::abi {

// [any thread] A Place is reset by whoever takes it.
template <class Place>
class Tombstones {
  public:
    explicit Tombstones(std::size_t kept) : kept_(kept) {}

    Place &take() {
        const std::lock_guard lock(mutex_);
        if (closed_.size() > kept_) {
            Place &place = *closed_.front();
            closed_.pop_front();
            return place;
        }
        return *places_.emplace_back(std::make_unique<Place>());
    }

    void give_back(Place &place) {
        const std::lock_guard lock(mutex_);
        closed_.push_back(&place);
    }

  private:
    std::mutex mutex_;
    const std::size_t kept_;
    std::vector<std::unique_ptr<Place>> places_;
    std::deque<Place *> closed_;
};

} // namespace orch::sdk::abi

// What a function of this kind holds belongs to one library alone, however that library is built: otherwise the
// linker could join a plugin's with its host's.
#if defined(_WIN32)
#define ORCH_SDK_OWN inline
#else
#define ORCH_SDK_OWN [[gnu::visibility("hidden")]] inline
#endif
