#include "net/bearer.hpp"

#include <nlohmann/json.hpp>

namespace roe::net {

namespace {

constexpr char separator = '\x01';

// RFC 5801 §4, "saslname".
std::string saslname(std::string_view login) {
    std::string name;
    for (const char c : login) {
        if (c == ',')
            name += "=2C";
        else if (c == '=')
            name += "=3D";
        else
            name += c;
    }
    return name;
}

} // namespace

std::string oauthbearer_words(std::string_view login, std::string_view host, std::uint16_t port,
                              std::string_view token) {
    std::string words = "n,a=" + saslname(login) + ",";
    words.append(1, separator).append("host=").append(host);
    if (port != 0) words.append(1, separator).append("port=").append(std::to_string(port));
    words.append(1, separator).append("auth=Bearer ").append(token).append(2, separator);
    return words;
}

std::string xoauth2_words(std::string_view login, std::string_view token) {
    std::string words = "user=";
    words.append(login).append(1, separator).append("auth=Bearer ").append(token).append(2, separator);
    return words;
}

std::string bearer_refusal(std::string_view challenge) {
    using nlohmann::json;
    const auto values = json::parse(
        challenge, [](int depth, json::parse_event_t, json &) { return depth < 4; }, false);
    if (!values.is_object()) return "the server did not take the access token";
    const auto text = [&values](const char *field) {
        const auto at = values.find(field);
        return at != values.end() && at->is_string() ? at->get<std::string>() : std::string();
    };
    std::string words = "the server did not take the access token";
    if (const auto status = text("status"); !status.empty()) words += " (" + status + ")";
    if (const auto scope = text("scope"); !scope.empty()) words += "; it wants the scope " + scope;
    return words;
}

} // namespace roe::net
