// A header block as the fields that stand in it, and the unstructured text of a field. [any thread]
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace roe::message {

// Views into the block; `raw` is what follows the colon, folds included.
struct HeaderField {
    std::string_view name;
    std::string_view raw;
};

// Lenient: bare LF, blanks before the colon (RFC 5322 4.5), a leading mbox "From " line, lines that are no
// field are left out. Ends at an empty line.
std::vector<HeaderField> split_header(std::string_view block);

// Whether a line begins a field.
bool begins_field(std::string_view line);

bool same_name(std::string_view a, std::string_view b);

// The first field of that name, or null.
const HeaderField *find_field(const std::vector<HeaderField> &fields, std::string_view name);

// RFC 5322 2.2.3; NUL and other control characters become blanks.
std::string unfolded(std::string_view raw);

std::string_view trimmed(std::string_view text);

// For people: RFC 2047 decoded, raw 8-bit text converted, one line of valid UTF-8. `body_charset` is what the
// mail's body says, tried for raw 8-bit text that is not UTF-8; may be empty.
std::string decoded_text(std::string_view raw, std::string_view body_charset);

// The same value with every encoded word, right or wrong, replaced by one in UTF-8, and raw 8-bit text by
// UTF-8, so that a parser of structured fields meets one charset only.
std::string in_plain_words(std::string_view raw, std::string_view body_charset);

} // namespace roe::message
