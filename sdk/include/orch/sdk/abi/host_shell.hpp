// A host, as one plugin sees it: identity and services as the C struct that the plugin calls.
#pragma once

#include <optional>
#include <string>
#include <utility>

#include "orch/host.h"
#include "orch/sdk/abi/incoming.hpp"
#include "orch/sdk/abi/jobs_shell.hpp"
#include "orch/sdk/abi/service_shells.hpp"
#include "orch/sdk/abi/side.hpp"
#include "orch/sdk/abi/text.hpp"
#include "orch/sdk/abi/tombstones.hpp"
#include "orch/sdk/loaded_plugin.hpp"
#include "orch/version.h"

namespace orch::sdk::abi {

class HostShell {
  public:
    // In a free place, until `close`.
    static HostShell &open(const std::string &plugin, const HostIdentity &identity,
                           const HostServices &services) {
        HostShell &shell = places().take();
        shell.fill(plugin, identity, services);
        return shell;
    }

    // The plugin was destroyed, and no call of its runs any more.
    void close() {
        side_.close();
        places().give_back(*this);
    }

    [[nodiscard]] const orch_host_t *c() const { return &c_; }
    Side &side() { return side_; }

  private:
    ORCH_SDK_OWN static Tombstones<HostShell> &places() {
        static Tombstones<HostShell> all(8);
        return all;
    }

    void fill(const std::string &plugin, const HostIdentity &identity, const HostServices &services) {
        name_ = identity.name;
        version_ = identity.version;
        const std::u8string folder = identity.data_folder.u8string();
        data_folder_.assign(folder.begin(), folder.end());
        configuration_ = wire(identity.configuration);
        log_ = services.log;
        side_.life.reset();
        side_.open("the host", "the plugin " + plugin,
                   [log = log_](std::string_view words) { log->log(LogLevel::error, words); });
        jobs_.open(side_, services.jobs);
        secrets_.open(side_, services.secrets);
        journal_.open(side_, services.journal);
        tasks_.open(side_, services.tasks);
        tenants_.open(side_, services.tenants);
        page_changes_.open(side_, services.page_changes);
        assets_.open(side_, services.assets);
        notifications_.open(side_, services.notifications);
        c_ = {sizeof(orch_host_t), ORCH_INTERFACE_VERSION, this,       str(name_), str(version_),
              str(data_folder_),   str(configuration_),    &extension, &log};
    }

    static const void *extension(void *self, orch_str_t id) noexcept {
        if (self == nullptr) {
            return nullptr;
        }
        auto &shell = *static_cast<HostShell *>(self);
        try {
            std::optional<Lifecycle::Visit> visit;
            shell.side_.life.enter(Into::host, Allowed::alive, visit);
            if (!visit) {
                shell.side_.other_broke("orch_host.get_extension", "called after destroy");
                return nullptr;
            }
            const std::string_view asked = view(id);
            if (asked == ORCH_EXT_JOBS) {
                return shell.jobs_.c();
            }
            if (asked == ORCH_EXT_SECRETS) {
                return shell.secrets_.c();
            }
            if (asked == ORCH_EXT_JOURNAL) {
                return shell.journal_.c();
            }
            if (asked == ORCH_EXT_TASKS) {
                return shell.tasks_.c();
            }
            if (asked == ORCH_EXT_TENANTS) {
                return shell.tenants_.c();
            }
            if (asked == ORCH_EXT_PAGE_CHANGES) {
                return shell.page_changes_.c();
            }
            if (asked == ORCH_EXT_ASSETS) {
                return shell.assets_.c();
            }
            if (asked == ORCH_EXT_NOTIFICATIONS) {
                return shell.notifications_.c();
            }
        } catch (...) {
            return nullptr;
        }
        return nullptr;
    }

    static void log(void *self, std::int32_t level, orch_str_t message) noexcept {
        if (self == nullptr) {
            return;
        }
        auto &shell = *static_cast<HostShell *>(self);
        try {
            std::optional<Lifecycle::Visit> visit;
            shell.side_.life.enter(Into::host, Allowed::alive, visit);
            if (!visit) {
                shell.side_.other_broke("orch_host.log", "called after destroy");
                return;
            }
            if (level < ORCH_LOG_DEBUG || level > ORCH_LOG_ERROR) {
                shell.side_.other_broke("orch_host.log", "the unknown level " + std::to_string(level));
                level = ORCH_LOG_ERROR;
            }
            shell.log_->log(static_cast<LogLevel>(level), read_text(message, "message"));
        } catch (const BadArgument &bad) {
            shell.side_.other_broke("orch_host.log", bad.what);
        } catch (...) {
            shell.side_.report("the host's log failed");
        }
    }

    orch_host_t c_{};
    Side side_;
    std::string name_;
    std::string version_;
    std::string data_folder_;
    std::string configuration_;
    LogService *log_ = nullptr;
    JobsShell jobs_;
    SecretsShell secrets_;
    JournalShell journal_;
    TasksShell tasks_;
    TenantsShell tenants_;
    PageChangesShell page_changes_;
    AssetsShell assets_;
    NotificationsShell notifications_;
};

} // namespace orch::sdk::abi
