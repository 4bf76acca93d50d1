// What the host itself reads in the payload of a job, in one pass and without a copy of it.
#pragma once

#include <optional>
#include <string>

#include "base/times.hpp"

namespace host {

struct PayloadReading {
    bool is_object = false; // a JSON object, and whole
    // The newest `receivedAt` (RFC 3339): the payload's own, or of its `mails`; empty: it tells none.
    std::optional<Micros> received_at;
};

PayloadReading read_payload(const std::string &payload);

} // namespace host
