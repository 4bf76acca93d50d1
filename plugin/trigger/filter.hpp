// Which mails a trigger wants, and why not the others. Pure: no clock, no I/O. [any thread]
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "message/content.hpp"
#include "message/payload.hpp"
#include "trigger/condition_check.hpp"
#include "trigger/verdict.hpp"

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
    std::vector<ConditionCheck> conditions; // MoreFilters

    [[nodiscard]] bool takes_all() const {
        return from.empty() && subject_folded.empty() && conditions.empty();
    }
    // Whether the header alone does not tell that a mail matches.
    [[nodiscard]] bool needs_content() const;
};

// `from` and `subject` as typed into the form. In `from` several values are separated by ";" or ","; "Last,
// First" in quotes is one value; of "Ann <ann@example.org>" the address counts.
Filter parse_filter(std::string_view from, std::string_view subject, const Conditions &more = {});

// An address or domain is compared with the mail's addresses only, never with its display names: these are the
// sender's own words, and "ann@example.org" in one would pass for Ann's address.
//
// What the header tells. Where the filter needs the content, too, a mail that matches here is yet to be looked
// into.
Verdict decide(const Filter &filter, const message::Envelope &envelope, const Head &head = {});

// Whether the filter names this sender itself: not one beside whom the mail has another that it names.
bool wants_sender(const Filter &filter, const message::Address &from);

// What the whole mail tells of one that matched by its header: nothing when it matches.
std::optional<Verdict> refusal_by_content(const Filter &filter, const message::Content &content);

} // namespace roe::trigger
