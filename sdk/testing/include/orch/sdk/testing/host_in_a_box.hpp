// A whole host in memory, for unit tests of a plugin.
//
//     HostInABox box(orch_plugin_entry, "run-on-file", "1.0.0");
//     ASSERT_TRUE(box.start());
//     ASSERT_TRUE(box.triggers().start({...}));
//     EXPECT_TRUE(box.jobs().wait_for_jobs(1));
//     box.stop();
//     EXPECT_EQ(box.breaches(), std::vector<std::string>{});
//
// It drives the plugin through its C entry function, so that a test goes the way that a real host goes.
#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "orch/sdk/loaded_plugin.hpp"
#include "orch/sdk/testing/boxed_jobs.hpp"
#include "orch/sdk/testing/boxed_secrets.hpp"
#include "orch/sdk/testing/boxed_services.hpp"
#include "orch/sdk/testing/scratch_folder_posix.hpp"
#include "orch/sdk/testing/threads_posix.hpp"

namespace orch::sdk::testing {

class HostInABox {
  public:
    // Throws std::runtime_error with the plugin's words when the plugin can't be made.
    HostInABox(orch_plugin_entry_fn entry, std::string id, std::string version,
               nlohmann::json configuration = {{"plugin", nlohmann::json::object()},
                                               {"assignment", nlohmann::json::object()}})
        : entry_(entry), id_(std::move(id)), version_(std::move(version)),
          configuration_(std::move(configuration)), jobs_(folder_.path() / "spool") {
        std::filesystem::create_directories(data_folder());
        make();
    }
    HostInABox(const HostInABox &) = delete;
    HostInABox &operator=(const HostInABox &) = delete;

    Outcome<void> start() {
        std::thread([] {}).join(); // ThreadSanitizer begins a thread of its own with the first, and keeps it
        threads_before_ = threads_of_this_process();
        return plugin_->start();
    }

    // A thread that the plugin leaves behind is one of its `breaches`.
    void stop() {
        const bool was_started = plugin_->started();
        plugin_->stop();
        if (was_started) {
            look_for_threads();
        }
    }

    // As when the host dies and is started again: the plugin is destroyed and made anew; its data folder, jobs,
    // journal, tasks, assets and notifications stay.
    void restart() {
        stop();
        plugin_.reset();
        make();
    }

    LoadedPlugin &plugin() { return *plugin_; }

    // Throw std::runtime_error when the plugin does not offer them.
    TriggerProvider &triggers() { return offered(plugin_->trigger_provider(), ORCH_EXT_TRIGGER_PROVIDER); }
    SettingsPage &settings() { return offered(plugin_->settings_page(), ORCH_EXT_SETTINGS_PAGE); }
    Metrics &metrics() { return offered(plugin_->metrics(), ORCH_EXT_METRICS); }
    Erasure &erasure() { return offered(plugin_->erasure(), ORCH_EXT_ERASURE); }
    Translations &translations() { return offered(plugin_->translations(), ORCH_EXT_TRANSLATIONS); }
    JobOutcomes &job_outcomes() { return offered(plugin_->job_outcomes(), ORCH_EXT_JOB_OUTCOMES); }

    BoxedJobs &jobs() { return jobs_; }
    BoxedSecrets &secrets() { return secrets_; }
    BoxedJournal &journal() { return journal_; }
    BoxedTasks &tasks() { return tasks_; }
    BoxedTenants &tenants() { return tenants_; }
    BoxedPageChanges &page_changes() { return page_changes_; }
    BoxedAssets &assets() { return assets_; }
    BoxedNotifications &notifications() { return notifications_; }
    BoxedLog &log() { return log_; }

    [[nodiscard]] std::filesystem::path data_folder() const { return folder_.path() / "data"; }

    // What either side did against the contract so far.
    [[nodiscard]] std::vector<std::string> breaches() const { return log_.with(" broke the contract of "); }

  private:
    void make() {
        auto made = LoadedPlugin::enter(entry_, id_, version_, {"a box", "1.0", data_folder(), configuration_},
                                        {&log_, &jobs_, &secrets_, &journal_, &tasks_, &tenants_,
                                         &page_changes_, &assets_, &notifications_});
        if (!made) {
            throw std::runtime_error(made.failure().words);
        }
        plugin_ = std::move(*made);
    }

    // A joined thread may be seen a moment longer.
    void look_for_threads() {
        const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(2);
        while (threads_of_this_process() > threads_before_) {
            if (std::chrono::steady_clock::now() > until) {
                log_.log(LogLevel::error,
                         "the plugin " + id_ + " broke the contract of orch_plugin.stop: it left " +
                             std::to_string(threads_of_this_process() - threads_before_) + " threads behind");
                return;
            }
            std::this_thread::sleep_for(std::chrono::milliseconds(1));
        }
    }

    template <class Extension>
    static Extension &offered(Extension *extension, std::string_view id) {
        if (extension == nullptr) {
            throw std::runtime_error("the plugin does not offer " + std::string(id));
        }
        return *extension;
    }

    const orch_plugin_entry_fn entry_;
    const std::string id_;
    const std::string version_;
    const nlohmann::json configuration_;
    ScratchFolder folder_;
    BoxedLog log_;
    BoxedJobs jobs_;
    BoxedSecrets secrets_;
    BoxedJournal journal_;
    BoxedTasks tasks_;
    BoxedTenants tenants_;
    BoxedPageChanges page_changes_;
    BoxedAssets assets_;
    BoxedNotifications notifications_;
    std::size_t threads_before_ = 0;
    std::unique_ptr<LoadedPlugin> plugin_; // goes before the services
};

} // namespace orch::sdk::testing
