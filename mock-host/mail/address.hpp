// What may stand in the header of a mail as it was given. [pure]
#pragma once

#include <string_view>

namespace host {

// "ann@shop.example": a dot-atom and a host name, ASCII (RFC 5321 §4.1.2). Quoted local parts and address
// literals are none here, as nobody has them and much chokes on them.
bool is_mail_address(std::string_view text);

// What stands between the angle brackets of a Message-ID: printable ASCII without space and brackets, up to 250
// bytes.
bool is_message_id(std::string_view text);

} // namespace host
