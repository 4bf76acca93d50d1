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
    std::string folded;   // what is compared: by unicode::folded_address, a part by unicode::folded
    std::string as_typed; // what a person is shown
};

// The parsed filter of a trigger. Empty means "all".
struct Filter {
    std::vector<SenderPattern> from;
    std::string subject_folded;
    std::string subject_as_typed;

    [[nodiscard]] bool takes_all() const { return from.empty() && subject_folded.empty(); }
};

// `from` and `subject` as typed into the form. In `from` several values are separated by ";" or ","; "Last,
// First" in quotes is one value; of "Ann <ann@example.org>" the address counts.
Filter parse_filter(std::string_view from, std::string_view subject);

struct Verdict {
    bool matched = false;
    std::string code; // "matched", "from", "subject"
    std::string text; // for a person: "From is bob@example.org, none of: ann@example.org."
};

// An address or domain is compared with the mail's addresses only, never with its display names: these are the
// sender's own words, and "ann@example.org" in one would pass for Ann's address.
Verdict decide(const Filter &filter, const message::Envelope &envelope);

} // namespace roe::trigger
