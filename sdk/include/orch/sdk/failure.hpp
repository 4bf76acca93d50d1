// Why a call across the boundary failed, as a value.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "orch/types.h"

namespace orch::sdk {

enum class Status : std::int32_t {
    contract = ORCH_E_CONTRACT, // one side broke the contract; `words` name it
    invalid = ORCH_E_INVALID,   // not acceptable input; `fields` say where
    not_found = ORCH_E_NOT_FOUND,
    conflict = ORCH_E_CONFLICT,       // in use, or changed meanwhile
    busy = ORCH_E_BUSY,               // nothing was done; ask again after `retry_after`
    unsupported = ORCH_E_UNSUPPORTED, // an extension or version that the other side has not
    cancelled = ORCH_E_CANCELLED,
    read_only = ORCH_E_READ_ONLY,
    failed = ORCH_E_FAILED,
};

struct FieldError {
    std::string field;
    std::string message;
    bool operator==(const FieldError &) const = default;
};

struct Failure {
    Status status = Status::failed;
    std::string words;                       // one sentence for a person
    std::string code{};                      // for a program, as "base-mailbox-read-only"; may be empty
    std::vector<FieldError> fields{};        // for a form; Status::invalid
    std::chrono::milliseconds retry_after{}; // 0: no advice
};

inline Failure failed(std::string words) {
    return {Status::failed, std::move(words)};
}
inline Failure not_found(std::string words) {
    return {Status::not_found, std::move(words)};
}
inline Failure cancelled() {
    return {Status::cancelled, "the call was taken back"};
}
inline Failure invalid(std::vector<FieldError> fields, std::string words = "some fields are not acceptable") {
    return {Status::invalid, std::move(words), {}, std::move(fields)};
}

} // namespace orch::sdk
