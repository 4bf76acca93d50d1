// The address of an Exchange server's web services, as people enter it. [pure]
#pragma once

#include <string>
#include <string_view>

#include "net/http_address.hpp"

namespace roe::settings {

struct EwsUrl {
    net::HttpAddress address;
    std::string text;  // the address written out
    std::string fault; // why it can't be one, for a person; empty: it is
};

// What people usually mean: a host alone, or the address of Outlook on the web, of the administration or of
// Autodiscover, becomes that of the web services. A path that is none of these is kept, as some publish the
// services elsewhere.
EwsUrl read_ews_url(std::string_view typed);

} // namespace roe::settings
