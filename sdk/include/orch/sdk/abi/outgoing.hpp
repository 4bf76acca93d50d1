// A call that goes out over the boundary: whether it may be made, its error, its result, and the check of both.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <nlohmann/json.hpp>

#include "orch/sdk/abi/borrowed.hpp"
#include "orch/sdk/abi/error_text.hpp"
#include "orch/sdk/abi/side.hpp"
#include "orch/sdk/outcome.hpp"

namespace orch::sdk::abi {

enum class Shape { object, array };

class Outgoing {
  public:
    Outgoing(Side &side, Into into) : side_(side), into_(into) {}

    [[nodiscard]] Side &side() const { return side_; }

    // `function(error)` is the C call itself.
    template <class Function>
    Outcome<void> call(std::string_view name, Allowed allowed, Function &&function) const {
        std::optional<Lifecycle::Visit> visit;
        side_.life.enter(into_, allowed, visit);
        if (!visit) {
            return not_now(name);
        }
        ErrorText error;
        orch_status_t status = ORCH_OK;
        try {
            status = function(error.c());
        } catch (...) {
            return side_.other_broke(name, "let an exception escape");
        }
        if (status == ORCH_OK) {
            return {};
        }
        return error.failure(status, side_, name);
    }

    // `function(sink, error)` is the C call itself.
    template <class Function>
    Outcome<std::string> text(std::string_view name, Allowed allowed, Function &&function) const {
        std::string result;
        bool too_large = false;
        const LentSink sink(side_, name, [&](std::string_view piece) {
            too_large = too_large || piece.size() > most_of_a_result - result.size();
            if (!too_large) {
                result.append(piece);
            }
            return !too_large;
        });
        const auto done = call(name, allowed, [&](orch_error_t *error) { return function(sink.c(), error); });
        if (too_large) {
            return side_.other_broke(name, "its result is larger than 64 MiB");
        }
        if (!done) {
            return done.failure();
        }
        return result;
    }

    // As `text`, and the result is JSON of this shape.
    template <class Function>
    Outcome<nlohmann::json> json(std::string_view name, Allowed allowed, Shape shape,
                                 Function &&function) const {
        auto result = text(name, allowed, std::forward<Function>(function));
        if (!result) {
            return result.failure();
        }
        auto value = nlohmann::json::parse(*result, nullptr, false);
        if (value.is_discarded()) {
            return side_.other_broke(name,
                                     is_utf8(*result) ? "its result is not JSON" : "its result is not UTF-8");
        }
        if (shape == Shape::array ? !value.is_array() : !value.is_object()) {
            return side_.other_broke(name, shape == Shape::array ? "its result is not a JSON array"
                                                                 : "its result is not a JSON object");
        }
        return value;
    }

    // As `json`, for {"items": [...], "next": cursor or null}.
    template <class Function>
    Outcome<nlohmann::json> list(std::string_view name, Allowed allowed, Function &&function) const {
        auto value = json(name, allowed, Shape::object, std::forward<Function>(function));
        if (value) {
            const auto items = value->find("items");
            const auto next = value->find("next");
            if (items == value->end() || !items->is_array() || next == value->end() ||
                !(next->is_null() || next->is_string())) {
                return side_.other_broke(name, "its result is not a list of items with a next cursor or null");
            }
        }
        return value;
    }

    // Who stops a plugin takes back the calls that run in it. The result must not outlive `cancellation`.
    [[nodiscard]] Cancellation cancelled_by_stop(const Cancellation &cancellation) const {
        return Cancellation([this, &cancellation] {
            return side_.life.phase() != Lifecycle::Phase::started || cancellation.requested();
        });
    }

  private:
    // A host may meet a plugin that was just stopped, and asks again later; a plugin knows when it was stopped.
    [[nodiscard]] Failure not_now(std::string_view name) const {
        if (into_ == Into::plugin) {
            return {Status::busy, "the plugin is not started"};
        }
        return side_.self_broke(name, "called outside start and stop");
    }

    Side &side_;
    Into into_;
};

} // namespace orch::sdk::abi
