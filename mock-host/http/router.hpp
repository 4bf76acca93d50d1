// Which function answers which call, and who may make it. Pure: no socket.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "http/exchange.hpp"
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
    Router(const Users &users, const Configuration &configuration)
        : users_(users), configuration_(configuration) {}

    // `pattern` as "/api/tasks/{task}".
    void add(std::string method, const std::string &pattern, Access access, Handler handler);

    // Checks who asks and calls the handler. Throws Problem.
    Response answer(Request request) const;

  private:
    struct Route {
        std::string method;
        std::vector<std::string> pattern;
        Access access;
        Handler handler;
    };
    const Route &find(Request &request) const;
    void identify(Request &request, Access access) const;

    const Users &users_;
    const Configuration &configuration_;
    std::vector<Route> routes_;
};

// "a/b" -> "a", "b"; not decoded.
std::vector<std::string> split_path(std::string_view path);

} // namespace host::http
