// A call that comes in over the boundary: whether it may come, its arguments, and what goes back. Nothing is
// thrown over it.
#pragma once

#include <exception>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <nlohmann/json.hpp>

#include "orch/sdk/abi/error_text.hpp"
#include "orch/sdk/abi/side.hpp"
#include "orch/sdk/abi/text.hpp"
#include "orch/sdk/cancellation.hpp"
#include "orch/sdk/outcome.hpp"

namespace orch::sdk::abi {

// Breaches of the caller's found while its arguments are read; caught in `Incoming::answer` only.
struct BadArgument {
    std::string what;
};

inline std::string_view read_text(orch_str_t text, std::string_view name) {
    if (text.data == nullptr && text.size != 0) {
        throw BadArgument{std::string(name) + " is a null pointer"};
    }
    if (!is_utf8(view(text))) {
        throw BadArgument{std::string(name) + " is not UTF-8"};
    }
    return view(text);
}

inline nlohmann::json read_json(orch_str_t text, std::string_view name) {
    auto value = nlohmann::json::parse(read_text(text, name), nullptr, false);
    if (!value.is_object()) {
        throw BadArgument{std::string(name) + " is not a JSON object"};
    }
    return value;
}

// A struct that the caller lends.
template <class Struct>
const Struct &read_struct(const Struct *lent, std::string_view name) {
    if (lent == nullptr) {
        throw BadArgument{std::string(name) + " is a null pointer"};
    }
    if (lent->struct_size < sizeof(Struct)) {
        throw BadArgument{std::string(name) + " has the struct_size " + std::to_string(lent->struct_size) +
                          " of " + std::to_string(sizeof(Struct))};
    }
    return *lent;
}

inline const orch_sink_t &read_sink(const orch_sink_t *sink, std::string_view name) {
    if (read_struct(sink, name).write == nullptr) {
        throw BadArgument{std::string(name) + " has no write"};
    }
    return *sink;
}

// No cancellation lent: it is never requested.
inline Cancellation read_cancel(const orch_cancel_t *cancel) {
    if (cancel == nullptr) {
        return {};
    }
    if (read_struct(cancel, "cancel").requested == nullptr) {
        throw BadArgument{"cancel has no function"};
    }
    return Cancellation([cancel] { return cancel->requested(cancel->owner) != 0; });
}

class Incoming {
  public:
    // `side` is null when the caller passed a null `self`.
    Incoming(Side *side, Into into, const char *call, orch_error_t *error)
        : side_(side), into_(into), call_(call), error_(error) {}

    // `body()` gives an Outcome<void>.
    template <class Body>
    orch_status_t answer(Allowed allowed, Body &&body) noexcept {
        try {
            if (side_ == nullptr) {
                return tell(error_, {Status::contract, std::string(call_) + ": self is a null pointer"});
            }
            std::optional<Lifecycle::Visit> visit;
            side_->life.enter(into_, allowed, visit);
            if (!visit) {
                return tell(error_, side_->other_broke(call_, "called " + when()));
            }
            return run(std::forward<Body>(body));
        } catch (...) {
            return ORCH_E_FAILED;
        }
    }

    // `body()` gives an Outcome<nlohmann::json> or Outcome<std::string>, which is written to `result`.
    template <class Body>
    orch_status_t answer_to(const orch_sink_t *result, Allowed allowed, Body &&body) noexcept {
        return answer(allowed, [&]() -> Outcome<void> {
            const orch_sink_t &sink = read_sink(result, "result");
            const auto outcome = body();
            if (!outcome) {
                return outcome.failure();
            }
            return write(sink, *outcome);
        });
    }

    Outcome<void> write(const orch_sink_t &sink, const nlohmann::json &value) {
        try {
            return write(sink, value.dump());
        } catch (const nlohmann::json::exception &) {
            return side_->self_broke(call_, "its result is not UTF-8");
        }
    }

    Outcome<void> write(const orch_sink_t &sink, const std::string &text) {
        const orch_status_t status = sink.write(sink.owner, text.data(), text.size());
        if (status != ORCH_OK) {
            return cancelled();
        }
        return {};
    }

  private:
    template <class Body>
    orch_status_t run(Body &&body) {
        try {
            const Outcome<void> outcome = body();
            return outcome ? ORCH_OK : tell(error_, outcome.failure());
        } catch (const BadArgument &bad) {
            return tell(error_, side_->other_broke(call_, bad.what));
        } catch (const std::exception &fault) {
            return unexpected(fault.what());
        } catch (...) {
            return unexpected("an exception that is no std::exception");
        }
    }

    orch_status_t unexpected(std::string_view what) {
        std::string words(call_);
        words.append(" failed unexpectedly: ").append(what);
        side_->report(words);
        return tell(error_, failed(std::move(words)));
    }

    [[nodiscard]] std::string when() const {
        return side_->life.phase() == Lifecycle::Phase::destroyed ? "after destroy" : "outside start and stop";
    }

    Side *side_;
    Into into_;
    const char *call_;
    orch_error_t *error_;
};

} // namespace orch::sdk::abi
