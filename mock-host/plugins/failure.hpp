// A plugin's failure as the host's answer.
#pragma once

#include "base/problem.hpp"
#include "orch/sdk/failure.hpp"
#include "orch/sdk/outcome.hpp"

namespace host {

Problem as_problem(const orch::sdk::Failure &failure);

// The value, or throws the failure as a Problem.
template <class T>
T need(orch::sdk::Outcome<T> outcome) {
    if (!outcome) throw as_problem(outcome.failure());
    return std::move(*outcome);
}
inline void need(const orch::sdk::Outcome<void> &outcome) {
    if (!outcome) throw as_problem(outcome.failure());
}

} // namespace host
