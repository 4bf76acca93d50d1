// Which function answers which call, and who may make it. Pure: no socket.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "http/exchange.hpp"
#include "security/sessions.hpp"
#include "security/users.hpp"

namespace host::http {

enum class Access {
    everyone,       // without a token
    signed_in,      // every user, within a tenant
    administrators, // global, or of the tenant
};

using Handler = std::function<Response(const Request &)>;

class Router {
  public:
    Router(const Users &users, BrowserSessions &sessions, const Configuration &configuration)
        : users_(users), sessions_(sessions), configuration_(configuration) {}

    // `pattern` as "/api/tasks/{task}".
    void add(std::string method, const std::string &pattern, Access access, Handler handler);

    // Checks who asks and calls the handler. Throws Problem.
    Response answer(Request request) const;

    // "GET /api/tasks/{task}" for each.
    [[nodiscard]] std::vector<std::string> routes() const;

  private:
    struct Route {
        std::string method;
        std::vector<std::string> pattern;
        Access access;
        Handler handler;
    };
    const Route &find(Request &request) const;
    void identify(Request &request, Access access) const;
    void sign_in(Request &request) const;

    const Users &users_;
    BrowserSessions &sessions_;
    const Configuration &configuration_;
    std::vector<Route> routes_;
};

// The cookie that names a browser's session, and the header that proves that its own page asks.
inline constexpr const char *session_cookie = "orch_session";
inline constexpr const char *csrf_header = "X-CSRF-Token";

// "a/b" -> "a", "b"; not decoded.
std::vector<std::string> split_path(std::string_view path);

} // namespace host::http
