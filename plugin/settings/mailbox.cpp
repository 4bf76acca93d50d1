#include "settings/mailbox.hpp"

#include <algorithm>
#include <array>

#include <nlohmann/json.hpp>

#include "base/ascii.hpp"
#include "base/form.hpp"
#include "settings/ews_url.hpp"
#include "source/folder_name.hpp"

namespace roe::settings {

using nlohmann::json;

namespace {

// By protocol: in clear, or upgraded; and with TLS from the first byte.
struct Ports {
    std::uint16_t plain = 0;
    std::uint16_t tls = 0;
};
constexpr Ports imap_ports{143, 993};
constexpr Ports pop3_ports{110, 995};

constexpr std::array<std::string_view, 3> protocols{"POP3", "IMAP", "MS Exchange"};

Ports ports_of(const Mailbox &mailbox) {
    return mailbox.is_pop3() ? pop3_ports : imap_ports;
}

constexpr std::size_t longest_address = 320;
constexpr std::size_t longest_secret = 20'000;

bool looks_like_host(std::string_view text) {
    return text.find_first_of(" \t/@\\?#\"'<>") == std::string_view::npos;
}

std::string folded_fingerprint(std::string_view text, FormReader &reader) {
    constexpr std::size_t digits = 64;
    std::string hex;
    for (const char c : text) {
        if (c == ':' || c == ' ') continue;
        hex += static_cast<char>(c >= 'A' && c <= 'F' ? c - 'A' + 'a' : c);
    }
    const bool right =
        hex.empty() || (hex.size() == digits && hex.find_first_not_of("0123456789abcdef") == std::string::npos);
    if (!right) reader.reject("CertificateSha256", "must be a SHA-256 fingerprint: 64 hexadecimal digits");
    return hex;
}

std::string read_pem(FormReader &reader, std::string_view field) {
    auto pem = reader.long_text(field);
    if (!pem.empty() && pem.find("-----BEGIN CERTIFICATE-----") == std::string::npos)
        reader.reject(field, "must be a certificate in PEM form (-----BEGIN CERTIFICATE-----)");
    return pem;
}

void read_secret(FormReader &reader, const json &form, std::string_view field, SecretChanges &changes) {
    auto text = reader.long_text(field, longest_secret);
    if (field == password_field && text.find_first_of("\r\n") != std::string::npos)
        reader.reject(field, "must not hold a line break");
    if (form.is_object() && reader.has(field)) changes.emplace(field, std::move(text));
}

// The secrets of OAuth 2.0, which go when it does.
void read_oauth_secrets(FormReader &reader, const json &form, const std::optional<OAuth> &oauth,
                        const std::optional<Before> &before, SecretChanges &changes) {
    if (!oauth) {
        if (before && before->has_client_secret) changes.emplace(client_secret_field, "");
        if (before && before->has_refresh_token) changes.emplace(refresh_token_field, "");
        return;
    }
    const auto &values = form.at(std::string(oauth_field));
    for (const auto field : {client_secret_field, refresh_token_field}) {
        const auto given = values.find(field.substr(oauth_field.size() + 1));
        if (given == values.end()) continue;
        if (!given->is_null() && !given->is_string()) {
            reader.reject(field, "must be text");
            continue;
        }
        auto text = given->is_null() ? std::string() : given->get<std::string>();
        if (text.size() > longest_secret) reader.reject(field, "is too long");
        changes.emplace(field, std::move(text));
    }
}

// From none to the strongest, for "does it get weaker".
int strength(Security security) {
    switch (security) {
    case Security::plain:
        return 0;
    case Security::opportunistic:
        return 1;
    case Security::starttls:
    case Security::tls_or_starttls:
    case Security::tls:
        return 2;
    }
    return 0;
}

// RFC 9051 §9: flag-keyword is an atom. Those that begin with a backslash belong to the standard.
bool is_keyword(std::string_view text) {
    return std::ranges::all_of(text, [](char c) {
        return c > ' ' && c < 0x7f && std::string_view("(){}[]%*\"\\").find(c) == std::string_view::npos;
    });
}

// RFC 8601 §2.2: a server's name as a rule, one word in any case.
void read_trusted_authserv(FormReader &reader, Mailbox &mailbox) {
    constexpr std::size_t longest = 255;
    mailbox.trusted_authserv = reader.text("TrustedAuthserv", {}, longest);
    if (mailbox.trusted_authserv.find_first_of(" \t;()\"=") != std::string::npos)
        reader.reject("TrustedAuthserv",
                      "must be what stands first in the Authentication-Results of this mailbox's "
                      "mails, as mx.example.com");
}

// Outlook takes commas and semicolons for the end of a category.
bool is_category(std::string_view text) {
    return text.find_first_of(",;") == std::string_view::npos;
}

void read_disposal(FormReader &reader, Mailbox &mailbox) {
    constexpr std::size_t longest_keyword = 100;
    mailbox.move_to = reader.text("MoveTo");
    mailbox.keyword = reader.text("Keyword", {}, longest_keyword);
    if (!mailbox.move_to.empty() && mailbox.remove_received)
        reader.reject("MoveTo", "must be empty while received mail is deleted");
    else if (!mailbox.move_to.empty() && same_folder(mailbox.move_to, mailbox.folder()))
        reader.reject("MoveTo", "must be another folder than the one that is watched");
    if (mailbox.is_exchange() && !is_category(mailbox.keyword))
        reader.reject("Keyword", "must be one category, without commas and semicolons");
    else if (!mailbox.is_exchange() && !is_keyword(mailbox.keyword))
        reader.reject("Keyword", "must be one word of ASCII letters, digits and signs other than (){}[]%*\"\\");
}

void read_ews_server(FormReader &reader, Mailbox &mailbox) {
    const auto typed = reader.text("EWSUrl");
    mailbox.impersonate = reader.flag("Impersonate", false);
    if (typed.empty()) {
        reader.reject("EWSUrl", "is required: the address of the web services of the Exchange server, as "
                                "https://server/EWS/Exchange.asmx");
    } else if (auto url = read_ews_url(typed); !url.fault.empty()) {
        reader.reject("EWSUrl", std::move(url.fault));
    } else {
        mailbox.host = std::move(url.address.host);
        mailbox.port = url.address.port;
        mailbox.ews_url = std::move(url.text);
    }
    read_disposal(reader, mailbox);
}

// Pop3 and Pop3Port, or Imap and ImapPort.
void read_host(FormReader &reader, Mailbox &mailbox) {
    const std::string field = server_field(mailbox);
    const std::string example = mailbox.is_pop3() ? "pop.example.com" : "imap.example.com";
    mailbox.host = reader.text(field, {}, 255);
    if (mailbox.host.empty())
        reader.reject(field, "is required: the name of the " + mailbox.protocol + " server");
    else if (!looks_like_host(mailbox.host))
        reader.reject(field, "must be the name of a server, as " + example);
    const bool encrypted_at_once = !mailbox.use_standart_not_ssl_port && mailbox.use_ssl;
    const auto ports = ports_of(mailbox);
    mailbox.port = static_cast<std::uint16_t>(
        reader.number(field + "Port", encrypted_at_once ? ports.tls : ports.plain, 1, UINT16_MAX));
}

// What is filled in for another protocol is neither checked nor kept: the form may show it.
void read_server(FormReader &reader, Mailbox &mailbox) {
    for (const auto *field :
         {"Pop3", "Pop3Port", "Imap", "ImapPort", "ImapFolder", "EWSUrl", "Impersonate", "MoveTo", "Keyword"})
        reader.ignore(field);
    if (mailbox.is_exchange()) return read_ews_server(reader, mailbox);
    read_host(reader, mailbox);
    if (mailbox.is_pop3()) return;
    mailbox.imap_folder = reader.text("ImapFolder", "INBOX");
    if (mailbox.imap_folder.empty()) mailbox.imap_folder = "INBOX";
    read_disposal(reader, mailbox);
}

bool exposes_secrets(const Mailbox &before, const Mailbox &after) {
    const bool other_endpoint =
        before.oauth && after.oauth &&
        token_endpoint_of(*before.oauth, before.email) != token_endpoint_of(*after.oauth, after.email);
    return before.protocol != after.protocol || before.host != after.host || before.port != after.port ||
           before.ews_url != after.ews_url || before.ca_certificate != after.ca_certificate ||
           before.certificate_sha256 != after.certificate_sha256 || other_endpoint ||
           strength(security_of(after)) < strength(security_of(before));
}

bool will_have(const SecretChanges &changes, std::string_view field, bool has_now) {
    const auto change = changes.find(field);
    return change == changes.end() ? has_now : !change->second.empty();
}

void check_secrets(FormReader &reader, const MailboxForm &form, const std::optional<Before> &before) {
    const bool has_password = before && before->has_password;
    const bool has_certificate = before && before->has_client_certificate;
    const bool exposed = before && exposes_secrets(before->mailbox, form.mailbox);
    constexpr auto typed_again = "must be typed again, as the server, its trust or the encryption changes";
    const auto &oauth = form.mailbox.oauth;
    if (exposed && has_password && !form.secrets.contains(password_field))
        reader.reject(password_field, typed_again);
    else if (!oauth && !form.mailbox.kerberos && form.mailbox.require_authenticate &&
             !will_have(form.secrets, password_field, has_password))
        reader.reject(password_field, "is required while Require Authenticate is on");
    if (exposed && has_certificate && !form.secrets.contains(client_certificate_field))
        reader.reject(client_certificate_field, typed_again);
    if (!oauth) return;
    const bool by_refresh = oauth->grant == net::Grant::refresh_token;
    const auto check = [&](std::string_view field, bool has_now, bool required, const char *words) {
        if (exposed && has_now && !form.secrets.contains(field))
            reader.reject(field, typed_again);
        else if (required && !will_have(form.secrets, field, has_now))
            reader.reject(field, words);
    };
    check(client_secret_field, before && before->has_client_secret, !by_refresh,
          "is required: without it the client can't show who it is");
    check(refresh_token_field, before && before->has_refresh_token, by_refresh,
          "is required: it is what the provider gave for the consent");
}

} // namespace

bool looks_like_address(std::string_view text) {
    const auto at = text.rfind('@');
    return at != std::string_view::npos && at > 0 && at + 1 < text.size() &&
           text.find_first_of(" \t<>,;") == std::string_view::npos && text[at + 1] != '.' && text.back() != '.';
}

FormResult<MailboxForm> read_mailbox(const json &form, const std::optional<Before> &before) {
    FormReader reader(form);
    MailboxForm result;
    auto &mailbox = result.mailbox;

    mailbox.email = reader.text("Email", {}, longest_address);
    if (mailbox.email.empty())
        reader.reject("Email", "is required");
    else if (!looks_like_address(mailbox.email))
        reader.reject("Email", "must be an address, as name@example.com");
    mailbox.login = reader.text("Login");

    mailbox.protocol = reader.text("Protocol", "POP3");
    if (!is_known_protocol(mailbox.protocol))
        reader.reject("Protocol", "must be POP3, IMAP or MS Exchange: this version watches no other mailboxes");
    mailbox.require_authenticate = reader.flag("RequireAuthenticate", true);
    mailbox.use_ssl = reader.flag("UseSsl", true);
    mailbox.use_standart_not_ssl_port = reader.flag("UseStandartNotSSLPort", true);
    mailbox.remove_received = reader.flag("RemoveReceived", false);

    read_server(reader, mailbox);
    read_trusted_authserv(reader, mailbox);

    mailbox.oauth = read_oauth(reader, form);
    if (!mailbox.oauth || form.at(std::string(oauth_field)).is_object())
        read_oauth_secrets(reader, form, mailbox.oauth, before, result.secrets);

    mailbox.kerberos = reader.flag("Kerberos", false);
    if (mailbox.kerberos && mailbox.oauth)
        reader.reject("Kerberos", "must be off with OAuth 2.0: a mailbox signs in by one of the two");

    mailbox.ca_certificate = read_pem(reader, "CaCertificate");
    mailbox.certificate_sha256 = folded_fingerprint(reader.text("CertificateSha256"), reader);
    read_secret(reader, form, password_field, result.secrets);
    read_secret(reader, form, client_certificate_field, result.secrets);

    // A form that was read is sent back whole: what only the server says is no mistake.
    for (const auto *shown : {"id", "readOnly", "state", "since", "until", "mode", "lastLook", "lastMail",
                              "error", "HasPassword", "HasClientCertificate"})
        reader.ignore(shown);
    check_secrets(reader, result, before);
    auto errors = reader.finish();
    if (!errors.empty()) return errors;
    return result;
}

namespace {

// A login may be anybody's with the right to open the mailbox, so one that is not the address opens it by its
// address.
ExchangeMailbox exchange_of(const Mailbox &mailbox) {
    const bool own = mailbox.login.empty() || same_word(mailbox.login, mailbox.email);
    return {.path = read_ews_url(mailbox.ews_url).address.path,
            .address = mailbox.email,
            .by_address = !own,
            .impersonate = mailbox.impersonate};
}

} // namespace

Account account_of(const Mailbox &mailbox, const std::string &folder, Secrets secrets) {
    Account account;
    account.host = mailbox.host;
    account.port = mailbox.port;
    account.security = security_of(mailbox);
    account.authenticate = mailbox.require_authenticate;
    account.login = mailbox.login_name();
    account.password = std::move(secrets.password);
    account.kerberos = mailbox.kerberos;
    account.folder = folder;
    if (mailbox.is_exchange()) account.exchange = exchange_of(mailbox);
    account.trust.ca_pem = mailbox.ca_certificate;
    account.trust.pinned_sha256 = mailbox.certificate_sha256;
    account.trust.client_certificate = std::move(secrets.client_certificate);
    return account;
}

net::TokenRequest token_request_of(const Mailbox &mailbox, const Secrets &secrets) {
    net::TokenRequest request;
    request.grant = mailbox.oauth->grant;
    request.endpoint = token_endpoint_of(*mailbox.oauth, mailbox.email);
    request.client_id = mailbox.oauth->client_id;
    request.client_secret = secrets.client_secret;
    request.refresh_token = secrets.refresh_token;
    request.scope = scope_of(*mailbox.oauth, mailbox.protocol);
    // The fingerprint and the client certificate are for the mail server alone.
    request.trust.ca_pem = mailbox.ca_certificate;
    return request;
}

bool is_known_protocol(std::string_view protocol) {
    return std::ranges::find(protocols, protocol) != protocols.end();
}

Security security_of(const Mailbox &mailbox) {
    if (mailbox.is_exchange()) return mailbox.ews_url.starts_with("https://") ? Security::tls : Security::plain;
    if (mailbox.use_standart_not_ssl_port) return Security::plain;
    if (!mailbox.use_ssl) return Security::opportunistic;
    if (mailbox.port == ports_of(mailbox).tls) return Security::tls;
    if (mailbox.port == ports_of(mailbox).plain) return Security::starttls;
    return Security::tls_or_starttls;
}

} // namespace roe::settings
