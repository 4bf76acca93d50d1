#include "config/incoming_email.hpp"

#include <array>
#include <string_view>
#include <utility>
#include <vector>

namespace host {
namespace {

constexpr std::array texts{"UserName", "Login",          "Password",          "Protocol",
                           "Pop3",     "Imap",           "ImapFolder",        "EWSUrl",
                           "MoveTo",   "CaCertificate",  "CertificateSha256", "ClientCertificate",
                           "Keyword",  "TrustedAuthserv"};
constexpr std::array switches{"Impersonate",           "RequireAuthenticate", "UseSsl",
                              "UseStandartNotSSLPort", "RemoveReceived",      "Kerberos"};
constexpr std::array ports{"Pop3Port", "ImapPort"};
constexpr std::array oauth_texts{"Preset",       "Grant",        "TokenEndpoint", "ClientId",
                                 "ClientSecret", "RefreshToken", "Scope"};
constexpr std::array secrets{"Password", "ClientCertificate"};
constexpr std::array oauth_secrets{"ClientSecret", "RefreshToken"};

// The server's field for each protocol.
constexpr std::array<std::pair<std::string_view, std::string_view>, 3> servers{
    {{"POP3", "Pop3"}, {"IMAP", "Imap"}, {"MS Exchange", "EWSUrl"}}};

void choose_protocol(const Section &section, nlohmann::json &values) {
    std::vector<std::string> named;
    for (const auto &[protocol, field] : servers) {
        if (values.contains(field)) named.emplace_back(protocol);
    }
    if (!values.contains("Protocol")) {
        if (named.empty()) section.refuse("Protocol", "no server is named: fill in Pop3, Imap or EWSUrl");
        if (named.size() > 1) {
            std::string words = "several servers are named, say which is meant:";
            for (const auto &protocol : named)
                words += " \"" + protocol + "\"";
            section.refuse("Protocol", words);
        }
        values["Protocol"] = named.front();
        return;
    }
    for (const auto &[protocol, field] : servers) {
        if (values["Protocol"] != protocol) continue;
        if (!values.contains(field)) section.refuse(std::string(field), "is required for this protocol");
        return;
    }
    section.refuse("Protocol", R"(must be "POP3", "IMAP" or "MS Exchange")");
}

} // namespace

nlohmann::json read_incoming_email(Section section) {
    nlohmann::json values = nlohmann::json::object();
    for (const auto *name : texts) {
        if (auto value = section.text(name); value && !value->empty()) values[name] = *std::move(value);
    }
    const bool filled_in = !values.empty();
    for (const auto *name : switches) {
        if (auto value = section.boolean(name)) values[name] = *value;
    }
    for (const auto *name : ports) {
        if (auto value = section.integer(name, 1, 65535)) values[name] = *value;
    }
    if (auto oauth = section.section("OAuth")) {
        nlohmann::json fields = nlohmann::json::object();
        for (const auto *name : oauth_texts) {
            if (auto value = oauth->text(name); value && !value->empty()) fields[name] = *std::move(value);
        }
        oauth->refuse_unknown();
        if (!fields.empty()) values["OAuth"] = std::move(fields);
    }
    section.refuse_unknown();
    if (!filled_in) return nullptr;
    if (!values.contains("UserName")) section.refuse("UserName", "is required");
    choose_protocol(section, values);
    return values;
}

std::map<std::string, std::string> incoming_email_secrets(const nlohmann::json &incoming_email) {
    std::map<std::string, std::string> found;
    if (incoming_email.is_null()) return found;
    for (const auto *name : secrets) {
        if (incoming_email.contains(name)) found[name] = incoming_email[name].get<std::string>();
    }
    if (incoming_email.contains("OAuth")) {
        const auto &oauth = incoming_email["OAuth"];
        for (const auto *name : oauth_secrets) {
            if (oauth.contains(name)) found[std::string("OAuth.") + name] = oauth[name].get<std::string>();
        }
    }
    return found;
}

} // namespace host
