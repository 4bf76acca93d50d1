// What a plugin sees of its host. Valid from the making of the plugin until it is gone.
#pragma once

#include <filesystem>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

#include "orch/sdk/assets.hpp"
#include "orch/sdk/jobs.hpp"
#include "orch/sdk/journal.hpp"
#include "orch/sdk/log.hpp"
#include "orch/sdk/notifications.hpp"
#include "orch/sdk/outcome.hpp"
#include "orch/sdk/page_changes.hpp"
#include "orch/sdk/secrets.hpp"
#include "orch/sdk/tasks.hpp"
#include "orch/sdk/tenants.hpp"

namespace orch::sdk {

// [any thread] The services may be called between start and stop only, and an extension that the host has not
// is Status::unsupported; `log` and the rest of this class always work.
class Host : public LogService {
  public:
    [[nodiscard]] virtual std::string_view name() const = 0;
    [[nodiscard]] virtual std::string_view version() const = 0;

    // Absolute, exists, this plugin's alone, and outlives updates.
    [[nodiscard]] virtual const std::filesystem::path &data_folder() const = 0;

    // {"plugin": {...}, "assignment": {...}}: see orch/host.h.
    [[nodiscard]] virtual const nlohmann::json &configuration() const = 0;

    virtual Outcome<JobsService &> jobs() = 0;
    virtual Outcome<SecretsService &> secrets() = 0;
    virtual Outcome<JournalService &> journal() = 0;
    virtual Outcome<TasksService &> tasks() = 0;
    virtual Outcome<TenantsService &> tenants() = 0;
    virtual Outcome<PageChangesService &> page_changes() = 0;
    virtual Outcome<AssetsService &> assets() = 0;
    virtual Outcome<NotificationsService &> notifications() = 0;
};

} // namespace orch::sdk
