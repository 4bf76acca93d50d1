// What is wrong with a form, field by field.
#pragma once

#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace roe {

struct FieldError {
    std::string field;
    std::string message;
};

using FieldErrors = std::vector<FieldError>;

// A value, or at least one field error.
template <class T>
class [[nodiscard]] FormResult {
  public:
    FormResult(T value) : state_(std::in_place_index<0>, std::move(value)) {}
    FormResult(FieldErrors errors) : state_(std::in_place_index<1>, std::move(errors)) {}

    [[nodiscard]] bool ok() const { return state_.index() == 0; }
    explicit operator bool() const { return ok(); }
    T &operator*() & { return std::get<0>(state_); }
    const T &operator*() const & { return std::get<0>(state_); }
    T &&operator*() && { return std::get<0>(std::move(state_)); }
    T *operator->() { return &std::get<0>(state_); }
    const T *operator->() const { return &std::get<0>(state_); }
    [[nodiscard]] const FieldErrors &errors() const { return std::get<1>(state_); }

  private:
    std::variant<T, FieldErrors> state_;
};

} // namespace roe
