// The settings page that the host sees.
#pragma once

#include "orch/sdk/settings_page.hpp"
#include "provider/mailbox_actions.hpp"
#include "provider/running.hpp"

namespace roe::provider {

class MailboxPage final : public orch::sdk::SettingsPage {
  public:
    // Null outside start and stop; the SDK lets no call but `describe` through then.
    void set_running(Running *running) { running_ = running; }

    orch::sdk::Outcome<nlohmann::json> describe() override;
    orch::sdk::Outcome<nlohmann::json> list(std::string_view page, const orch::sdk::Caller &caller,
                                            const orch::sdk::PageQuery &query) override;
    orch::sdk::Outcome<nlohmann::json> get(std::string_view page, const orch::sdk::Caller &caller,
                                           std::string_view item) override;
    orch::sdk::Outcome<nlohmann::json> create(std::string_view page, const orch::sdk::Caller &caller,
                                              const nlohmann::json &values) override;
    orch::sdk::Outcome<nlohmann::json> update(std::string_view page, const orch::sdk::Caller &caller,
                                              std::string_view item, const nlohmann::json &values) override;
    orch::sdk::Outcome<void> remove(std::string_view page, const orch::sdk::Caller &caller,
                                    std::string_view item) override;
    orch::sdk::Outcome<nlohmann::json> action(std::string_view page, const orch::sdk::Caller &caller,
                                              const orch::sdk::PageAction &action,
                                              const orch::sdk::Cancellation &cancellation,
                                              const orch::sdk::Progress &progress) override;

  private:
    orch::sdk::Outcome<nlohmann::json> pause_or_resume(const ActionCall &call);
    orch::sdk::Outcome<nlohmann::json> shown(const settings::Mailbox &mailbox);
    // The names of the tasks with a trigger on the mailbox, started or not: "Invoices, Orders".
    orch::sdk::Outcome<std::string> used_by(const settings::Mailbox &mailbox);
    void write_journal(std::int32_t code, const char *name, const orch::sdk::Caller &caller,
                       const settings::Mailbox &mailbox, nlohmann::json details);

    Running *running_ = nullptr;
};

} // namespace roe::provider
