// A mailbox's settings from its address alone: known providers, then what the domain itself announces (RFC
// 6186), then who takes its mail. Nothing is connected to but name servers. [any thread]
#pragma once

#include <functional>
#include <string>

#include <nlohmann/json_fwd.hpp>

#include "net/dns_records.hpp"

namespace roe::settings {

enum class Language { en, ru };

// {"values": what fills the form, or {} when nothing is known, "source": "provider" | "srv" | "mx" | null,
//  "provider": its name or null, "services": [{"protocol", "encryption", "server", "port"}], "notes": [words]}.
// `given_up` is asked between the questions to the name server.
nlohmann::json detect_settings(const std::string &address, net::DnsRecords &records, Language language,
                               const std::function<bool()> &given_up);

} // namespace roe::settings
