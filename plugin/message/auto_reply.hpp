// Whether a program wrote the mail as an answer: out-of-office notes, bounces, receipts. [any thread]
#pragma once

#include <string>
#include <string_view>

namespace roe::message {

// The sign that the header block bears, for a person: "Auto-Submitted: auto-replied". Empty when there is none.
//
// Signs are Auto-Submitted other than "no" (RFC 3834 5), an empty Return-Path (RFC 5321 4.5.5), a report on
// another mail (RFC 6522), and Precedence bulk, junk and auto_reply. Precedence list is none: people write to
// lists. Nor is X-Auto-Response-Suppress, which asks for silence (MS-OXCMAIL 2.1.3.2.21) and stands in mails of
// people, too.
std::string automatic_sign(std::string_view header);

} // namespace roe::message
