// The trigger provider that the host sees.
#pragma once

#include "orch/sdk/trigger_provider.hpp"
#include "provider/running.hpp"

namespace roe::provider {

class TriggerTypes final : public orch::sdk::TriggerProvider {
  public:
    // Null outside start and stop; the SDK lets no call but `describe` through then.
    void set_running(Running *running) { running_ = running; }

    orch::sdk::Outcome<nlohmann::json> describe(std::string_view tenant, std::string_view locale) override;
    orch::sdk::Outcome<nlohmann::json> validate(const orch::sdk::TriggerDraft &draft) override;
    orch::sdk::Outcome<void> start(const orch::sdk::Trigger &trigger) override;
    orch::sdk::Outcome<void> stop(std::string_view trigger) override;
    orch::sdk::Outcome<void> forget(std::string_view trigger) override;
    orch::sdk::Outcome<nlohmann::json> state(std::string_view trigger) override;
    orch::sdk::Outcome<nlohmann::json> messages(std::string_view trigger,
                                                const orch::sdk::PageQuery &query) override;
    orch::sdk::Outcome<nlohmann::json> message_action(std::string_view trigger,
                                                      const orch::sdk::MessageAction &action) override;
    orch::sdk::Outcome<nlohmann::json> preview(const orch::sdk::TriggerDraft &draft, std::uint32_t limit,
                                               const orch::sdk::Cancellation &cancellation) override;

  private:
    orch::sdk::Outcome<void> note_restored(const std::string &trigger, const orch::sdk::Restored &restored);

    Running *running_ = nullptr;
};

} // namespace roe::provider
