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

// In the query too: what a browser asks for by itself (a link, a frame, an EventSource) has no header of ours.
// Empty is a name as well: the default tenant's.
std::optional<std::string> named_tenant(const Request &request) {
    if (auto header = request.header("x-orch-tenant")) return header;
    const auto found = request.query.find("tenant");
    return found == request.query.end() ? std::nullopt : std::optional(found->second);
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
        // Whoever answers GET answers HEAD (RFC 9110 §9.1); the server leaves the body out.
        if (route.method == "GET" && request.method == "HEAD") return route;
        methods.insert(route.method);
        if (route.method == "GET") methods.insert("HEAD");
    }
    if (methods.empty()) throw Problem(404, "no-such-call", "there is no such call");
    std::string allowed;
    for (const auto &method : methods)
        allowed += (allowed.empty() ? "" : ", ") + method;
    Problem problem(405, "method-not-allowed", "this call takes " + allowed);
    problem.allowed_methods = allowed; // RFC 9110 §15.5.6
    throw problem;
}

std::vector<std::string> Router::routes() const {
    std::vector<std::string> list;
    for (const auto &route : routes_) {
        std::string text = route.method + " ";
        for (const auto &part : route.pattern)
            text += "/" + part;
        list.push_back(std::move(text));
    }
    return list;
}

// By a token, or by the session of a browser. A token needs no proof against forged requests: no browser sends
// it by itself.
void Router::sign_in(Request &request) const {
    static constexpr std::string_view scheme = "Bearer ";
    if (const auto authorization = request.header("authorization")) {
        if (authorization->starts_with(scheme)) {
            if (const auto user = users_.by_token(std::string_view(*authorization).substr(scheme.size()))) {
                request.user = *user;
                request.still_signed_in = [] { return true; };
                return;
            }
        }
    } else if (const auto cookie = request.cookie(session_cookie)) {
        if (const auto found = sessions_.find(*cookie)) {
            const bool changes = request.method != "GET" && request.method != "HEAD";
            if (changes && digest_of(request.header("x-csrf-token").value_or("")) != digest_of(found->csrf)) {
                throw Problem(403, "csrf",
                              std::string("the header ") + csrf_header +
                                  " must hold the token that the sign-in gave");
            }
            request.user = found->user;
            request.csrf = found->csrf;
            request.still_signed_in = [this, cookie] { return sessions_.find(*cookie).has_value(); };
            return;
        }
    }
    throw Problem(401, "not-signed-in", "sign in, or give a valid bearer token");
}

void Router::identify(Request &request, Access access) const {
    sign_in(request);
    const User *user = &request.user;
    request.tenant = named_tenant(request).value_or(user->tenant);
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
