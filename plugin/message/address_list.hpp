// Address fields (RFC 5322 3.4, RFC 6532) as lists of name and address. [any thread]
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "message/payload.hpp"

namespace roe::message {

// Groups are taken apart. What is no address keeps its words as a name, so that a mail from nowhere still has a
// sender to show. Time and stack grow with the length of `raw` only, whatever it holds.
std::vector<Address> parse_addresses(std::string_view raw, std::string_view body_charset);

} // namespace roe::message
