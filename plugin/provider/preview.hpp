// What a trigger would do with the latest mails of its mailbox: a look of its own that changes nothing, neither
// on the server nor in the ledger.
#pragma once

#include <cstdint>

#include <nlohmann/json_fwd.hpp>

#include "orch/sdk/cancellation.hpp"
#include "orch/sdk/outcome.hpp"
#include "provider/running.hpp"
#include "trigger/parameters.hpp"

namespace roe::provider {

// {"items": [{"subject", "from", "receivedAt", "wouldStart", "reason": {"code", "text"}}]}, the newest first.
orch::sdk::Outcome<nlohmann::json> preview(Running &running, const settings::Mailbox &mailbox,
                                           const trigger::Parameters &parameters, std::uint32_t limit,
                                           const orch::sdk::Cancellation &cancellation);

} // namespace roe::provider
