// Mail providers whose servers are known by heart. [any thread]
#pragma once

#include <cstdint>
#include <string_view>

namespace roe::settings {

// In both languages of the pages.
struct Words {
    std::string_view en;
    std::string_view ru;
};

// All take TLS from the first byte.
struct KnownProvider {
    std::string_view name;
    std::string_view domains;   // of addresses, blanks between
    std::string_view exchanges; // what takes the mail of domains of others: ends of host names, blanks between
    std::string_view imap;
    std::string_view pop3; // empty: none
    Words note;            // what must be done before a login works; empty: nothing
};

// `domain` in lower case. Null: nobody known.
const KnownProvider *provider_of_domain(std::string_view domain);
const KnownProvider *provider_of_exchange(std::string_view host);

inline constexpr std::uint16_t imap_tls_port = 993;
inline constexpr std::uint16_t pop3_tls_port = 995;

} // namespace roe::settings
