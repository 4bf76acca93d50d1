// The plugins of the host: one folder each, loaded at its start. A broken one is shown as such and the host
// goes on.
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "config/configuration.hpp"
#include "orch/sdk/loaded_plugin.hpp"
#include "plugins/library.hpp"
#include "plugins/manifest.hpp"
#include "plugins/patient_call.hpp"
#include "plugins/services.hpp"

namespace host {

enum class PluginState {
    refused, // not loaded: broken, too new, or not what it says
    loaded,  // not started yet
    started,
    failed, // it did not start
    stopped,
};

struct PluginStatus {
    std::string folder;
    std::optional<Manifest> manifest; // empty when it can't be read
    PluginState state = PluginState::refused;
    std::string error;
};

// How long a plugin may take before the host goes on without it. A stop may take ten seconds by contract.
struct PluginPatience {
    std::chrono::milliseconds start{30'000};
    std::chrono::milliseconds stop{15'000};
};

// What the host's parts have in common that plugins are given.
struct PluginSurroundings {
    const Configuration &configuration;
    Database &database;
    JobQueue &queue;
    const KeyRing &keys;
    std::filesystem::path data; // holds a folder for each plugin
    PluginPatience patience{};
    NotePageChange page_changed{};
    Postman *postman = nullptr; // null: the host can't mail
};

class PluginSet {
  public:
    // Loads each sub-folder of `folder`; throws std::runtime_error only when there is no such folder.
    PluginSet(const std::filesystem::path &folder, const PluginSurroundings &surroundings);
    ~PluginSet(); // stops and destroys them, waiting for those that hang; the libraries are unloaded last
    PluginSet(const PluginSet &) = delete;
    PluginSet &operator=(const PluginSet &) = delete;

    // One that does not come back from its start in time is shown as failed; should it come back later, it is
    // stopped again.
    void start();

    // False when one does not come back: its threads go on, and use what belongs to this object and the host.
    bool stop();

    // [any thread]
    [[nodiscard]] std::vector<PluginStatus> statuses() const;
    [[nodiscard]] std::vector<std::string> started() const; // ids

    // [any thread] Null when there is no such plugin, or it does not offer it. Valid as long as the set.
    [[nodiscard]] orch::sdk::TriggerProvider *trigger_provider(const std::string &plugin) const;
    [[nodiscard]] orch::sdk::SettingsPage *settings_page(const std::string &plugin) const;
    [[nodiscard]] orch::sdk::Metrics *metrics(const std::string &plugin) const;
    [[nodiscard]] orch::sdk::Erasure *erasure(const std::string &plugin) const;
    [[nodiscard]] orch::sdk::JobOutcomes *job_outcomes(const std::string &plugin) const;

    // [any thread] What plugins have said, in that language where they know it.
    void translate(const std::string &locale, nlohmann::json &said) const;

    // [any thread] Whose trigger type or settings page that is; empty when nobody's.
    [[nodiscard]] std::string owner_of_type(const std::string &type) const;
    [[nodiscard]] std::string owner_of_page(const std::string &page) const;

    // [any thread] Ids of a plugin's settings pages, as described when it was loaded.
    [[nodiscard]] std::vector<std::string> pages_of(const std::string &plugin) const;

    // [any thread] All that is described, plugin by plugin.
    [[nodiscard]] nlohmann::json trigger_types(const std::string &tenant, const std::string &locale) const;
    [[nodiscard]] nlohmann::json settings_pages() const;

  private:
    // In this order: the library outlives the plugin, and so do the services that it calls.
    struct Entry {
        PluginStatus status;
        std::optional<PluginLibrary> library;
        std::unique_ptr<PluginServices> services;
        std::unique_ptr<orch::sdk::LoadedPlugin> plugin;
        std::vector<std::string> types; // as described when it was loaded
        std::vector<std::string> pages;
        bool returned = true;              // from its start or stop
        bool given_up = false;             // as it did not return in time
        std::unique_ptr<PatientCall> call; // first to go: it uses all the others
    };
    void load(Entry &entry, const std::filesystem::path &folder, const PluginSurroundings &surroundings);
    static void check_promises(Entry &entry);
    void start_one(Entry &entry);
    void stop_one(Entry &entry);
    void call(Entry &entry, std::function<void()> what);
    bool wait_for_all(std::chrono::milliseconds patience, const std::string &words);
    [[nodiscard]] const Entry *find(const std::string &plugin) const;

    const PluginPatience patience_;
    std::vector<std::unique_ptr<Entry>> entries_;
    mutable std::mutex mutex_; // guards statuses, `returned` and `given_up`
};

std::string_view state_name(PluginState state);

} // namespace host
