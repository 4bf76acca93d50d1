#include "config/notifications.hpp"

#include "mail/address.hpp"

namespace host {
namespace {

SmtpSecurity read_security(Section &smtp) {
    const auto security = smtp.text("Security").value_or("starttls");
    if (security == "none") return SmtpSecurity::none;
    if (security == "starttls") return SmtpSecurity::starttls;
    if (security == "tls") return SmtpSecurity::tls;
    smtp.refuse("Security", R"(must be "none", "starttls" or "tls")");
}

// RFC 8314 §3.3, RFC 6409 §3.1; without encryption it is a relay's.
std::int64_t usual_port(SmtpSecurity security) {
    return security == SmtpSecurity::tls ? 465 : security == SmtpSecurity::starttls ? 587 : 25;
}

} // namespace

SmtpSettings read_notifications(Section section) {
    auto smtp = section.section("Smtp");
    if (!smtp) section.refuse("Smtp", "is required");
    section.refuse_unknown();
    SmtpSettings settings;
    settings.host = smtp->required_text("Host");
    settings.security = read_security(*smtp);
    settings.port =
        static_cast<std::uint16_t>(smtp->integer("Port", 1, 65535).value_or(usual_port(settings.security)));
    settings.user_name = smtp->text("UserName").value_or("");
    settings.password = smtp->text("Password").value_or("");
    settings.from = smtp->required_text("From");
    settings.ca_certificate = smtp->text("CaCertificate").value_or("");
    smtp->refuse_unknown();
    if (!is_mail_address(settings.from)) smtp->refuse("From", "must be a mail address, without a name");
    if (settings.user_name.empty() != settings.password.empty())
        smtp->refuse(settings.password.empty() ? "Password" : "UserName", "is required for a login");
    if (!settings.password.empty() && settings.security == SmtpSecurity::none)
        smtp->refuse("Security", "must not be \"none\" with a Password, which would be sent in clear");
    if (!settings.ca_certificate.empty() && settings.security == SmtpSecurity::none)
        smtp->refuse("CaCertificate", "means nothing without encryption");
    return settings;
}

} // namespace host
