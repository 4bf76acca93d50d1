// A value, or the failure that took its place. Reading the one that is not there throws std::logic_error
// (std::bad_variant_access is too easily taken for something else), which never leaves the SDK's trampolines.
#pragma once

#include <optional>
#include <stdexcept>
#include <utility>
#include <variant>

#include "orch/sdk/failure.hpp"

namespace orch::sdk {

template <class T>
class [[nodiscard]] Outcome {
  public:
    Outcome(T value) : state_(std::in_place_index<0>, std::move(value)) {}
    Outcome(Failure failure) : state_(std::in_place_index<1>, std::move(failure)) {}

    [[nodiscard]] bool ok() const { return state_.index() == 0; }
    explicit operator bool() const { return ok(); }

    [[nodiscard]] T &value() & { return need(state_); }
    [[nodiscard]] const T &value() const & { return need(state_); }
    [[nodiscard]] T &&value() && { return std::move(need(state_)); }
    T &operator*() & { return value(); }
    const T &operator*() const & { return value(); }
    T &&operator*() && { return std::move(*this).value(); }
    T *operator->() { return &value(); }
    const T *operator->() const { return &value(); }

    [[nodiscard]] const Failure &failure() const {
        if (const auto *failure = std::get_if<1>(&state_)) {
            return *failure;
        }
        throw std::logic_error("asked a successful outcome for its failure");
    }

  private:
    template <class State>
    static auto &need(State &state) {
        if (state.index() == 0) {
            return std::get<0>(state);
        }
        throw std::logic_error("asked a failed outcome for its value: " + std::get<1>(state).words);
    }

    std::variant<T, Failure> state_;
};

// A borrowed thing, or why there is none.
template <class T>
class [[nodiscard]] Outcome<T &> {
  public:
    Outcome(T &value) : state_(&value) {}
    Outcome(Failure failure) : state_(std::move(failure)) {}

    [[nodiscard]] bool ok() const { return state_.ok(); }
    explicit operator bool() const { return ok(); }
    [[nodiscard]] T &value() const { return *state_.value(); }
    T &operator*() const { return value(); }
    T *operator->() const { return state_.value(); }
    [[nodiscard]] const Failure &failure() const { return state_.failure(); }

  private:
    Outcome<T *> state_;
};

template <>
class [[nodiscard]] Outcome<void> {
  public:
    Outcome() = default;
    Outcome(Failure failure) : failure_(std::move(failure)) {}

    [[nodiscard]] bool ok() const { return !failure_.has_value(); }
    explicit operator bool() const { return ok(); }
    [[nodiscard]] const Failure &failure() const {
        if (failure_) {
            return *failure_;
        }
        throw std::logic_error("asked a successful outcome for its failure");
    }

  private:
    std::optional<Failure> failure_;
};

} // namespace orch::sdk
