// The plugin's front door: wires everything, and is the only file that knows all of it.
#include "orch/sdk/plugin.hpp"
#include "provider/mailbox_page.hpp"
#include "provider/outcomes.hpp"
#include "provider/running.hpp"
#include "provider/spoken.hpp"
#include "provider/trigger_types.hpp"
#include "provider/upkeep.hpp"

namespace roe {

class RunOnEmail final : public orch::sdk::Plugin {
  public:
    orch::sdk::Outcome<void> start(orch::sdk::Host &host) override {
        auto running = provider::Running::start(host);
        if (!running) return running.failure();
        running_ = std::move(*running);
        trigger_types_.set_running(running_.get());
        mailbox_page_.set_running(running_.get());
        upkeep_.set_running(running_.get());
        outcomes_.set_running(running_.get());
        return {};
    }

    void stop() override {
        trigger_types_.set_running(nullptr);
        mailbox_page_.set_running(nullptr);
        upkeep_.set_running(nullptr);
        outcomes_.set_running(nullptr);
        running_.reset();
    }

    orch::sdk::TriggerProvider *trigger_provider() override { return &trigger_types_; }
    orch::sdk::SettingsPage *settings_page() override { return &mailbox_page_; }
    orch::sdk::Metrics *metrics() override { return &upkeep_; }
    orch::sdk::Erasure *erasure() override { return &upkeep_; }
    orch::sdk::JobOutcomes *job_outcomes() override { return &outcomes_; }
    orch::sdk::Translations *translations() override { return &spoken_; }

  private:
    provider::TriggerTypes trigger_types_;
    provider::MailboxPage mailbox_page_;
    provider::Upkeep upkeep_;
    provider::Outcomes outcomes_;
    provider::Spoken spoken_;
    std::unique_ptr<provider::Running> running_;
};

} // namespace roe

ORCH_SDK_PLUGIN("run-on-email", ROE_VERSION, std::make_unique<roe::RunOnEmail>)
