#include "http/problem_json.hpp"

#include <chrono>
#include <string>

namespace host::http {
namespace {

const char *title(int status) {
    switch (status) {
    case 400:
        return "Bad Request";
    case 401:
        return "Unauthorized";
    case 403:
        return "Forbidden";
    case 404:
        return "Not Found";
    case 405:
        return "Method Not Allowed";
    case 408:
        return "Request Timeout";
    case 409:
        return "Conflict";
    case 410:
        return "Gone";
    case 413:
        return "Content Too Large";
    case 415:
        return "Unsupported Media Type";
    case 429:
        return "Too Many Requests";
    case 422:
        return "Unprocessable Content";
    case 501:
        return "Not Implemented";
    case 503:
        return "Service Unavailable";
    default:
        return "Internal Server Error";
    }
}

} // namespace

nlohmann::json to_json(const Problem &problem) {
    nlohmann::json document{{"type", "about:blank"},    {"title", title(problem.status)},
                            {"status", problem.status}, {"detail", problem.what()},
                            {"code", problem.code},     {"errors", nlohmann::json::array()}};
    for (const auto &fault : problem.errors) {
        nlohmann::json error{{"field", fault.field}, {"message", fault.message}};
        if (!fault.path.empty()) error["path"] = fault.path;
        document["errors"].push_back(std::move(error));
    }
    return document;
}

Response as_response(const Problem &problem) {
    Response response = Response::of(to_json(problem), problem.status);
    response.content_type = "application/problem+json";
    if (problem.status == 401) response.headers.emplace_back("WWW-Authenticate", "Bearer");
    if (!problem.allowed_methods.empty()) response.headers.emplace_back("Allow", problem.allowed_methods);
    if (problem.retry_after.count() > 0) {
        const auto seconds = std::chrono::ceil<std::chrono::seconds>(problem.retry_after);
        response.headers.emplace_back("Retry-After", std::to_string(seconds.count()));
    }
    return response;
}

} // namespace host::http
