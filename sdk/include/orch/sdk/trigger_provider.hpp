// orch.trigger-provider/1: kinds of triggers that start tasks. A plugin implements TriggerProvider; a host gets
// one from `LoadedPlugin::trigger_provider()`. What each JSON looks like stands in orch/ext/trigger_provider.h.
// [any thread], between start and stop of the plugin; `describe` also outside.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "orch/ext/trigger_provider.h"
#include "orch/sdk/cancellation.hpp"
#include "orch/sdk/outcome.hpp"
#include "orch/sdk/paging.hpp"
#include "orch/sdk/tasks.hpp"

namespace orch::sdk {

// A trigger that is to be saved or tried.
struct TriggerDraft {
    std::string type;
    std::string tenant;
    nlohmann::json parameters = nlohmann::json::object();
};

// The host goes on from an old backup (orch/ext/trigger_provider.h): nothing that it may have started is
// started again.
struct Restored {
    std::string from;  // RFC 3339, UTC: the last that the backup knows of
    std::string until; // when it was restored; names the restore
};

struct Trigger {
    std::string id;
    std::string type;
    std::string tenant;
    TaskName task;
    nlohmann::json parameters = nlohmann::json::object();
    std::optional<Restored> restored{};
};

struct MessageAction {
    std::string row;
    std::string action; // "retry", "skip"
    std::string user;
};

class TriggerProvider {
  public:
    virtual ~TriggerProvider() = default;

    virtual Outcome<nlohmann::json> describe(std::string_view tenant, std::string_view locale) = 0;

    // The parameters with every default filled in, or Status::invalid with its fields.
    virtual Outcome<nlohmann::json> validate(const TriggerDraft &draft) = 0;

    // Called again for an id that is started, it replaces the parameters: the old ones have fired for the last
    // time before the new ones fire. That a trigger is restored is durable when it returns.
    virtual Outcome<void> start(const Trigger &trigger) = 0;

    // Returns when the trigger will ask for no further job. Stopping what is not started is no failure.
    virtual Outcome<void> stop(std::string_view trigger) = 0;

    // The trigger was deleted.
    virtual Outcome<void> forget(std::string_view trigger) = 0;

    virtual Outcome<nlohmann::json> state(std::string_view trigger) = 0;

    virtual Outcome<nlohmann::json> messages(std::string_view trigger, const PageQuery &query) = 0;

    virtual Outcome<nlohmann::json> message_action(std::string_view trigger, const MessageAction &action) = 0;

    virtual Outcome<nlohmann::json> preview(const TriggerDraft &draft, std::uint32_t limit,
                                            const Cancellation &cancellation) = 0;
};

} // namespace orch::sdk
