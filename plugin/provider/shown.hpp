// Our values as the host is to see them.
#pragma once

#include <optional>
#include <string>

#include <nlohmann/json.hpp>

#include "base/form_error.hpp"
#include "base/result.hpp"
#include "base/timestamp.hpp"
#include "orch/sdk/failure.hpp"

namespace roe::provider {

inline nlohmann::json text_or_null(const std::string &text) {
    return text.empty() ? nlohmann::json(nullptr) : nlohmann::json(text);
}

inline nlohmann::json time_or_null(const std::optional<WallTime> &time) {
    return time ? nlohmann::json(timestamp(*time)) : nlohmann::json(nullptr);
}

// A fault as the page shows it: what failed, the server's words, what to do.
inline nlohmann::json error_or_null(const std::optional<Error> &error) {
    if (!error) return nullptr;
    return {{"step", error->step},
            {"doing", error->doing},
            {"serverText", text_or_null(error->server_text)},
            {"advice", text_or_null(error->advice)}};
}

inline orch::sdk::Failure to_failure(const Error &error) {
    return orch::sdk::failed(error.text());
}

// A fault of the mailbox as what is wrong with the form that names it.
inline orch::sdk::Failure not_reached(const Error &error, const std::string &field) {
    if (error.fault == Fault::cancelled)
        return orch::sdk::invalid({{field, error.doing + ": that took too long"}},
                                  "the mailbox can't be looked into");
    const auto words = error.advice.empty() ? error.text() : error.text() + ". " + error.advice;
    return orch::sdk::invalid({{field, words}}, "the mailbox can't be looked into");
}

inline orch::sdk::Failure to_failure(const FieldErrors &errors) {
    std::vector<orch::sdk::FieldError> fields;
    fields.reserve(errors.size());
    for (const auto &error : errors)
        fields.push_back({error.field, error.message});
    return orch::sdk::invalid(std::move(fields));
}

} // namespace roe::provider
