// Which parts of a mail are signed or encrypted, by S/MIME (RFC 8551) or PGP (RFC 3156, and inline). Named, not
// checked: nothing here verifies a signature. [any thread]
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "message/outline.hpp"

namespace roe::message {

struct Protection {
    std::string kind; // "S/MIME" or "PGP"
    bool has_signature = false;
    bool is_encrypted = false;
};

struct ProtectionFindings {
    std::vector<Protection> protections; // one for each kind
    std::vector<std::string> warnings;   // what can't be read for it
};

// `text` is the one that is shown. Fails with Fault::storage.
Result<ProtectionFindings> find_protection(const Outline &outline, std::string_view text);

} // namespace roe::message
