// A request and its answer as handlers see them: values, apart from the server beneath.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "security/users.hpp"
#include "store/audit.hpp"
#include "store/tasks.hpp"

namespace host::http {

struct Request {
    std::string method;
    std::vector<std::string> path;            // decoded segments
    std::map<std::string, std::string> names; // what stood for {name} in the route
    std::map<std::string, std::string> query;
    std::map<std::string, std::string> headers; // names in lower case
    std::string body;
    User user;                             // who asks; empty for routes that everyone may call
    std::string tenant;                    // whose things are meant
    std::function<bool()> given_up;        // the client has gone, or the host is stopping
    std::string address;                   // whence it came: the client's, or that of a proxy
    std::optional<std::string> csrf;       // of the browser's session, when it asks by one
    std::function<bool()> still_signed_in; // for answers that go on for long

    [[nodiscard]] const std::string &name(const std::string &key) const { return names.at(key); }
    [[nodiscard]] std::optional<std::string> parameter(const std::string &key) const;
    [[nodiscard]] std::optional<std::string> header(const std::string &key) const;
    [[nodiscard]] std::optional<std::string> cookie(const std::string &key) const;
    [[nodiscard]] Actor actor() const { return {tenant, user.name}; }
    [[nodiscard]] std::string locale() const; // "ru" or "en", of Accept-Language

    // The body as JSON; {} when there is none. Throws Problem 400.
    [[nodiscard]] nlohmann::json json() const;
    // The same of a form, which has fields: it is an object. Throws Problem 400 or 422.
    [[nodiscard]] nlohmann::json form() const;

    // `after` and `limit` for lists of the host's own, and for those of plugins. Throw Problem 400.
    [[nodiscard]] PageOf page() const;
    [[nodiscard]] std::int64_t limit() const; // 1..1000, however much more is asked for
};

// Lines of JSON, sent as they come. False: nobody listens any more.
using SendLine = std::function<bool(const nlohmann::json &)>;
using SendText = std::function<bool(const std::string &)>;

struct Response {
    int status = 200;
    std::string content_type = "application/json";
    std::string body;
    std::vector<std::pair<std::string, std::string>> headers;
    std::optional<std::filesystem::path> file;   // sent instead of `body`
    std::function<void(const SendLine &)> lines; // application/x-ndjson, instead of `body`
    std::function<void(const SendText &)> text;  // piece by piece, instead of `body`

    static Response of(const nlohmann::json &value, int status = 200);
    static Response empty() { return {204, {}, {}, {}, {}, {}, {}}; }
};

// {"items": [...], "next": cursor or null}. `next` is null when fewer than asked for came.
template <class Row, class ToJson>
nlohmann::json list_of(const std::vector<Row> &rows, const PageOf &page, ToJson to_json) {
    auto items = nlohmann::json::array();
    for (const auto &row : rows)
        items.push_back(to_json(row));
    nlohmann::json next;
    if (static_cast<std::int64_t>(rows.size()) == page.limit) next = std::to_string(rows.back().seq);
    return {{"items", std::move(items)}, {"next", std::move(next)}};
}

// The piece of a list that is there as a whole; the cursor is how many came before.
nlohmann::json piece_of(const nlohmann::json &whole, const Request &request);

// A value or null.
template <class T>
nlohmann::json or_null(const std::optional<T> &value) {
    return value ? nlohmann::json(*value) : nlohmann::json(nullptr);
}
nlohmann::json time_or_null(const std::optional<Micros> &at);

} // namespace host::http
