// The trigger type "run-on-file", as the host sees it.
#pragma once

#include "orch/sdk/trigger_provider.hpp"
#include "watch.hpp"

namespace run_on_file {

class Provider final : public orch::sdk::TriggerProvider {
  public:
    // Between start and stop of the plugin; the host calls nothing but `describe` otherwise.
    void set_watch(Watch *watch) { watch_ = watch; }

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
    Watch *watch_ = nullptr;
};

} // namespace run_on_file
