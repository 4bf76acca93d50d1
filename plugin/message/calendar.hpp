// What a calendar entry in a mail is about (RFC 5545, 5546): enough to tell an invitation from a cancellation.
// [any thread]
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "message/outline.hpp"
#include "message/payload.hpp"

namespace roe::message {

// Of the first event, or to-do. Valid UTF-8; empty what it does not say.
struct Calendar {
    std::string method; // "REQUEST", "CANCEL", "REPLY", ...
    std::string uid;
    std::string summary;
    std::string
        start; // "2026-03-01T09:30:00Z", without the Z where the zone's time is meant, "2026-03-01" all day
    std::string end;       // likewise
    std::string time_zone; // as the sender names the one of `start`: of IANA, of Windows or of his own
    std::optional<Address> organizer;
};

// `charset` as named by the part; may be empty. Empty when the bytes are no calendar.
std::optional<Calendar> parse_calendar(std::string_view bytes, std::string_view charset);

// Of the first part that is one. Fails with Fault::storage.
Result<std::optional<Calendar>> read_calendar(const std::vector<Leaf> &leaves);

} // namespace roe::message
