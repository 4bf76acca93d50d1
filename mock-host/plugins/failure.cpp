#include "plugins/failure.hpp"

#include <utility>

namespace host {
namespace {

std::pair<int, const char *> meaning(orch::sdk::Status status) {
    using orch::sdk::Status;
    switch (status) {
    case Status::invalid:
        return {422, "invalid"};
    case Status::not_found:
        return {404, "not-found"};
    case Status::conflict:
        return {409, "in-use"};
    case Status::busy:
        return {503, "busy"};
    case Status::unsupported:
        return {501, "unsupported"};
    case Status::cancelled:
        return {503, "cancelled"};
    case Status::read_only:
        return {403, "read-only"};
    case Status::contract:
        return {500, "plugin-contract"};
    case Status::failed:
        break;
    }
    return {500, "plugin-failed"};
}

} // namespace

Problem as_problem(const orch::sdk::Failure &failure) {
    const auto [status, code] = meaning(failure.status);
    Problem problem(status, failure.code.empty() ? code : failure.code, failure.words);
    for (const auto &fault : failure.fields)
        problem.errors.push_back({fault.field, fault.message});
    problem.retry_after = failure.retry_after;
    return problem;
}

} // namespace host
