#include "settings/base_mailbox.hpp"

#include <utility>

namespace roe::settings {

using nlohmann::json;

namespace {

std::string text_of(const json &values, const char *field) {
    const auto at = values.find(field);
    return at != values.end() && at->is_string() ? at->get<std::string>() : std::string();
}

} // namespace

BaseMailbox read_base_mailbox(const std::string &tenant, const json &incoming_email) {
    json form = incoming_email;
    form["Email"] = text_of(form, "UserName");
    form.erase("UserName");

    BaseMailbox base;
    base.configured = form;
    for (const auto field : {password_field, client_certificate_field}) {
        base.configured.erase(std::string(field));
        // A secret is there, and what it is need not be known to check the rest.
        if (auto sealed = text_of(form, std::string(field).c_str()); !sealed.empty())
            base.sealed.emplace(field, std::move(sealed));
    }
    if (auto oauth = base.configured.find(oauth_field); oauth != base.configured.end() && oauth->is_object())
        for (const auto field : {client_secret_field, refresh_token_field}) {
            const std::string name(field.substr(oauth_field.size() + 1));
            if (auto sealed = text_of(*oauth, name.c_str()); !sealed.empty())
                base.sealed.emplace(field, std::move(sealed));
            oauth->erase(name);
        }

    base.mailbox.email = text_of(form, "Email");
    base.mailbox.protocol = text_of(form, "Protocol");
    if (!is_known_protocol(base.mailbox.protocol)) {
        base.faults = {{"Protocol", "is " + base.mailbox.protocol +
                                        ": this version watches POP3, IMAP and MS Exchange mailboxes only"}};
    } else {
        if (auto read = read_mailbox(form, std::nullopt))
            base.mailbox = std::move(read->mailbox);
        else
            base.faults = read.errors();
    }
    base.mailbox.id = base_id;
    base.mailbox.tenant = tenant;
    return base;
}

Error error_of(const FieldErrors &faults) {
    std::string words;
    for (const auto &fault : faults)
        words += (words.empty() ? "" : "; ") + fault.field + ": " + fault.message;
    return {Fault::refused, "settings", "reading the base mailbox from the host's configuration", words,
            "Correct the section IncomingEmail of the host's configuration and start the host again."};
}

} // namespace roe::settings
