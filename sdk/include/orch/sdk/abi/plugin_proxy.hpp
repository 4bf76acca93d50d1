// What stands behind LoadedPlugin: a plugin's C struct, called from C++.
#pragma once

#include <chrono>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include "orch/entry.h"
#include "orch/sdk/abi/error_text.hpp"
#include "orch/sdk/abi/host_shell.hpp"
#include "orch/sdk/abi/job_outcomes_proxy.hpp"
#include "orch/sdk/abi/settings_page_proxy.hpp"
#include "orch/sdk/abi/translations_proxy.hpp"
#include "orch/sdk/abi/trigger_provider_proxy.hpp"
#include "orch/sdk/abi/upkeep_proxies.hpp"
#include "orch/sdk/loaded_plugin.hpp"

namespace orch::sdk::abi {

class PluginProxy final : public LoadedPlugin {
  public:
    PluginProxy(std::string id, std::string version, HostShell &host)
        : id_(std::move(id)), version_(std::move(version)), host_(host) {}

    ~PluginProxy() override {
        if (side().life.inside_on_this_thread()) {
            side().self_broke("orch_plugin.destroy",
                              "called from inside a call of this plugin, which stays loaded");
            return;
        }
        stop();
        if (c_ != nullptr && c_->destroy != nullptr) {
            wait_until_empty(Into::plugin); // descriptions may be asked for while it is stopped
            (void)side().life.begin_destroy();
            c_->destroy(c_->self);
        }
        wait_until_empty(Into::host);
        side().life.end_destroy();
        host_.close();
    }

    // Calls the entry function; on failure what was made is taken down by the destructor.
    Outcome<void> make(orch_plugin_entry_fn entry) {
        constexpr const char *call = "orch_plugin_entry";
        if (entry == nullptr) {
            return side().other_broke(call, "it is a null pointer");
        }
        ErrorText error;
        orch_status_t status = ORCH_OK;
        const orch_plugin_t *plugin = nullptr;
        try {
            status = entry(host_.c(), &plugin, error.c());
        } catch (...) {
            return side().other_broke(call, "let an exception escape");
        }
        if (status != ORCH_OK) {
            return error.failure(status, side(), call);
        }
        if (plugin == nullptr) {
            return side().other_broke(call, "succeeded without a plugin");
        }
        return adopt(*plugin);
    }

    [[nodiscard]] const std::string &id() const override { return id_; }
    [[nodiscard]] const std::string &version() const override { return version_; }
    [[nodiscard]] std::uint32_t interface_version() const override { return c_->interface_version; }
    [[nodiscard]] bool started() const override {
        return host_.side().life.phase() == Lifecycle::Phase::started;
    }

    Outcome<void> start() override {
        constexpr const char *call = "orch_plugin.start";
        if (side().life.inside_on_this_thread() || starts_or_stops_here()) {
            return side().self_broke(call, "called from inside a call of this plugin");
        }
        const std::lock_guard lock(lifecycle_);
        const Here here(*this);
        if (const std::string_view breach = side().life.begin_start(); !breach.empty()) {
            return side().self_broke(call, breach);
        }
        ErrorText error;
        orch_status_t status = ORCH_OK;
        try {
            status = c_->start(c_->self, error.c());
        } catch (...) {
            side().life.end_start(false);
            return side().other_broke(call, "let an exception escape");
        }
        side().life.end_start(status == ORCH_OK);
        if (status != ORCH_OK) {
            report_calls_left(call);
            return error.failure(status, side(), call);
        }
        return {};
    }

    void stop() override {
        constexpr const char *call = "orch_plugin.stop";
        if (side().life.inside_on_this_thread() || starts_or_stops_here()) {
            side().self_broke(call, "called from inside a call of this plugin");
            return;
        }
        const std::lock_guard lock(lifecycle_);
        const Here here(*this);
        if (!started() || !side().life.begin_stop().empty()) {
            return;
        }
        wait_until_empty(Into::plugin);
        try {
            c_->stop(c_->self);
        } catch (...) {
            side().other_broke(call, "let an exception escape");
        }
        report_calls_left(call);
        side().life.end_stop();
    }

    TriggerProvider *trigger_provider() override { return triggers_ ? &*triggers_ : nullptr; }
    SettingsPage *settings_page() override { return settings_ ? &*settings_ : nullptr; }
    Metrics *metrics() override { return metrics_ ? &*metrics_ : nullptr; }
    Erasure *erasure() override { return erasure_ ? &*erasure_ : nullptr; }
    JobOutcomes *job_outcomes() override { return job_outcomes_ ? &*job_outcomes_ : nullptr; }
    Translations *translations() override { return translations_ ? &*translations_ : nullptr; }

  private:
    // Marks the thread that starts or stops the plugin, as it must not wait for itself.
    class Here {
      public:
        explicit Here(PluginProxy &proxy) : proxy_(proxy) { set(std::this_thread::get_id()); }
        Here(const Here &) = delete;
        Here &operator=(const Here &) = delete;
        ~Here() { set({}); }

      private:
        void set(std::thread::id thread) {
            const std::lock_guard lock(proxy_.here_mutex_);
            proxy_.here_ = thread;
        }
        PluginProxy &proxy_;
    };

    bool starts_or_stops_here() {
        const std::lock_guard lock(here_mutex_);
        return here_ == std::this_thread::get_id();
    }

    Outcome<void> adopt(const orch_plugin_t &plugin) {
        constexpr const char *call = "orch_plugin_entry";
        // Of another major version nothing but these two fields is known: it is not even destroyed.
        if (plugin.struct_size < sizeof plugin.struct_size + sizeof plugin.interface_version) {
            return too_small(call, "orch_plugin_t", plugin.struct_size, sizeof(orch_plugin_t));
        }
        if (ORCH_VERSION_MAJOR(plugin.interface_version) != ORCH_INTERFACE_MAJOR) {
            return Failure{Status::unsupported,
                           "the plugin " + id_ + " speaks version " +
                               std::to_string(ORCH_VERSION_MAJOR(plugin.interface_version)) +
                               " of the interface, this host version " + std::to_string(ORCH_INTERFACE_MAJOR)};
        }
        if (plugin.struct_size < sizeof(orch_plugin_t)) {
            return too_small(call, "orch_plugin_t", plugin.struct_size, sizeof(orch_plugin_t));
        }
        c_ = &plugin;
        if (plugin.start == nullptr || plugin.stop == nullptr || plugin.destroy == nullptr ||
            plugin.get_extension == nullptr) {
            return side().other_broke(call, "orch_plugin_t lacks a function");
        }
        if (view(plugin.id) != id_ || view(plugin.version) != version_) {
            return failed("the plugin calls itself " + printable(plugin.id) + " " + printable(plugin.version) +
                          ", its manifest says " + id_ + " " + version_);
        }
        if (auto found =
                offer<orch_trigger_provider_t>(ORCH_EXT_TRIGGER_PROVIDER, triggers_, plugin.interface_version);
            !found) {
            return found;
        }
        if (auto found = offer<orch_settings_page_t>(ORCH_EXT_SETTINGS_PAGE, settings_); !found) {
            return found;
        }
        if (auto found = offer<orch_metrics_t>(ORCH_EXT_METRICS, metrics_, id_); !found) {
            return found;
        }
        if (auto found = offer<orch_erasure_t>(ORCH_EXT_ERASURE, erasure_); !found) {
            return found;
        }
        if (auto found = offer<orch_job_outcomes_t>(ORCH_EXT_JOB_OUTCOMES, job_outcomes_); !found) {
            return found;
        }
        return offer<orch_translations_t>(ORCH_EXT_TRANSLATIONS, translations_);
    }

    static std::string printable(orch_str_t text) {
        return is_utf8(view(text)) ? std::string(view(text)) : "(not UTF-8)";
    }

    // Makes the proxy of an extension, if the plugin has it.
    template <class C, class Proxy, class... More>
    Outcome<void> offer(const char *id, std::optional<Proxy> &proxy, More... more) {
        const void *found = nullptr;
        try {
            found = c_->get_extension(c_->self, str(id));
        } catch (...) {
            return side().other_broke("orch_plugin.get_extension", "let an exception escape");
        }
        if (found == nullptr) {
            return {};
        }
        const auto &c = *static_cast<const C *>(found);
        if (c.struct_size < sizeof(C)) {
            return too_small("orch_plugin.get_extension", id, c.struct_size, sizeof(C));
        }
        if (const char *missing = Proxy::missing_function(c)) {
            return side().other_broke(id, std::string("it has no ") + missing);
        }
        proxy.emplace(side(), c, more...);
        return {};
    }

    Failure too_small(std::string_view call, std::string_view what, std::uint32_t is, std::size_t should_be) {
        return side().other_broke(call, std::string(what) + " has the struct_size " + std::to_string(is) +
                                            " of " + std::to_string(should_be));
    }

    void report_calls_left(std::string_view call) {
        if (const std::size_t left = side().life.visits(Into::host); left != 0) {
            side().other_broke(call,
                               "it returned while " + std::to_string(left) + " of its calls into the host run");
        }
    }

    void wait_until_empty(Into into) {
        while (!side().life.wait_until_empty(into, std::chrono::seconds(10))) {
            side().report(into == Into::plugin ? "still waiting for calls into the plugin " + id_
                                               : "still waiting for calls of the plugin " + id_);
        }
    }

    Side &side() { return host_.side(); }

    const std::string id_;
    const std::string version_;
    HostShell &host_;
    const orch_plugin_t *c_ = nullptr;
    std::optional<TriggerProviderProxy> triggers_;
    std::optional<SettingsPageProxy> settings_;
    std::optional<MetricsProxy> metrics_;
    std::optional<ErasureProxy> erasure_;
    std::optional<JobOutcomesProxy> job_outcomes_;
    std::optional<TranslationsProxy> translations_;
    std::mutex lifecycle_;
    std::mutex here_mutex_;
    std::thread::id here_;
};

} // namespace orch::sdk::abi

namespace orch::sdk {

inline Outcome<std::unique_ptr<LoadedPlugin>>
LoadedPlugin::enter(orch_plugin_entry_fn entry, std::string expected_id, std::string expected_version,
                    const HostIdentity &identity, const HostServices &services) {
    if (services.log == nullptr) {
        return Failure{Status::contract, "a host needs a log"};
    }
    auto &host = abi::HostShell::open(expected_id, identity, services);
    auto plugin = std::make_unique<abi::PluginProxy>(std::move(expected_id), std::move(expected_version), host);
    if (const auto made = plugin->make(entry); !made) {
        return made.failure();
    }
    return std::unique_ptr<LoadedPlugin>(std::move(plugin));
}

} // namespace orch::sdk
