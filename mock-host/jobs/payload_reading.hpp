// What the host itself reads in the payload of a job, in one pass and without a copy of it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/times.hpp"

namespace host {

struct PayloadReading {
    bool is_object = false; // a JSON object, and whole
    // The newest `receivedAt` (RFC 3339): the payload's own, or of its `mails`; empty: it tells none.
    std::optional<Micros> received_at;
    // Of `mails`, or 1 where the payload has a `subject` itself; empty: it is about no mail.
    std::optional<std::int64_t> mails;
    std::optional<std::string> subject; // of the first, cut to what a list shows
};

PayloadReading read_payload(const std::string &payload);

} // namespace host
