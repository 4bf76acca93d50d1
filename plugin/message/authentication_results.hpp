// The field Authentication-Results (RFC 8601): what a mail server found out about a mail.
//
// Written by servers, though senders may write one, too: whose words count is not decided here. [any thread]
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace roe::message {

struct AuthenticationResult {
    std::string method; // "dmarc", in lower case
    std::string result; // "pass", in lower case
    struct Property {
        std::string name;  // "smtp.mailfrom", in lower case
        std::string value; // without quotes
    };
    std::vector<Property> properties;

    // The value of a property; empty when it is not there.
    [[nodiscard]] std::string_view property(std::string_view name) const;
};

struct AuthenticationResults {
    std::string authserv_id; // who says so; empty when that can't be read
    // Whether all of it could be read, in version 1 of the format. What could not has no results.
    bool readable = false;
    std::vector<AuthenticationResult> results;
};

// `raw` is what follows the colon, folds included. Takes time and memory in proportion to it, whatever it
// holds.
AuthenticationResults parse_authentication_results(std::string_view raw);

} // namespace roe::message
