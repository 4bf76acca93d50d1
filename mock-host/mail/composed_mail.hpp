// A mail that a program writes to one person, as SMTP takes it (RFC 5322, RFC 3834). [pure]
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/times.hpp"

namespace host {

// Addresses and message ids are checked before (mail/address.hpp); subject and text are any UTF-8.
struct MailDraft {
    std::string from;
    std::string to;
    std::string subject;
    std::string text;
    std::optional<std::string> in_reply_to;
    std::vector<std::string> references;
    std::string message_id;
    Micros at = 0;
};

// ASCII, lines of up to 998 bytes that end with CRLF.
std::string composed_mail(const MailDraft &draft);

} // namespace host
