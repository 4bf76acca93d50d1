#include "settings/oauth.hpp"

#include <nlohmann/json.hpp>

#include "base/form_fields.hpp"
#include "net/http_post.hpp"

namespace roe::settings {

using net::Grant;
using nlohmann::json;

namespace {

constexpr std::string_view microsoft = "microsoft365";
constexpr std::string_view google = "google";
constexpr std::string_view other = "other";
constexpr std::string_view by_client = "clientCredentials";
constexpr std::string_view by_refresh = "refreshToken";

bool may_be_asked(std::string_view endpoint) {
    const auto address = net::parse_http_address(endpoint);
    return address && (address->encrypted || net::is_loopback(address->host));
}

void check(FormReader &fields, const OAuth &oauth) {
    if (oauth.client_id.empty()) fields.reject("ClientId", "is required: as the provider names this client");
    if (oauth.preset == google && oauth.grant == Grant::client_credentials)
        fields.reject("Grant", "must be refreshToken: Google gives no tokens for mail to a client alone");
    if (oauth.token_endpoint.empty()) {
        if (oauth.preset == other) fields.reject("TokenEndpoint", "is required: the provider's token endpoint");
    } else if (!may_be_asked(oauth.token_endpoint)) {
        fields.reject("TokenEndpoint", "must be an https address, as https://login.example.com/oauth2/token");
    }
}

json text(const char *en, const char *ru, bool secret = false) {
    json field = labelled({"string", "null"}, en, ru);
    if (secret) field["writeOnly"] = true;
    return field;
}

} // namespace

std::optional<OAuth> read_oauth(FormReader &reader, const json &form) {
    reader.ignore(oauth_field);
    if (reader.absent(oauth_field)) return std::nullopt;
    const auto &given = form.at(std::string(oauth_field));
    OAuth oauth;
    FormReader fields(given);
    oauth.preset = fields.choice("Preset", {other, microsoft, google});
    oauth.grant = fields.choice("Grant", {by_refresh, by_client}) == by_client ? Grant::client_credentials
                                                                               : Grant::refresh_token;
    oauth.token_endpoint = fields.text("TokenEndpoint");
    oauth.client_id = fields.text("ClientId");
    oauth.scope = fields.text("Scope");
    for (const auto *elsewhere : {"ClientSecret", "RefreshToken", "HasClientSecret", "HasRefreshToken"})
        fields.ignore(elsewhere);
    if (given.is_object()) check(fields, oauth);
    for (auto &error : fields.finish())
        reader.reject(error.field.empty() ? std::string(oauth_field)
                                          : std::string(oauth_field) + "." + error.field,
                      std::move(error.message));
    return oauth;
}

json to_json(const std::optional<OAuth> &oauth) {
    if (!oauth) return nullptr;
    const auto text_or_null = [](const std::string &text) { return text.empty() ? json(nullptr) : json(text); };
    return {{"Preset", oauth->preset},
            {"Grant", oauth->grant == Grant::client_credentials ? by_client : by_refresh},
            {"TokenEndpoint", text_or_null(oauth->token_endpoint)},
            {"ClientId", oauth->client_id},
            {"Scope", text_or_null(oauth->scope)}};
}

std::optional<OAuth> oauth_from_kept(const json &values) {
    if (!values.is_object()) return std::nullopt;
    const auto text = [&](const char *field) {
        const auto at = values.find(field);
        return at == values.end() || at->is_null() ? std::string() : at->get<std::string>();
    };
    return OAuth{text("Preset"), text("Grant") == by_client ? Grant::client_credentials : Grant::refresh_token,
                 text("TokenEndpoint"), text("ClientId"), text("Scope")};
}

// Microsoft: https://learn.microsoft.com/exchange/client-developer/legacy-protocols/
// how-to-authenticate-an-imap-pop-smtp-application-by-using-oauth. A verified domain names its tenant, which a
// client alone must name; a person's consent tells it by itself.
std::string token_endpoint_of(const OAuth &oauth, std::string_view address) {
    if (!oauth.token_endpoint.empty()) return oauth.token_endpoint;
    if (oauth.preset == google) return "https://oauth2.googleapis.com/token";
    if (oauth.preset != microsoft) return {};
    const std::string tenant(oauth.grant == Grant::client_credentials ? address.substr(address.rfind('@') + 1)
                                                                      : std::string_view("common"));
    return "https://login.microsoftonline.com/" + tenant + "/oauth2/v2.0/token";
}

std::string scope_of(const OAuth &oauth, std::string_view protocol) {
    if (!oauth.scope.empty()) return oauth.scope;
    if (oauth.preset == google) return "https://mail.google.com/";
    if (oauth.preset != microsoft) return {};
    if (oauth.grant == Grant::client_credentials) return "https://outlook.office365.com/.default";
    if (protocol == "MS Exchange") return "https://outlook.office365.com/EWS.AccessAsUser.All offline_access";
    return "https://outlook.office.com/" + std::string(protocol == "POP3" ? "POP" : "IMAP") +
           ".AccessAsUser.All offline_access";
}

json describe_oauth() {
    json preset = text("Provider", "Провайдер");
    preset["oneOf"] = {option(microsoft, "Microsoft 365", "Microsoft 365"), option(google, "Google", "Google"),
                       option(other, "Other", "Другой")};
    preset["default"] = other;
    json grant = text("Grant", "Способ получения токенов");
    grant["oneOf"] = {option(by_client, "A client alone", "Клиент без пользователя"),
                      option(by_refresh, "A person's consent", "Согласие пользователя")};
    grant["default"] = by_refresh;
    // Secrets that are saved need not be given again, so none is required by the schema.
    return {{"type", {"object", "null"}},
            {"title", "OAuth 2.0"},
            {"x-title", both("OAuth 2.0", "OAuth 2.0")},
            {"additionalProperties", false},
            {"required", {"ClientId"}},
            {"properties",
             {{"Preset", std::move(preset)},
              {"Grant", std::move(grant)},
              {"TokenEndpoint", text("Token endpoint", "Адрес выдачи токенов")},
              {"ClientId", text("Client id", "Идентификатор клиента")},
              {"ClientSecret", text("Client secret", "Секрет клиента", true)},
              {"RefreshToken", text("Refresh token", "Токен обновления", true)},
              {"Scope", text("Scope", "Область доступа")}}},
            {"allOf",
             json::array(
                 {{{"if",
                    {{"properties", {{"Preset", {{"enum", {microsoft, google}}}}}}, {"required", {"Preset"}}}},
                   {"else", {{"required", {"TokenEndpoint"}}}}},
                  {{"if", {{"properties", {{"Preset", {{"const", google}}}}}, {"required", {"Preset"}}}},
                   {"then", {{"properties", {{"Grant", {{"const", by_refresh}}}}}}}},
                  {{"if", {{"properties", {{"Grant", {{"const", by_client}}}}}, {"required", {"Grant"}}}},
                   {"then", {{"properties", {{"RefreshToken", {{"type", "null"}}}}}}}}})}};
}

} // namespace roe::settings
