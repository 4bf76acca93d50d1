// How a caller takes back a call that can take long, and how it hears of its steps.
#pragma once

#include <functional>
#include <utility>

#include <nlohmann/json_fwd.hpp>

namespace orch::sdk {

// [any thread] A copy asks the same caller; it must not outlive the call that it was given to.
class Cancellation {
  public:
    // Never requested.
    Cancellation() = default;
    explicit Cancellation(std::function<bool()> requested) : requested_(std::move(requested)) {}

    [[nodiscard]] bool requested() const { return requested_ && requested_(); }

  private:
    std::function<bool()> requested_;
};

// Takes one step as it happens; false: the caller wants no more. Only from the thread of the call.
using Progress = std::function<bool(const nlohmann::json &step)>;

} // namespace orch::sdk
