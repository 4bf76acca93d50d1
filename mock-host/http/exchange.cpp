#include "http/exchange.hpp"

#include <algorithm>
#include <charconv>

#include "base/problem.hpp"

namespace host::http {
namespace {

std::optional<std::int64_t> whole_number(const std::string &text) {
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return value;
}

std::optional<std::string> look_up(const std::map<std::string, std::string> &in, const std::string &key) {
    const auto found = in.find(key);
    if (found == in.end()) return std::nullopt;
    return found->second;
}

Problem bad_cursor() {
    return {400, "bad-cursor", "`after` must be the `next` of the piece before"};
}

} // namespace

std::optional<std::string> Request::parameter(const std::string &key) const {
    auto value = look_up(query, key);
    return value && value->empty() ? std::nullopt : value;
}

std::optional<std::string> Request::header(const std::string &key) const {
    return look_up(headers, key);
}

std::optional<std::string> Request::cookie(const std::string &key) const {
    // RFC 6265 §4.2.1
    std::string_view pairs = headers.contains("cookie") ? std::string_view(headers.at("cookie")) : "";
    while (!pairs.empty()) {
        const auto end = std::min(pairs.find(';'), pairs.size());
        const auto pair = pairs.substr(0, end);
        pairs.remove_prefix(std::min(end + 1, pairs.size()));
        const auto equals = pair.find('=');
        const auto start = pair.find_first_not_of(' ');
        if (equals == std::string_view::npos || pair.substr(start, equals - start) != key) continue;
        return std::string(pair.substr(equals + 1));
    }
    return std::nullopt;
}

std::string Request::locale() const {
    return header("accept-language").value_or("en").starts_with("ru") ? "ru" : "en";
}

nlohmann::json Request::json() const {
    if (body.empty()) return nlohmann::json::object();
    try {
        return nlohmann::json::parse(body);
    } catch (const nlohmann::json::parse_error &error) {
        throw Problem(400, "bad-json", std::string("the body is not JSON: ") + error.what());
    }
}

nlohmann::json Request::form() const {
    auto value = json();
    if (!value.is_object()) throw no_form();
    return value;
}

PageOf Request::page() const {
    PageOf page;
    page.limit = limit();
    if (const auto after = parameter("after")) {
        page.before = whole_number(*after);
        if (!page.before) throw bad_cursor();
    }
    const auto order = parameter("order").value_or("newest");
    if (order != "newest" && order != "oldest") {
        throw Problem(400, "bad-order", "`order` must be newest or oldest");
    }
    page.oldest_first = order == "oldest";
    return page;
}

std::int64_t Request::limit() const {
    constexpr std::int64_t most = 1000;
    const auto text = parameter("limit");
    if (!text) return 100;
    const bool number = text->find_first_not_of("0123456789") == std::string::npos;
    // Digits that are no number are too many of them.
    const auto value = number ? whole_number(*text).value_or(most) : 0;
    if (value < 1) throw Problem(400, "bad-limit", "`limit` must be a number from 1 on");
    return std::min(value, most);
}

Response Response::of(const nlohmann::json &value, int status) {
    Response response;
    response.status = status;
    // Texts that people gave may be cut in the middle of a character; the answer is valid all the same.
    response.body = value.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
    return response;
}

nlohmann::json piece_of(const nlohmann::json &whole, const Request &request) {
    const auto after = whole_number(request.parameter("after").value_or("0"));
    if (!after || *after < 0) throw bad_cursor();
    const auto size = static_cast<std::int64_t>(whole.size());
    const auto begin = std::min(*after, size);
    const auto end = std::min(begin + request.limit(), size);
    nlohmann::json next;
    if (end < size) next = std::to_string(end);
    return {{"items", nlohmann::json::array_t(whole.begin() + begin, whole.begin() + end)},
            {"next", std::move(next)}};
}

nlohmann::json time_or_null(const std::optional<Micros> &at) {
    return at ? nlohmann::json(rfc3339(*at)) : nlohmann::json(nullptr);
}

} // namespace host::http
