// What the host does for one plugin: the host's side of orch.jobs, orch.secrets, orch.journal, orch.tasks,
// orch.tenants, orch.page-changes, orch.assets, orch.notifications.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "config/configuration.hpp"
#include "jobs/queue.hpp"
#include "mail/postman.hpp"
#include "orch/sdk/loaded_plugin.hpp"
#include "security/key_ring.hpp"
#include "store/database.hpp"

namespace host {

// What a plugin noted of one of its settings pages.
struct PageChange {
    std::string plugin;
    std::string page;
    std::string tenant;
    std::string item;
};
using NotePageChange = std::function<void(const PageChange &)>; // any thread; must not block

class PluginServices final : private orch::sdk::LogService,
                             private orch::sdk::JobsService,
                             private orch::sdk::SecretsService,
                             private orch::sdk::JournalService,
                             private orch::sdk::TasksService,
                             private orch::sdk::TenantsService,
                             private orch::sdk::PageChangesService,
                             private orch::sdk::AssetsService,
                             private orch::sdk::NotificationsService {
  public:
    PluginServices(std::string plugin, Database &database, JobQueue &queue, const KeyRing &keys,
                   const std::vector<Tenant> &tenants, NotePageChange page_changed, Postman *postman)
        : plugin_(std::move(plugin)), database_(database), queue_(queue), keys_(keys), tenants_(tenants),
          page_changed_(std::move(page_changed)), postman_(postman) {}

    // Valid as long as this object.
    orch::sdk::HostServices offered() {
        return {this, this, this, this, this, this, this, this, postman_ == nullptr ? nullptr : this};
    }

  private:
    void log(orch::sdk::LogLevel level, std::string_view message) override;
    orch::sdk::Outcome<std::filesystem::path> spool_folder() override;
    std::vector<orch::sdk::JobReply> start(std::span<const orch::sdk::JobRequest> requests) override;
    orch::sdk::Outcome<std::string> seal(std::string_view context, std::string_view plain) override;
    orch::sdk::Outcome<std::string> open(std::string_view context, std::string_view sealed) override;
    orch::sdk::Outcome<void> write(std::span<const orch::sdk::JournalEvent> events) override;
    orch::sdk::Outcome<std::vector<orch::sdk::KnownTrigger>> triggers(std::string_view tenant,
                                                                      std::string_view type) override;
    orch::sdk::Outcome<std::vector<orch::sdk::Tenant>> list() override;
    orch::sdk::Outcome<void> note(std::string_view page, std::string_view tenant,
                                  std::string_view item) override;
    orch::sdk::Outcome<bool> exists(std::string_view tenant, std::string_view name) override;
    orch::sdk::Outcome<void> put(std::string_view tenant, std::string_view name,
                                 std::string_view value) override;
    orch::sdk::Outcome<void> send(std::string_view tenant, std::string_view key,
                                  const orch::sdk::Notification &message) override;

    std::string plugin_;
    Database &database_;
    JobQueue &queue_;
    const KeyRing &keys_;
    const std::vector<Tenant> &tenants_;
    NotePageChange page_changed_;
    Postman *postman_; // null: the host can't mail
};

} // namespace host
