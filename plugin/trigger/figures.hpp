// What has been done since the plugin's start, in numbers. [any thread]
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>

namespace roe::trigger {

struct Figures {
    using Count = std::atomic<std::int64_t>;

    Count looks_succeeded = 0;
    Count looks_failed = 0;
    // What the triggers decided on mails; one mail counts for each of them.
    Count mails_triggered = 0;
    Count mails_duplicate = 0;
    Count mails_skipped = 0;
    Count starts_accepted = 0;
    // From the decision, all starts together, until the host had taken them.
    std::atomic<std::chrono::milliseconds::rep> start_delay_ms = 0;
};

} // namespace roe::trigger
