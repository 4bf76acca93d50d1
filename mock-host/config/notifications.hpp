// The section Notifications of the configuration: how the host mails people outside.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "config/section.hpp"

namespace host {

enum class SmtpSecurity {
    none,
    starttls, // required: without it nothing is sent
    tls,      // from the first byte
};

struct SmtpSettings {
    std::string host;
    std::uint16_t port = 0;
    SmtpSecurity security = SmtpSecurity::starttls;
    std::string user_name;      // empty: no login
    std::string password;       // sealed by password-encryptor
    std::string from;           // whom the mails are from
    std::string ca_certificate; // PEM; empty: the system's authorities
};

// Throws ConfigurationRefused.
SmtpSettings read_notifications(Section section);

} // namespace host
