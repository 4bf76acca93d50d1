// orch.journal/1: who did what, when, for an auditor to read. [any thread]
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include <nlohmann/json.hpp>

#include "orch/ext/journal.h"
#include "orch/sdk/outcome.hpp"

namespace orch::sdk {

struct JournalSubject {
    std::string kind; // "trigger", "mailbox"
    std::string id;
    std::string name{};
};

struct JournalEvent {
    std::int32_t code = 0; // 60002
    std::string name;      // "TriggerEmailFired"
    std::string tenant{};
    std::optional<std::string> user{}; // empty: nobody did it, it happened
    JournalSubject subject{};
    nlohmann::json details = nlohmann::json::object(); // never a secret
};

class JournalService {
  public:
    virtual ~JournalService() = default;

    // At most 1000 at a time. Blocks for a database write.
    virtual Outcome<void> write(std::span<const JournalEvent> events) = 0;
};

} // namespace orch::sdk
