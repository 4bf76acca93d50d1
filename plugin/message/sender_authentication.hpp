// Whether a mail's sender is the one whom From names, by the word of a server that is trusted. [any thread]
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace roe::message {

struct SenderAuthentication {
    std::optional<bool> authenticated; // nothing: there is no server whose word would count
    std::string words;                 // why, for a person: "dmarc is fail"
};

// Only the first Authentication-Results field of `trusted_authserv` counts. A server puts its own above all
// that came with the mail, and removes those that bear its name and came from elsewhere (RFC 8601 5); whatever
// stands further down may be the sender's. A field that can't be read, or that contradicts itself, counts as
// "no".
//
// Yes is: one From field with one address, and dmarc=pass; or, where the domain says nothing of DMARC, spf=pass
// or dkim=pass for the domain of From, a subdomain of it, or a domain that it is a subdomain of.
SenderAuthentication authenticate_sender(std::string_view header, std::string_view trusted_authserv);

} // namespace roe::message
