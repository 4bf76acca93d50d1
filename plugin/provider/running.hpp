// Everything that lives between start and stop of the plugin, in the order in which it depends on each other.
#pragma once

#include <memory>
#include <string>

#include "ledger/ledger.hpp"
#include "net/http_proxy.hpp"
#include "net/stream.hpp"
#include "orch/sdk/host.hpp"
#include "settings/mailbox_book.hpp"
#include "settings/token_book.hpp"
#include "source/limits.hpp"
#include "trigger/author_notices.hpp"
#include "trigger/delivery.hpp"
#include "trigger/spool.hpp"
#include "watch/mailroom.hpp"

namespace roe::provider {

inline constexpr std::string_view trigger_type = "run-on-email";
inline constexpr std::string_view page_id = "incoming-email";

// The section Plugins.run-on-email of the host's configuration.
struct Configuration {
    std::string database;
    std::size_t workers = 0;
    std::chrono::hours log_retention{};
    int most_attempts = 0; // at a mail that can't be read, before it is quarantined
    net::HttpProxies proxies;
};

class Running {
  public:
    // Opens the ledger and starts the workers.
    static orch::sdk::Outcome<std::unique_ptr<Running>> start(orch::sdk::Host &host);
    // Returns when no thread is left.
    ~Running();
    Running(const Running &) = delete;
    Running &operator=(const Running &) = delete;

    [[nodiscard]] ledger::Ledger &ledger() { return *ledger_; }
    [[nodiscard]] settings::MailboxBook &mailboxes() { return mailboxes_; }
    [[nodiscard]] watch::Mailroom &mailroom() { return *mailroom_; }
    [[nodiscard]] trigger::Spool &spool() { return spool_; }
    [[nodiscard]] trigger::Delivery &delivery() { return delivery_; }
    [[nodiscard]] trigger::AuthorNotices &notices() { return notices_; }
    [[nodiscard]] const trigger::Figures &figures() const { return figures_; }
    [[nodiscard]] orch::sdk::JournalService &journal() { return services_.journal; }
    [[nodiscard]] orch::sdk::TasksService &tasks() { return services_.tasks; }
    // Null: the host has none.
    [[nodiscard]] orch::sdk::AssetsService *assets() const { return services_.assets; }
    [[nodiscard]] net::Connector &connector() { return *connector_; }
    [[nodiscard]] const Clock &clock() const { return *clock_; }
    [[nodiscard]] std::shared_ptr<net::Connector> shared_connector() const { return connector_; }
    [[nodiscard]] std::shared_ptr<const Clock> shared_clock() const { return clock_; }
    void log(orch::sdk::LogLevel level, const std::string &line) { host_.log(level, line); }

    // A mailbox of the book, as it is saved now, as the mailroom watches it.
    watch::WatchableMailbox watchable(const settings::Mailbox &mailbox);

    // A session of its own with a folder of the mailbox, not open yet. `observer` may be null.
    std::unique_ptr<MailSource> make_source(const settings::Mailbox &mailbox, const std::string &folder,
                                            settings::Secrets secrets, Limits limits = {},
                                            net::StepObserver *observer = nullptr);

    // Ids of the triggers on a folder of the mailbox that the host has started.
    Result<std::vector<std::string>> started_triggers(const settings::Mailbox &mailbox,
                                                      const std::string &folder);

  private:
    std::string task_name_of(const std::string &tenant, const std::string &trigger);
    // What the page shows of the mailbox has changed by itself.
    void note_change(const settings::Mailbox &mailbox);
    Account account_for(const settings::Mailbox &mailbox, const std::string &folder, settings::Secrets secrets,
                        net::StepObserver *observer);
    struct Services {
        orch::sdk::JobsService &jobs;
        orch::sdk::JournalService &journal;
        orch::sdk::SecretsService &secrets;
        orch::sdk::TasksService &tasks;
        orch::sdk::AssetsService *assets;
        orch::sdk::NotificationsService *notifications;
    };

    Running(orch::sdk::Host &host, Services services, std::unique_ptr<ledger::Ledger> ledger,
            std::unique_ptr<watch::UnderWork> under_work, std::filesystem::path spool, std::string node,
            const Configuration &configuration, std::map<std::string, WallTime> paused,
            settings::MailboxBook::BaseMailboxes bases);

    orch::sdk::Host &host_;
    orch::sdk::PageChangesService *page_changes_; // null: the host does not offer it
    Services services_;
    std::shared_ptr<const Clock> clock_;
    std::shared_ptr<net::Connector> connector_;
    std::unique_ptr<ledger::Ledger> ledger_;
    settings::MailboxBook mailboxes_;
    settings::TokenBook tokens_;
    trigger::Spool spool_;
    trigger::Figures figures_;
    std::unique_ptr<watch::UnderWork> under_work_;
    trigger::AuthorNotices notices_;
    trigger::Delivery delivery_;
    std::unique_ptr<watch::Mailroom> mailroom_; // last: its workers use all of the above
};

} // namespace roe::provider
