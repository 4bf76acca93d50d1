// One HTTP request over a stream of ours, so that it has the same trust, deadlines and `cancel` as a session
// with a mail server. No redirect is followed: what is sent is a secret.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "net/http_address.hpp"
#include "net/stream.hpp"

namespace roe::net {

struct HttpAnswer {
    int status = 0;
    std::string body;
    std::optional<std::chrono::milliseconds> retry_after; // RFC 9110 §10.2.3
};

// "a=1&b=%20" (application/x-www-form-urlencoded). Empty values are left out.
std::string form_encoded(const std::vector<std::pair<std::string_view, std::string_view>> &fields);

// `authorization` may be empty.
Result<HttpAnswer> post_form(Connector &connector, const HttpAddress &to, const Trust &trust,
                             const std::string &authorization, const std::string &form, const Clock &clock,
                             const std::stop_token &stop);

} // namespace roe::net
