// Names of folders, in UTF-8. [any thread]
#pragma once

#include <string_view>

#include "base/ascii.hpp"

namespace roe {

// Names are compared as they are, but that INBOX is written as one likes (RFC 9051 §5.1).
inline bool same_folder(std::string_view one, std::string_view other) {
    return one == other || (same_word(one, "INBOX") && same_word(other, "INBOX"));
}

} // namespace roe
