// What an author reads of what became of a mail. In English and in Russian, as nobody knows which of them he
// reads. [pure]
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "ledger/ledger.hpp"
#include "orch/sdk/notifications.hpp"

namespace roe::trigger {

enum class MailOutcome { succeeded, failed, interrupted, not_started };

struct Notice {
    MailOutcome outcome = MailOutcome::succeeded;
    std::string task; // its name; may be empty
    std::optional<std::int64_t> exit_code{};
    std::string ended_at{}; // RFC 3339; empty: it has not begun
};

// Nothing of the job's output or of the host's words: these are the operator's.
orch::sdk::Notification message_to(const ledger::Author &author, const Notice &notice);

} // namespace roe::trigger
