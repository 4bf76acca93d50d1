// A mailbox's settings from its address alone: known providers, then what the domain itself announces (RFC
// 6186), then who takes its mail, then its Exchange server. [any thread]
#pragma once

#include <functional>
#include <optional>
#include <string>

#include <nlohmann/json_fwd.hpp>

#include "net/dns_records.hpp"
#include "settings/exchange_discovery.hpp"

namespace roe::settings {

enum class Language { en, ru };

// {"values": what fills the form, or {} when nothing is known, "source": "provider" | "srv" | "mx" | null,
//  or "autodiscover", "provider": its name or null, "services": [{"protocol", "encryption", "server", "port"}],
//  "notes": [words]}.
// `given_up` is asked between the questions to the name server. `ask_exchange` looks for the Exchange server of
// an address and its domain; the rest asks nobody but the name server.
using AskExchange =
    std::function<std::optional<DiscoveredExchange>(const std::string &address, const std::string &domain)>;
nlohmann::json detect_settings(const std::string &address, net::DnsRecords &records, Language language,
                               const std::function<bool()> &given_up, const AskExchange &ask_exchange);

} // namespace roe::settings
