// What a caller lends for one call: a sink for the result and a cancellation. They live in tombstones, so that
// a callee that uses one after the call has returned is named.
#pragma once

#include <cstddef>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

#include "orch/sdk/abi/side.hpp"
#include "orch/sdk/abi/text.hpp"
#include "orch/sdk/abi/tombstones.hpp"
#include "orch/sdk/cancellation.hpp"
#include "orch/types.h"

namespace orch::sdk::abi {

// A callee that never stops writing must not take the process down.
inline constexpr std::size_t most_of_a_result = std::size_t{64} << 20U;

// Lends a sink until it goes out of scope.
class LentSink {
  public:
    // Takes one piece; false: no more is wanted.
    using Piece = std::function<bool(std::string_view)>;

    LentSink(Side &side, std::string_view call, Piece piece) : place_(places().take()) {
        const std::lock_guard lock(place_.mutex);
        place_.c = {sizeof(orch_sink_t), 0, &place_, &write};
        place_.side = &side;
        place_.call = call;
        place_.piece = std::move(piece);
        place_.owner = std::this_thread::get_id();
        place_.open = true;
    }
    LentSink(const LentSink &) = delete;
    LentSink &operator=(const LentSink &) = delete;
    ~LentSink() {
        {
            const std::lock_guard lock(place_.mutex);
            place_.open = false;
            place_.piece = nullptr;
        }
        places().give_back(place_);
    }

    [[nodiscard]] const orch_sink_t *c() const { return &place_.c; }

  private:
    struct Place {
        orch_sink_t c{};
        std::mutex mutex;
        Side *side = nullptr;
        std::string call;
        Piece piece;
        std::thread::id owner;
        bool open = false;
    };

    ORCH_SDK_OWN static Tombstones<Place> &places() {
        static Tombstones<Place> all(64);
        return all;
    }

    static orch_status_t write(void *owner, const char *data, std::uint64_t size) noexcept {
        if (owner == nullptr) {
            return ORCH_E_CONTRACT;
        }
        auto &place = *static_cast<Place *>(owner);
        try {
            Piece piece;
            std::string_view breach;
            {
                const std::lock_guard lock(place.mutex);
                if (!place.open) {
                    breach = "wrote to its sink after the call had returned";
                } else if (place.owner != std::this_thread::get_id()) {
                    breach = "wrote to its sink from another thread";
                } else if (data == nullptr && size != 0) {
                    breach = "wrote a null pointer to its sink";
                } else {
                    piece = place.piece;
                }
            }
            if (!breach.empty()) {
                place.side->other_broke(place.call, breach);
                return ORCH_E_CONTRACT;
            }
            return piece(view({data, size})) ? ORCH_OK : ORCH_E_CANCELLED;
        } catch (...) {
            return ORCH_E_FAILED;
        }
    }

    Place &place_;
};

// Lends a cancellation until it goes out of scope.
class LentCancel {
  public:
    LentCancel(Side &side, std::string_view call, const Cancellation &cancellation) : place_(places().take()) {
        const std::lock_guard lock(place_.mutex);
        place_.c = {sizeof(orch_cancel_t), 0, &place_, &requested};
        place_.side = &side;
        place_.call = call;
        place_.cancellation = &cancellation;
    }
    LentCancel(const LentCancel &) = delete;
    LentCancel &operator=(const LentCancel &) = delete;
    ~LentCancel() {
        {
            const std::lock_guard lock(place_.mutex);
            place_.cancellation = nullptr;
        }
        places().give_back(place_);
    }

    [[nodiscard]] const orch_cancel_t *c() const { return &place_.c; }

  private:
    struct Place {
        orch_cancel_t c{};
        std::mutex mutex;
        Side *side = nullptr;
        std::string call;
        const Cancellation *cancellation = nullptr;
    };

    ORCH_SDK_OWN static Tombstones<Place> &places() {
        static Tombstones<Place> all(64);
        return all;
    }

    static std::int32_t requested(void *owner) noexcept {
        if (owner == nullptr) {
            return 1;
        }
        auto &place = *static_cast<Place *>(owner);
        try {
            const std::lock_guard lock(place.mutex);
            if (place.cancellation == nullptr) {
                place.side->other_broke(place.call, "asked for its cancellation after the call had returned");
                return 1;
            }
            return place.cancellation->requested() ? 1 : 0;
        } catch (...) {
            return 1;
        }
    }

    Place &place_;
};

} // namespace orch::sdk::abi
