#include "http/router.hpp"

#include <set>

#include "base/problem.hpp"

namespace host::http {
namespace {

bool matches(const std::vector<std::string> &pattern, const std::vector<std::string> &path,
             std::map<std::string, std::string> &names) {
    if (pattern.size() != path.size()) return false;
    names.clear();
    for (std::size_t index = 0; index < pattern.size(); ++index) {
        const auto &part = pattern[index];
        if (part.starts_with('{')) {
            if (path[index].empty()) return false;
            names[part.substr(1, part.size() - 2)] = path[index];
        } else if (part != path[index]) {
            return false;
        }
    }
    return true;
}

} // namespace

std::vector<std::string> split_path(std::string_view path) {
    std::vector<std::string> parts;
    if (path.starts_with('/')) path.remove_prefix(1);
    while (true) {
        const auto slash = path.find('/');
        parts.emplace_back(path.substr(0, slash));
        if (slash == std::string_view::npos) return parts;
        path.remove_prefix(slash + 1);
    }
}

void Router::add(std::string method, const std::string &pattern, Access access, Handler handler) {
    routes_.push_back({std::move(method), split_path(pattern), access, std::move(handler)});
}

Response Router::answer(Request request) const {
    const Route &route = find(request);
    if (route.access != Access::everyone) identify(request, route.access);
    return route.handler(request);
}

const Router::Route &Router::find(Request &request) const {
    std::set<std::string> methods;
    for (const auto &route : routes_) {
        if (!matches(route.pattern, request.path, request.names)) continue;
        if (route.method == request.method) return route;
        methods.insert(route.method);
    }
    if (methods.empty()) throw Problem(404, "no-such-call", "there is no such call");
    std::string allowed;
    for (const auto &method : methods)
        allowed += (allowed.empty() ? "" : ", ") + method;
    Problem problem(405, "method-not-allowed", "this call takes " + allowed);
    problem.allowed_methods = allowed; // RFC 9110 §15.5.6
    throw problem;
}

void Router::identify(Request &request, Access access) const {
    static constexpr std::string_view scheme = "Bearer ";
    const auto authorization = request.header("authorization").value_or("");
    std::optional<User> user;
    if (authorization.starts_with(scheme)) {
        user = users_.by_token(std::string_view(authorization).substr(scheme.size()));
    }
    if (!user) throw Problem(401, "not-signed-in", "a valid bearer token is needed");
    request.user = *user;
    request.tenant = request.header("x-orch-tenant").value_or(user->tenant);
    if (request.tenant != user->tenant && user->role != Role::administrator) {
        throw Problem(403, "other-tenant", "you may not look into another tenant");
    }
    if (!configuration_.knows_tenant(request.tenant)) {
        throw Problem(404, "no-such-tenant", "there is no tenant " + request.tenant);
    }
    if (access == Access::administrators && !user->administrates()) {
        throw Problem(403, "administrators-only", "only an administrator may do this");
    }
}

} // namespace host::http
