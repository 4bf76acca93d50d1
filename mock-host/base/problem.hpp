// Why something that was asked of the host can't be done.
//
// Thrown where it is found; http/ answers it as RFC 9457. Never crosses the boundary to a plugin.
#pragma once

#include <chrono>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace host {

// One field of a form that is not acceptable.
struct FieldFault {
    std::string field;   // its name in its form
    std::string message; // for a person
    std::string path{};  // where it stands in the request (RFC 6901), when `field` alone does not tell
};

struct Problem : std::runtime_error {
    Problem(int http_status, std::string problem_code, const std::string &words)
        : std::runtime_error(words), status(http_status), code(std::move(problem_code)) {}

    int status; // as in HTTP
    std::string code;
    std::vector<FieldFault> errors;
    std::chrono::milliseconds retry_after{}; // 0: no advice
    std::string allowed_methods;             // of a 405
};

inline Problem not_found(const std::string &words) {
    return {404, "not-found", words};
}

inline Problem invalid(std::vector<FieldFault> errors,
                       const std::string &words = "some fields are not acceptable") {
    Problem problem(422, "invalid", words);
    problem.errors = std::move(errors);
    return problem;
}

// JSON, but of a kind that holds no fields.
inline Problem no_form() {
    return invalid({{"", "must be a JSON object"}}, "the body must be a JSON object");
}

} // namespace host
