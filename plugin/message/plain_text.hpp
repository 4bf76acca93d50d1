// The text of a text/plain or text/html part as people read it. Pure. [any thread]
#pragma once

#include <string>
#include <string_view>

#include "message/content_fields.hpp"

namespace roe::message {

struct Text {
    std::string text;     // valid UTF-8, LF line ends, no NUL
    bool guessed = false; // the charset
    bool damaged = false; // some bytes meant nothing
};

// `bytes` after the transfer encoding was undone.
Text read_text(std::string_view bytes, const ContentFields &content);

// RFC 3676: lines that end in a blank go on in the next.
std::string unflowed(std::string_view text, bool delete_spaces);

// The charset that an HTML page names in its <meta>, or empty.
std::string_view meta_charset(std::string_view html);

} // namespace roe::message
