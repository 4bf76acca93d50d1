// A mailbox as it is kept and shown, and the way back.
#include <nlohmann/json.hpp>

#include "settings/ews_url.hpp"
#include "settings/mailbox.hpp"

namespace roe::settings {

using nlohmann::json;

json to_json(const Mailbox &mailbox) {
    const auto text_or_null = [](const std::string &text) { return text.empty() ? json(nullptr) : json(text); };
    // Of the protocol, else null.
    const auto of = [&](std::string_view protocol, const auto &value) {
        return mailbox.protocol == protocol ? json(value) : json();
    };
    return {{"Email", mailbox.email},
            {"Login", text_or_null(mailbox.login)},
            {"Protocol", mailbox.protocol},
            {"Pop3", of("POP3", mailbox.host)},
            {"Pop3Port", of("POP3", mailbox.port)},
            {"Imap", of("IMAP", mailbox.host)},
            {"ImapPort", of("IMAP", mailbox.port)},
            {"ImapFolder", of("IMAP", mailbox.imap_folder)},
            {"EWSUrl", of("MS Exchange", mailbox.ews_url)},
            {"Impersonate", of("MS Exchange", mailbox.impersonate)},
            {"RequireAuthenticate", mailbox.require_authenticate},
            {"UseSsl", mailbox.use_ssl},
            {"UseStandartNotSSLPort", mailbox.use_standart_not_ssl_port},
            {"RemoveReceived", mailbox.remove_received},
            {"MoveTo", text_or_null(mailbox.move_to)},
            {"Keyword", text_or_null(mailbox.keyword)},
            {"TrustedAuthserv", text_or_null(mailbox.trusted_authserv)},
            {"OAuth", to_json(mailbox.oauth)},
            {"Kerberos", mailbox.kerberos},
            {"CaCertificate", text_or_null(mailbox.ca_certificate)},
            {"CertificateSha256", text_or_null(mailbox.certificate_sha256)}};
}

json merged(const Mailbox &mailbox, const json &values) {
    if (!values.is_object()) return values;
    auto form = to_json(mailbox);
    // Of an object, too, only what differs is given.
    form.update(values, true);
    return form;
}

Mailbox from_kept(const json &values) {
    const auto text = [&](const char *field) {
        const auto at = values.find(field);
        return at == values.end() || at->is_null() ? std::string() : at->get<std::string>();
    };
    Mailbox mailbox;
    mailbox.email = text("Email");
    mailbox.login = text("Login");
    mailbox.protocol = text("Protocol");
    const auto field = server_field(mailbox);
    if (mailbox.is_exchange()) {
        auto url = read_ews_url(text("EWSUrl"));
        mailbox.host = std::move(url.address.host);
        mailbox.port = url.address.port;
        mailbox.ews_url = std::move(url.text);
        mailbox.impersonate = values.at("Impersonate").get<bool>();
    } else {
        mailbox.host = text(field.c_str());
        mailbox.port = values.at(field + "Port").get<std::uint16_t>();
    }
    mailbox.imap_folder = text("ImapFolder");
    mailbox.require_authenticate = values.at("RequireAuthenticate").get<bool>();
    mailbox.use_ssl = values.at("UseSsl").get<bool>();
    mailbox.use_standart_not_ssl_port = values.at("UseStandartNotSSLPort").get<bool>();
    mailbox.remove_received = values.at("RemoveReceived").get<bool>();
    mailbox.move_to = text("MoveTo");
    mailbox.keyword = text("Keyword");
    mailbox.trusted_authserv = text("TrustedAuthserv");
    if (const auto oauth = values.find(oauth_field); oauth != values.end())
        mailbox.oauth = oauth_from_kept(*oauth);
    mailbox.kerberos = values.value("Kerberos", false);
    mailbox.ca_certificate = text("CaCertificate");
    mailbox.certificate_sha256 = text("CertificateSha256");
    return mailbox;
}

} // namespace roe::settings
