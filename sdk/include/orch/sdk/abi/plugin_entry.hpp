// What stands behind ORCH_SDK_PLUGIN: a Plugin as the C struct that its host calls.
#pragma once

#include <chrono>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "orch/entry.h"
#include "orch/sdk/abi/error_text.hpp"
#include "orch/sdk/abi/host_view.hpp"
#include "orch/sdk/abi/incoming.hpp"
#include "orch/sdk/abi/job_outcomes_shell.hpp"
#include "orch/sdk/abi/settings_page_shell.hpp"
#include "orch/sdk/abi/side.hpp"
#include "orch/sdk/abi/tombstones.hpp"
#include "orch/sdk/abi/translations_shell.hpp"
#include "orch/sdk/abi/trigger_provider_shell.hpp"
#include "orch/sdk/abi/upkeep_shells.hpp"
#include "orch/sdk/plugin.hpp"

namespace orch::sdk::abi {

class PluginShell {
  public:
    // Makes the plugin in a free place. `host` was checked.
    static Outcome<const orch_plugin_t *> open(const orch_host_t &host, std::string_view id,
                                               std::string_view version, const PluginFactory &factory) {
        PluginShell &shell = places().take();
        const auto made = shell.fill(host, id, version, factory);
        if (!made) {
            (void)shell.side_.life.begin_destroy();
            shell.empty();
            return made.failure();
        }
        return &shell.c_;
    }

  private:
    ORCH_SDK_OWN static Tombstones<PluginShell> &places() {
        static Tombstones<PluginShell> all(8);
        return all;
    }

    Outcome<void> fill(const orch_host_t &host, std::string_view id, std::string_view version,
                       const PluginFactory &factory) {
        id_ = id;
        version_ = version;
        side_.life.reset();
        side_.open("the plugin " + id_, "the host",
                   [c = &host](std::string_view words) { c->log(c->self, ORCH_LOG_ERROR, str(words)); });
        host_ = std::make_unique<HostView>(side_, host);
        try {
            plugin_ = factory();
            if (!plugin_) {
                return failed("the plugin " + id_ + " was not made");
            }
            triggers_.open(side_, plugin_->trigger_provider());
            settings_.open(side_, plugin_->settings_page());
            metrics_.open(side_, plugin_->metrics());
            erasure_.open(side_, plugin_->erasure());
            job_outcomes_.open(side_, plugin_->job_outcomes());
            translations_.open(side_, plugin_->translations());
        } catch (const std::exception &fault) {
            return failed("the plugin " + id_ + " was not made: " + fault.what());
        } catch (...) {
            return failed("the plugin " + id_ + " was not made");
        }
        c_ = {sizeof(orch_plugin_t),
              ORCH_INTERFACE_VERSION,
              this,
              str(id_),
              str(version_),
              &start,
              &stop,
              &destroy,
              &get_extension};
        return {};
    }

    void empty() {
        plugin_.reset();
        side_.life.end_destroy();
        host_.reset();
        side_.close();
        places().give_back(*this);
    }

    static orch_status_t start(void *self, orch_error_t *error) noexcept {
        if (self == nullptr) {
            return ORCH_E_CONTRACT;
        }
        auto &shell = *static_cast<PluginShell *>(self);
        if (const std::string_view breach = shell.side_.life.begin_start(); !breach.empty()) {
            return shell.refuse("orch_plugin.start", breach, error);
        }
        orch_status_t status = ORCH_E_FAILED;
        try {
            const Outcome<void> started =
                shell.guarded("start", [&] { return shell.plugin_->start(*shell.host_); });
            if (!started) {
                shell.wait_for_calls_into_host("orch_plugin.start");
            }
            status = started ? ORCH_OK : tell(error, started.failure());
        } catch (...) {
            status = ORCH_E_FAILED; // not even words could be made
        }
        shell.side_.life.end_start(status == ORCH_OK);
        return status;
    }

    static void stop(void *self) noexcept {
        if (self == nullptr) {
            return;
        }
        auto &shell = *static_cast<PluginShell *>(self);
        if (const std::string_view breach = shell.side_.life.begin_stop(); !breach.empty()) {
            shell.refuse("orch_plugin.stop", breach, nullptr);
            return;
        }
        try {
            shell.wait_for_host("orch_plugin.stop");
            (void)shell.guarded("stop", [&]() -> Outcome<void> {
                shell.plugin_->stop();
                return {};
            });
            shell.wait_for_calls_into_host("orch_plugin.stop");
        } catch (...) {
            // Words could not be made; the plugin was stopped all the same.
        }
        shell.side_.life.end_stop();
    }

    static void destroy(void *self) noexcept {
        if (self == nullptr) {
            return;
        }
        auto &shell = *static_cast<PluginShell *>(self);
        if (shell.side_.life.phase() == Lifecycle::Phase::started &&
            !shell.side_.life.inside_on_this_thread()) {
            shell.refuse("orch_plugin.destroy", "called while the plugin is started", nullptr);
            stop(self);
        }
        if (const std::string_view breach = shell.side_.life.begin_destroy(); !breach.empty()) {
            shell.refuse("orch_plugin.destroy", breach, nullptr);
            return;
        }
        try {
            shell.wait_for_host("orch_plugin.destroy");
            shell.empty();
        } catch (...) {
            // The list of free places could not grow: this one stays closed for ever.
        }
    }

    static const void *get_extension(void *self, orch_str_t id) noexcept {
        if (self == nullptr) {
            return nullptr;
        }
        auto &shell = *static_cast<PluginShell *>(self);
        try {
            std::optional<Lifecycle::Visit> visit;
            shell.side_.life.enter(Into::plugin, Allowed::alive, visit);
            if (!visit) {
                shell.side_.other_broke("orch_plugin.get_extension", "called after destroy");
                return nullptr;
            }
            if (view(id) == ORCH_EXT_TRIGGER_PROVIDER) {
                return shell.triggers_.c();
            }
            if (view(id) == ORCH_EXT_SETTINGS_PAGE) {
                return shell.settings_.c();
            }
            if (view(id) == ORCH_EXT_METRICS) {
                return shell.metrics_.c();
            }
            if (view(id) == ORCH_EXT_ERASURE) {
                return shell.erasure_.c();
            }
            if (view(id) == ORCH_EXT_JOB_OUTCOMES) {
                return shell.job_outcomes_.c();
            }
            if (view(id) == ORCH_EXT_TRANSLATIONS) {
                return shell.translations_.c();
            }
        } catch (...) {
            return nullptr;
        }
        return nullptr;
    }

    // The breach of a lifecycle call, which changes nothing.
    orch_status_t refuse(std::string_view call, std::string_view breach, orch_error_t *error) noexcept {
        try {
            return tell(error, side_.other_broke(call, breach));
        } catch (...) {
            return ORCH_E_CONTRACT;
        }
    }

    template <class Call>
    Outcome<void> guarded(std::string_view what, Call &&call) {
        std::string words = "the plugin " + id_ + " failed unexpectedly in " + std::string(what);
        try {
            return call();
        } catch (const std::exception &fault) {
            words.append(": ").append(fault.what());
        } catch (...) {
            words.append(": an exception that is no std::exception");
        }
        side_.report(words);
        return failed(std::move(words));
    }

    // The host is to let its calls return before it goes on.
    void wait_for_host(std::string_view call) {
        if (const std::size_t left = side_.life.visits(Into::plugin); left != 0) {
            side_.other_broke(call,
                              "called while " + std::to_string(left) + " of its calls into the plugin run");
        }
        while (!side_.life.wait_until_empty(Into::plugin, std::chrono::seconds(10))) {
            side_.report("still waiting for calls of the host into the plugin " + id_);
        }
    }

    // The plugin is to leave no call behind.
    void wait_for_calls_into_host(std::string_view call) {
        if (const std::size_t left = side_.life.visits(Into::host); left != 0) {
            side_.self_broke(call,
                             "it returned while " + std::to_string(left) + " of its calls into the host run");
            side_.life.wait_until_empty(Into::host, std::chrono::seconds(10));
        }
    }

    orch_plugin_t c_{};
    Side side_;
    std::string id_;
    std::string version_;
    std::unique_ptr<HostView> host_;
    std::unique_ptr<Plugin> plugin_; // goes before the host that it holds
    TriggerProviderShell triggers_;
    SettingsPageShell settings_;
    MetricsShell metrics_;
    ErasureShell erasure_;
    JobOutcomesShell job_outcomes_;
    TranslationsShell translations_;
};

inline orch_status_t enter(const orch_host_t *host, const orch_plugin_t **plugin, orch_error_t *error,
                           std::string_view id, std::string_view version,
                           const PluginFactory &factory) noexcept {
    try {
        constexpr const char *broke = "the host broke the contract of orch_plugin_entry: ";
        if (plugin == nullptr) {
            return tell(error, {Status::contract, std::string(broke) + "plugin is a null pointer"});
        }
        *plugin = nullptr;
        if (host == nullptr || host->struct_size < sizeof host->struct_size + sizeof host->interface_version) {
            return tell(error, {Status::contract, std::string(broke) + "host is null or too small"});
        }
        if (ORCH_VERSION_MAJOR(host->interface_version) != ORCH_INTERFACE_MAJOR) {
            return tell(error,
                        {Status::unsupported, "the plugin " + std::string(id) + " speaks version " +
                                                  std::to_string(ORCH_INTERFACE_MAJOR) +
                                                  " of the interface, the host version " +
                                                  std::to_string(ORCH_VERSION_MAJOR(host->interface_version))});
        }
        if (const std::string breach = HostView::breach_of(*host); !breach.empty()) {
            return tell(error, {Status::contract, broke + breach});
        }
        const auto made = PluginShell::open(*host, id, version, factory);
        if (!made) {
            return tell(error, made.failure());
        }
        *plugin = *made;
        return ORCH_OK;
    } catch (...) {
        return ORCH_E_FAILED;
    }
}

} // namespace orch::sdk::abi
