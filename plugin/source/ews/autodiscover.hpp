// Autodiscover, as plain XML (MS-OXDSCLI) and by SOAP (MS-OXWSADISC): where the web services of an address
// are. [pure]
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace roe::ews {

constexpr std::size_t most_autodiscover_bytes = 256 << 10;

// Asks for the settings of Outlook, as plain XML.
std::string autodiscover_request(std::string_view address);
// Asks by SOAP for where the web services are. `service`: the URL that it is sent to.
std::string autodiscover_soap_request(std::string_view address, std::string_view service);

struct AutodiscoverAnswer {
    std::string ews_url;          // empty: it names none
    std::string redirect_url;     // ask there
    std::string redirect_address; // ask for this one
};

// In either form. Empty: it is no such answer.
std::optional<AutodiscoverAnswer> read_autodiscover(std::string_view body);

} // namespace roe::ews
