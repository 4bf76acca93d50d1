// What a decision reads of a whole mail, where its header does not tell.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "message/payload.hpp"

namespace roe::message {

// Always valid UTF-8.
struct Content {
    std::string text; // the same as the payload's, cut at the same place
    // Of the attachments; pictures and the like that an HTML text embeds (RFC 2387) are none. An attachment
    // without a name has an empty one.
    std::vector<std::string> attachment_names;
};

// Reads the message at `raw_path`. Fails with Fault::storage only. [any thread]
Result<Content> read_content(const std::string &raw_path, const Limits &limits = {});

} // namespace roe::message
