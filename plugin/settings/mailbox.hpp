// A mailbox as an administrator describes it, and what that description means. Pure. [any thread]
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

#include "base/form_error.hpp"
#include "settings/oauth.hpp"
#include "source/account.hpp"

namespace roe::settings {

// The id of a tenant's base mailbox.
inline constexpr std::string_view base_id = "base";

// Everything but the secrets.
struct Mailbox {
    std::string id; // of the settings page: every tenant may have one that is `base_id`
    std::string tenant;
    std::int64_t revision = 0;

    std::string email;
    std::string login; // empty: the address is the login
    std::string protocol = "IMAP";
    std::string host; // of the protocol
    std::uint16_t port = 0;
    std::string ews_url; // MS Exchange: whole; host and port are those of it
    bool impersonate =
        false; // MS Exchange: the login acts as the mailbox's owner, instead of with its own rights
    std::string imap_folder = "INBOX";
    bool require_authenticate = true;
    bool use_ssl = true;
    bool use_standart_not_ssl_port = true;
    bool remove_received = false;
    std::string move_to;          // a folder; empty: mails stay where they are. Not by POP3, as is the keyword
    std::string keyword;          // an IMAP atom, or a category of Exchange; empty: none
    std::string trusted_authserv; // whose Authentication-Results (RFC 8601) count; empty: nobody's
    std::optional<OAuth> oauth;   // instead of a password
    bool kerberos = false; // by the ticket of the account that the host runs as; a password is optional then
    std::string ca_certificate;     // PEM
    std::string certificate_sha256; // hex, lower case

    [[nodiscard]] bool is_pop3() const { return protocol == "POP3"; }
    [[nodiscard]] bool is_exchange() const { return protocol == "MS Exchange"; }
    // A mailbox has one folder by POP3, and its Inbox by Exchange unless a trigger names another.
    [[nodiscard]] std::string folder() const { return is_pop3() || is_exchange() ? "INBOX" : imap_folder; }
    [[nodiscard]] bool is_base() const { return id == base_id; }
    // Among the mailboxes of all tenants.
    [[nodiscard]] std::string key() const { return is_base() ? id + "/" + tenant : id; }
    [[nodiscard]] const std::string &login_name() const { return login.empty() ? email : login; }
};

// The names of the secrets, as in the form.
inline constexpr std::string_view password_field = "Password";
inline constexpr std::string_view client_certificate_field = "ClientCertificate";
inline constexpr std::string_view client_secret_field = "OAuth.ClientSecret";
inline constexpr std::string_view refresh_token_field = "OAuth.RefreshToken";
inline constexpr std::array secret_fields{password_field, client_certificate_field, client_secret_field,
                                          refresh_token_field};

// What a form says of the secrets: absent keeps the old one, empty clears it.
using SecretChanges = std::map<std::string, std::string, std::less<>>;

// In clear, for one login.
struct Secrets {
    std::string password;
    std::string client_certificate;
    std::string client_secret;
    std::string refresh_token;
};

struct MailboxForm {
    Mailbox mailbox;
    SecretChanges secrets;
};

// A mailbox that is there already, for the rules that look at what changes.
struct Before {
    Mailbox mailbox;
    bool has_password = false;
    bool has_client_certificate = false;
    bool has_client_secret = false;
    bool has_refresh_token = false;
};

// Not a full RFC 5321 grammar: what it lets through, a server will answer for.
bool looks_like_address(std::string_view text);

// Reads and checks the form. `before` is the mailbox that it replaces: when the server, the trust in it or the
// strength of the encryption changes, the secrets must be typed again, so that nobody can send a saved password
// to a server of their choosing.
FormResult<MailboxForm> read_mailbox(const nlohmann::json &form, const std::optional<Before> &before);

// The fields as they are kept and shown; never a secret.
nlohmann::json to_json(const Mailbox &mailbox);
// The way back from what was kept.
Mailbox from_kept(const nlohmann::json &values);

// The form of a saved mailbox with what a person has changed in it, not saved yet.
nlohmann::json merged(const Mailbox &mailbox, const nlohmann::json &values);

// How to get at a folder of the mailbox.
Account account_of(const Mailbox &mailbox, const std::string &folder, Secrets secrets);

// How to get access tokens for it; it has OAuth 2.0.
net::TokenRequest token_request_of(const Mailbox &mailbox, const Secrets &secrets);

// What the two switches mean, or by Exchange the address.
Security security_of(const Mailbox &mailbox);

// The field of the form that names the server.
inline std::string server_field(const Mailbox &mailbox) {
    if (mailbox.is_exchange()) return "EWSUrl";
    return mailbox.is_pop3() ? "Pop3" : "Imap";
}

bool is_known_protocol(std::string_view protocol);

// JSON Schema, UI schema and columns of the page.
nlohmann::json describe_page();

} // namespace roe::settings
