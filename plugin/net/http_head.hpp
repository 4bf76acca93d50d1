// The head of an HTTP answer, as values. [pure]
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.hpp"

namespace roe::net {

using HttpFields = std::vector<std::pair<std::string, std::string>>;

struct HttpHead {
    int status = 0;     // 100 to 999
    bool kept = false;  // the server keeps the connection open after the answer
    std::string reason; // what it says beside the status, of printable ASCII
    HttpFields fields;  // names may be repeated; none of those with control characters
    std::optional<std::chrono::milliseconds> retry_after{}; // RFC 9110 §10.2.3, a day at most

    // The first of that name, whatever its case; empty if there is none.
    [[nodiscard]] std::string_view field(std::string_view name) const;
    // "401 Unauthorized"
    [[nodiscard]] std::string words() const;
};

// From the status line to the empty line. Empty: it is not the head of an answer, or has too many fields.
std::optional<HttpHead> read_http_head(const std::string &text, WallTime now);

} // namespace roe::net
