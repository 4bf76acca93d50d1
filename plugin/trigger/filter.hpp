// Which mails a trigger wants, and why not the others. Pure: no clock, no I/O. [any thread]
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "message/payload.hpp"

namespace roe::trigger {

// One value of *From*.
struct SenderPattern {
    enum class Kind { address, domain, part } kind = Kind::part;
    std::string folded; // Unicode case-folded and normalized
};

// The parsed filter of a trigger. Empty lists mean "all".
struct Filter {
    std::vector<SenderPattern> from;
    std::string subject_folded;
};

// `from` and `subject` as typed into the form.
Filter parse_filter(std::string_view from, std::string_view subject);

struct Verdict {
    bool matched = false;
    std::string code; // "matched", "from", "subject"
    std::string text; // for a person: "From is bob@x.org, none of: ann@x.org"
};

Verdict decide(const Filter &filter, const message::Envelope &envelope);

} // namespace roe::trigger
