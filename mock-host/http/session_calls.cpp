// Signing in by a browser: a cookie that scripts can't read and other sites can't send, and a token that only
// the host's own pages can.
#include "base/problem.hpp"
#include "http/resources.hpp"
#include "security/attempts.hpp"

namespace host::http {
namespace {

// Those that the user may look into.
nlohmann::json tenants_of(const User &user, const Configuration &configuration) {
    auto tenants = nlohmann::json::array();
    for (const auto &tenant : configuration.tenants)
        if (user.role == Role::administrator || tenant.id == user.tenant)
            tenants.push_back({{"id", tenant.id}, {"name", tenant.name}, {"timeOffset", tenant.time_offset}});
    return tenants;
}

nlohmann::json session_document(const User &user, const std::string &chosen_tenant, const nlohmann::json &csrf,
                                const Configuration &configuration) {
    return {{"name", user.name},     {"role", role_name(user.role)},
            {"tenant", user.tenant}, {"chosenTenant", chosen_tenant},
            {"csrfToken", csrf},     {"tenants", tenants_of(user, configuration)}};
}

std::string cookie_line(const Request &request, const std::string &value, std::chrono::seconds age) {
    std::string line = std::string(session_cookie) + "=" + value +
                       "; Path=/; HttpOnly; SameSite=Strict; Max-Age=" + std::to_string(age.count());
    // The host itself speaks plain HTTP; before it stands who speaks TLS.
    if (request.header("x-forwarded-proto") == "https") line += "; Secure";
    return line;
}

struct Credentials {
    std::string name;
    std::string password;
};

Credentials credentials_of(const Request &request) {
    // A form of another site can send no JSON: nobody is signed in without knowing it.
    if (!request.header("content-type").value_or("").starts_with("application/json")) {
        throw Problem(415, "not-json", "Content-Type must be application/json");
    }
    const auto body = request.json();
    std::vector<FieldFault> faults;
    const auto text = [&](const char *key) {
        if (body.is_object() && body.contains(key) && body[key].is_string() &&
            !body[key].get_ref<const std::string &>().empty()) {
            return body[key].get<std::string>();
        }
        faults.push_back({key, "is required"});
        return std::string();
    };
    Credentials credentials{text("name"), text("password")};
    if (!faults.empty()) throw invalid(std::move(faults));
    return credentials;
}

Response sign_in(const Request &request, const SignIn &parts, Database &database) {
    const auto credentials = credentials_of(request);
    if (const auto wait = parts.attempts.wait(credentials.name, request.address); wait.count() > 0) {
        Problem problem(429, "too-many-attempts", "too many failed sign-ins; wait before the next");
        problem.retry_after = wait;
        throw problem;
    }
    const auto user = parts.users.by_password(credentials.name, credentials.password);
    if (!user) {
        parts.attempts.failed(credentials.name, request.address);
        database.write([&](Session &session) {
            audit::note(session, audit::sign_in_refused, {parts.users.tenant_of(credentials.name), ""},
                        {"user", credentials.name.substr(0, 200), credentials.name.substr(0, 200)},
                        {{"address", request.address}});
        });
        throw Problem(401, "wrong-credentials", "the name or the password is wrong");
    }
    parts.attempts.succeeded(credentials.name, request.address);
    // A new session always: one that was planted before the sign-in is worth nothing after it.
    if (const auto old = request.cookie(session_cookie)) parts.sessions.close(*old);
    const auto ticket = parts.sessions.open(*user);
    database.write([&](Session &session) {
        audit::note(session, audit::signed_in, {user->tenant, user->name}, {"user", user->name, user->name},
                    {{"address", request.address}});
    });
    Response response = Response::of(session_document(*user, user->tenant, ticket.csrf, parts.configuration));
    response.headers.emplace_back("Set-Cookie", cookie_line(request, ticket.cookie, parts.sessions.whole()));
    return response;
}

} // namespace

void add_session_calls(Router &router, const SignIn &parts, Database &database) {
    router.add("POST", "/api/login", Access::everyone,
               [parts, &database](const Request &request) { return sign_in(request, parts, database); });
    router.add("POST", "/api/logout", Access::signed_in, [parts, &database](const Request &request) {
        Response response = Response::empty();
        const auto cookie = request.csrf ? request.cookie(session_cookie) : std::nullopt;
        if (!cookie) return response; // a token has no session to end
        if (const auto user = parts.sessions.close(*cookie)) {
            database.write([&](Session &session) {
                audit::note(session, audit::signed_out, {user->tenant, user->name},
                            {"user", user->name, user->name});
            });
        }
        response.headers.emplace_back("Set-Cookie", cookie_line(request, "", std::chrono::seconds(0)));
        return response;
    });
    router.add("GET", "/api/me", Access::signed_in, [parts](const Request &request) {
        return Response::of(
            session_document(request.user, request.tenant, or_null(request.csrf), parts.configuration));
    });
}

} // namespace host::http
