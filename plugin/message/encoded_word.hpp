// RFC 2047 encoded words. [any thread]
#pragma once

#include <string>
#include <string_view>

namespace roe::message {

// `text` (one line, valid UTF-8) with its encoded words decoded. Lenient as mail needs it: words next to each
// other are joined before their bytes are converted, as senders cut characters and base64 groups in two; blanks
// within a word, words inside a word or a quoted string, unknown and wrong charsets are all taken.
std::string decode_words(std::string_view text);

// `text` with each run of encoded words replaced by one in UTF-8 and base64.
std::string rewrite_words(std::string_view text);

std::string decode_base64(std::string_view text);

} // namespace roe::message
