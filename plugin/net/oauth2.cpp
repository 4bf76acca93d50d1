#include "net/oauth2.hpp"

#include <algorithm>
#include <array>
#include <string_view>

#include <nlohmann/json.hpp>

#include "base/wipe.hpp"
#include "net/base64.hpp"

namespace roe::net {

namespace {

using namespace std::chrono_literals;
using nlohmann::json;

constexpr std::size_t longest_token = 64U << 10U;
constexpr std::int64_t longest_lifetime = 30LL * 24 * 60 * 60;
// "recommended" is all that RFC 6749 §5.1 says of `expires_in`.
constexpr std::chrono::seconds usual_lifetime = 1h;

std::string text_of(const json &values, const char *field) {
    const auto at = values.find(field);
    return at != values.end() && at->is_string() ? at->get<std::string>() : std::string();
}

// Some endpoints write the number as text.
std::chrono::seconds lifetime_of(const json &values) {
    const auto at = values.find("expires_in");
    if (at == values.end()) return usual_lifetime;
    double seconds = 0;
    if (at->is_number())
        seconds = at->get<double>();
    else if (at->is_string())
        seconds = std::strtod(at->get_ref<const std::string &>().c_str(), nullptr);
    if (!(seconds >= 1)) return usual_lifetime;
    return std::chrono::seconds(
        static_cast<std::int64_t>(std::min(seconds, static_cast<double>(longest_lifetime))));
}

// RFC 6749 §4.1.3: printable ASCII, so that nothing in it can end a header or a login.
bool fit_to_send(const std::string &token) {
    return !token.empty() && token.size() <= longest_token &&
           std::all_of(token.begin(), token.end(), [](char c) { return c > 0x20 && c < 0x7f; });
}

struct Cure {
    std::string_view error; // RFC 6749 §5.2
    std::string_view advice;
};

constexpr std::array<Cure, 5> cures{{
    {"invalid_grant", "The consent was withdrawn, has lapsed or was given to another client: give consent "
                      "again and save the new "
                      "refresh token."},
    {"invalid_client",
     "Check client id and client secret; secrets lapse, then make a new one at the provider and save it."},
    {"unauthorized_client", "Have the provider allow this client this kind of grant."},
    {"invalid_scope",
     "Check the scope: it must be one for this mail server, and consent must have been given to it."},
    {"unsupported_grant_type", "The provider knows no such grant: choose the other one."},
}};

constexpr std::string_view other_advice =
    "See what the provider says of this client, correct the OAuth 2.0 settings and save.";

Error refused(std::string doing, const std::string &code, const std::string &description) {
    const auto *const cure =
        std::find_if(cures.begin(), cures.end(), [&](const Cure &each) { return each.error == code; });
    return Error{.fault = Fault::consent_needed,
                 .step = "login",
                 .doing = std::move(doing),
                 .server_text = description.empty() ? code : code + ": " + description,
                 .advice = std::string(cure == cures.end() ? other_advice : cure->advice)};
}

Error failed(Fault fault, std::string doing, std::string words, std::string advice,
             std::optional<std::chrono::milliseconds> retry_after = {}) {
    return Error{.fault = fault,
                 .step = "login",
                 .doing = std::move(doing),
                 .server_text = std::move(words),
                 .advice = std::move(advice),
                 .retry_after = retry_after};
}

std::string doing_at(const std::string &endpoint) {
    return "getting an access token from " + endpoint;
}

// RFC 6749 §2.3.1: name and secret are form-encoded before they are joined.
std::string basic_authorization(const TokenRequest &request) {
    const auto encoded = [](const std::string &text) {
        return text.empty() ? text : form_encoded({{"", text}}).substr(1);
    };
    const std::string pair = encoded(request.client_id) + ":" + encoded(request.client_secret);
    return "Basic " + base64(pair);
}

std::string form_of(const TokenRequest &request, bool with_secret) {
    const bool refresh = request.grant == Grant::refresh_token;
    return form_encoded(
        {{"grant_type", refresh ? "refresh_token" : "client_credentials"},
         {"refresh_token", refresh ? std::string_view(request.refresh_token) : std::string_view()},
         {"client_id", request.client_id},
         {"client_secret", with_secret ? std::string_view(request.client_secret) : std::string_view()},
         {"scope", request.scope}});
}

} // namespace

Result<Tokens> request_tokens(Connector &connector, const Clock &clock, const TokenRequest &request,
                              const std::stop_token &stop) {
    const auto address = parse_http_address(request.endpoint);
    if (!address || (!address->encrypted && !is_loopback(address->host)))
        return failed(Fault::refused, doing_at(request.endpoint), "this is no address of a token endpoint",
                      "Give the provider's token endpoint, as https://login.example.com/oauth2/token.");

    const auto ask = [&](bool secret_in_form) {
        std::string form = form_of(request, secret_in_form);
        std::string authorization = secret_in_form ? std::string() : basic_authorization(request);
        auto answer = post_form(connector, *address, request.trust, authorization, form, clock, stop);
        wipe(form);
        wipe(authorization);
        return answer;
    };
    auto answer = ask(true);
    // What every provider of mail takes is the secret in the form, what every server must take is the header
    // (RFC 6749 §2.3.1).
    if (answer && answer->status == 401 && !request.client_secret.empty()) answer = ask(false);
    if (!answer) {
        Error error = std::move(answer.error());
        error.step = "login";
        error.doing = doing_at(request.endpoint) + ": " + error.doing;
        return error;
    }
    auto tokens = read_token_answer(*answer, request.endpoint);
    wipe(answer->body);
    return tokens;
}

Result<Tokens> read_token_answer(const HttpAnswer &answer, const std::string &endpoint) {
    const std::string doing = doing_at(endpoint);
    const std::string status = "HTTP status " + std::to_string(answer.status);
    // A parser that counts depth itself: the answer is anybody's bytes.
    const auto values = json::parse(
        answer.body, [](int depth, json::parse_event_t, json &) { return depth < 16; }, false);
    const bool is_object = values.is_object();
    const std::string code = is_object ? text_of(values, "error") : std::string();
    const std::string description = is_object ? text_of(values, "error_description") : std::string();

    if (answer.status == 429 || code == "slow_down")
        return failed(Fault::throttled, doing, code.empty() ? status : code,
                      "The provider asks for patience; it is asked again by itself.", answer.retry_after);
    if (answer.status >= 500 || code == "temporarily_unavailable" || code == "server_error")
        return failed(Fault::unreachable, doing, code.empty() ? status : code + ": " + description,
                      "The provider is out of order at the moment; it is asked again by itself.",
                      answer.retry_after);
    if (!code.empty()) return refused(doing, code, description);
    if (answer.status != 200 || !is_object)
        return failed(Fault::protocol, doing, status + ", and not the answer of a token endpoint",
                      "Check the address of the token endpoint.");

    Tokens tokens;
    tokens.access = text_of(values, "access_token");
    tokens.refresh = text_of(values, "refresh_token");
    tokens.lifetime = lifetime_of(values);
    if (!fit_to_send(tokens.access) || tokens.refresh.size() > longest_token)
        return failed(Fault::protocol, doing, "there is no usable access token in its answer",
                      "Check the address of the token endpoint.");
    return tokens;
}

} // namespace roe::net
