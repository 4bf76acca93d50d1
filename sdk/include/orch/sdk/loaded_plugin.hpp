// A plugin as its host holds it: no raw pointer, both sides' part of the contract checked.
//
// The host opens the library and finds ORCH_ENTRY_SYMBOL; this does the rest. The library must stay loaded
// longer than the LoadedPlugin.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

#include <nlohmann/json.hpp>

#include "orch/entry.h"
#include "orch/sdk/assets.hpp"
#include "orch/sdk/erasure.hpp"
#include "orch/sdk/job_outcomes.hpp"
#include "orch/sdk/jobs.hpp"
#include "orch/sdk/journal.hpp"
#include "orch/sdk/log.hpp"
#include "orch/sdk/metrics.hpp"
#include "orch/sdk/notifications.hpp"
#include "orch/sdk/outcome.hpp"
#include "orch/sdk/page_changes.hpp"
#include "orch/sdk/secrets.hpp"
#include "orch/sdk/settings_page.hpp"
#include "orch/sdk/tasks.hpp"
#include "orch/sdk/tenants.hpp"
#include "orch/sdk/translations.hpp"
#include "orch/sdk/trigger_provider.hpp"

namespace orch::sdk {

// What the host tells one plugin of itself.
struct HostIdentity {
    std::string name;
    std::string version;
    std::filesystem::path data_folder; // absolute, exists, this plugin's alone
    nlohmann::json configuration = nlohmann::json::object();
};

// What the host does for one plugin; null: not offered. They belong to the host, must outlive the LoadedPlugin,
// and are called from any thread, any number at a time. An exception that leaves one becomes a failure of the
// call.
struct HostServices {
    LogService *log = nullptr; // required
    JobsService *jobs = nullptr;
    SecretsService *secrets = nullptr;
    JournalService *journal = nullptr;
    TasksService *tasks = nullptr;
    TenantsService *tenants = nullptr;
    PageChangesService *page_changes = nullptr;
    AssetsService *assets = nullptr;
    NotificationsService *notifications = nullptr;
};

// [any thread] `start`, `stop` and the destructor wait for each other.
class LoadedPlugin {
  public:
    // Calls the plugin's entry function and checks what it gives. `expected_id` and `expected_version` are the
    // manifest's. A plugin that is too new, or not what its manifest says, is a failure that says so.
    static Outcome<std::unique_ptr<LoadedPlugin>> enter(orch_plugin_entry_fn entry, std::string expected_id,
                                                        std::string expected_version,
                                                        const HostIdentity &identity,
                                                        const HostServices &services);

    virtual ~LoadedPlugin() = default; // stops the plugin if need be, and destroys it

    [[nodiscard]] virtual const std::string &id() const = 0;
    [[nodiscard]] virtual const std::string &version() const = 0;
    // The interface's version that the library was built with: ORCH_INTERFACE_VERSION of its side.
    [[nodiscard]] virtual std::uint32_t interface_version() const = 0;
    [[nodiscard]] virtual bool started() const = 0;

    virtual Outcome<void> start() = 0;

    // Lets the calls that run in the plugin return, then stops it. Calls that come meanwhile or later fail with
    // Status::busy. Does nothing when the plugin is not started.
    virtual void stop() = 0;

    // Null when the plugin does not offer it. Valid as long as this object; may be called at any time, as it
    // refuses what may not be called outside start and stop.
    virtual TriggerProvider *trigger_provider() = 0;
    virtual SettingsPage *settings_page() = 0;
    virtual Metrics *metrics() = 0;
    virtual Erasure *erasure() = 0;
    virtual JobOutcomes *job_outcomes() = 0;
    virtual Translations *translations() = 0;
};

} // namespace orch::sdk

#include "orch/sdk/abi/plugin_proxy.hpp"
