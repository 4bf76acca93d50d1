// A plugin as its author writes it: a class, and one line that exports it.
//
//     class Watcher : public orch::sdk::Plugin { ... };
//     ORCH_SDK_PLUGIN("run-on-file", "1.0.0", std::make_unique<Watcher>)
//
// The SDK stands between the class and the C interface: it turns exceptions into failures, checks both sides'
// part of the contract and names whoever breaks it in the host's log.
#pragma once

#include <functional>
#include <memory>

#include "orch/entry.h"
#include "orch/sdk/erasure.hpp"
#include "orch/sdk/host.hpp"
#include "orch/sdk/job_outcomes.hpp"
#include "orch/sdk/metrics.hpp"
#include "orch/sdk/outcome.hpp"
#include "orch/sdk/settings_page.hpp"
#include "orch/sdk/translations.hpp"
#include "orch/sdk/trigger_provider.hpp"

namespace orch::sdk {

// One call of `start`, `stop` and the destructor at a time. The class is made once, and started and stopped any
// number of times.
class Plugin {
  public:
    virtual ~Plugin() = default;

    // Begins work and returns soon; what needs the network goes on in the background. `host` stays valid until
    // the plugin is destroyed. On failure nothing is left running.
    virtual Outcome<void> start(Host &host) = 0;

    // Returns only when no thread, timer or callback is left and no call into the host runs.
    virtual void stop() = 0;

    // Null when the plugin does not offer it. Asked once, before the first `start`; valid as long as the
    // plugin.
    virtual TriggerProvider *trigger_provider() { return nullptr; }
    virtual SettingsPage *settings_page() { return nullptr; }
    virtual Metrics *metrics() { return nullptr; }
    virtual Erasure *erasure() { return nullptr; }
    virtual JobOutcomes *job_outcomes() { return nullptr; }
    virtual Translations *translations() { return nullptr; }
};

using PluginFactory = std::function<std::unique_ptr<Plugin>()>;

} // namespace orch::sdk

#include "orch/sdk/abi/plugin_entry.hpp"

// Defines the library's one exported symbol. In one source file of the plugin, outside any namespace.
#define ORCH_SDK_PLUGIN(id, version, factory)                                                                  \
    extern "C" ORCH_EXPORT orch_status_t orch_plugin_entry(                                                    \
        const orch_host_t *host, const orch_plugin_t **plugin, orch_error_t *error) {                          \
        return ::orch::sdk::abi::enter(host, plugin, error, id, version, [] { return (factory)(); });          \
    }
