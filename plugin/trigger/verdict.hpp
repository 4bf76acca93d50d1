// What is decided on a mail, and why.
#pragma once

#include <string>

namespace roe::trigger {

struct Verdict {
    bool matched = false;
    std::string code; // "matched", or what of the form refused it: "from", "subject", a field of MoreFilters
    std::string text; // for a person: "From is bob@example.org, none of: ann@example.org."
};

} // namespace roe::trigger
