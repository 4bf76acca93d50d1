#include "plugins/plugin_set.hpp"

#include <algorithm>
#include <stdexcept>

#include "base/files.hpp"
#include "base/log.hpp"
#include "orch/ext/settings_page.h"
#include "orch/ext/trigger_provider.h"

namespace host {
namespace {

std::vector<std::string> ids_of(const nlohmann::json &descriptions, const char *what) {
    std::vector<std::string> ids;
    if (!descriptions.is_array()) throw std::runtime_error(std::string("it describes no list of ") + what);
    for (const auto &description : descriptions) {
        if (!description.is_object() || !description.contains("id") || !description["id"].is_string()) {
            throw std::runtime_error(std::string("one of its ") + what + " has no id");
        }
        ids.push_back(description["id"].get<std::string>());
    }
    return ids;
}

std::string seconds_of(std::chrono::milliseconds time) {
    return std::to_string(std::chrono::ceil<std::chrono::seconds>(time).count()) + " s";
}

bool contains(const std::vector<std::string> &list, const std::string &value) {
    return std::find(list.begin(), list.end(), value) != list.end();
}

} // namespace

std::string_view state_name(PluginState state) {
    switch (state) {
    case PluginState::refused:
        return "refused";
    case PluginState::loaded:
        return "loaded";
    case PluginState::started:
        return "started";
    case PluginState::failed:
        return "failed";
    case PluginState::stopped:
        break;
    }
    return "stopped";
}

PluginSet::PluginSet(const std::filesystem::path &folder, const PluginSurroundings &surroundings)
    : patience_(surroundings.patience) {
    if (!std::filesystem::is_directory(folder)) {
        throw std::runtime_error("there is no folder of plugins " + folder.string());
    }
    std::vector<std::filesystem::path> folders;
    for (const auto &entry : std::filesystem::directory_iterator(folder)) {
        if (entry.is_directory()) folders.push_back(entry.path());
    }
    std::sort(folders.begin(), folders.end());
    for (const auto &one : folders) {
        auto entry = std::make_unique<Entry>();
        entry->status.folder = one.filename().string();
        try {
            load(*entry, one, surroundings);
            entry->status.state = PluginState::loaded;
        } catch (const std::exception &error) {
            entry->plugin.reset();
            entry->types.clear();
            entry->pages.clear();
            entry->status.error = error.what();
            log_line(Severity::error, "plugins", entry->status.folder + " is not loaded: " + error.what());
        }
        entries_.push_back(std::move(entry));
    }
}

PluginSet::~PluginSet() {
    stop();
    for (auto &entry : entries_) {
        entry->call.reset();
        entry->plugin.reset();
    }
}

void PluginSet::load(Entry &entry, const std::filesystem::path &folder,
                     const PluginSurroundings &surroundings) {
    entry.status.manifest = read_manifest_file(folder / "manifest.json");
    const Manifest &manifest = *entry.status.manifest;
    if (manifest.interface_major != ORCH_INTERFACE_MAJOR) {
        throw std::runtime_error("it needs version " + std::to_string(manifest.interface_major) +
                                 " of the interface, this host has version " +
                                 std::to_string(ORCH_INTERFACE_MAJOR));
    }
    for (const auto &other : entries_) {
        if (other->plugin != nullptr && other->status.manifest->id == manifest.id) {
            throw std::runtime_error("the plugin " + manifest.id + " is loaded already, from the folder " +
                                     other->status.folder);
        }
    }
    const auto data = surroundings.data / manifest.id;
    make_private_folder(data);
    entry.library.emplace(folder / manifest.library);
    entry.services = std::make_unique<PluginServices>(manifest.id, surroundings.database, surroundings.queue,
                                                      surroundings.keys, surroundings.configuration.tenants,
                                                      surroundings.page_changed, surroundings.postman);
    const orch::sdk::HostIdentity identity{"mock-host", ORCH_HOST_VERSION, std::filesystem::absolute(data),
                                           surroundings.configuration.for_plugin(manifest.id)};
    auto entered = orch::sdk::LoadedPlugin::enter(entry.library->entry(), manifest.id, manifest.version,
                                                  identity, entry.services->offered());
    if (!entered) throw std::runtime_error(entered.failure().words);
    entry.plugin = std::move(*entered);
    const auto built_for = entry.plugin->interface_version();
    if (ORCH_VERSION_MAJOR(built_for) != manifest.interface_major ||
        ORCH_VERSION_MINOR(built_for) != manifest.interface_minor) {
        throw std::runtime_error(
            "its manifest says that it was built for version " + std::to_string(manifest.interface_major) +
            "." + std::to_string(manifest.interface_minor) + " of the interface, its library says " +
            std::to_string(ORCH_VERSION_MAJOR(built_for)) + "." +
            std::to_string(ORCH_VERSION_MINOR(built_for)));
    }
    check_promises(entry);
    for (const auto &type : entry.types) {
        if (!owner_of_type(type).empty())
            throw std::runtime_error("another plugin has the trigger type " + type);
    }
    for (const auto &page : entry.pages) {
        if (!owner_of_page(page).empty())
            throw std::runtime_error("another plugin has the settings page " + page);
    }
}

void PluginSet::check_promises(Entry &entry) {
    const auto &promised = entry.status.manifest->extensions;
    auto *provider = entry.plugin->trigger_provider();
    auto *page = entry.plugin->settings_page();
    for (const auto &[name, there] :
         {std::pair<std::string, bool>{ORCH_EXT_TRIGGER_PROVIDER, provider != nullptr},
          std::pair<std::string, bool>{ORCH_EXT_SETTINGS_PAGE, page != nullptr},
          std::pair<std::string, bool>{ORCH_EXT_METRICS, entry.plugin->metrics() != nullptr},
          std::pair<std::string, bool>{ORCH_EXT_ERASURE, entry.plugin->erasure() != nullptr},
          std::pair<std::string, bool>{ORCH_EXT_JOB_OUTCOMES, entry.plugin->job_outcomes() != nullptr},
          std::pair<std::string, bool>{ORCH_EXT_TRANSLATIONS, entry.plugin->translations() != nullptr}}) {
        if (contains(promised, name) != there) {
            throw std::runtime_error("its manifest and its library do not agree on whether it offers " + name);
        }
    }
    if (provider != nullptr) {
        const auto described = provider->describe("", "en");
        if (!described) throw std::runtime_error(described.failure().words);
        entry.types = ids_of(*described, "trigger types");
    }
    if (page != nullptr) {
        const auto described = page->describe();
        if (!described) throw std::runtime_error(described.failure().words);
        entry.pages = ids_of(*described, "settings pages");
    }
}

void PluginSet::start() {
    for (auto &entry : entries_) {
        if (entry->plugin != nullptr) call(*entry, [this, &one = *entry] { start_one(one); });
    }
    wait_for_all(patience_.start, "it has not started within " + seconds_of(patience_.start));
}

bool PluginSet::stop() {
    for (auto &entry : entries_) {
        // One that still starts, or stops, is in a call already and can't be asked for more.
        if (entry->plugin == nullptr || (entry->call != nullptr && !entry->call->wait_until({}))) continue;
        if (entry->plugin->started()) call(*entry, [this, &one = *entry] { stop_one(one); });
    }
    return wait_for_all(patience_.stop, "it has not stopped within " + seconds_of(patience_.stop) +
                                            ": the host ends without it");
}

void PluginSet::call(Entry &entry, std::function<void()> what) {
    entry.returned = false; // no call of it runs
    entry.call = std::make_unique<PatientCall>(std::move(what));
}

bool PluginSet::wait_for_all(std::chrono::milliseconds patience, const std::string &words) {
    const auto end = PatientCall::Clock::now() + patience;
    bool all = true;
    for (auto &entry : entries_) {
        if (entry->call == nullptr || entry->call->wait_until(end)) continue;
        const std::lock_guard lock(mutex_);
        if (entry->returned) continue; // just now
        entry->given_up = true;
        entry->status.state = PluginState::failed;
        entry->status.error = words;
        log_line(Severity::error, entry->status.manifest->id, words);
        all = false;
    }
    return all;
}

void PluginSet::start_one(Entry &entry) {
    const auto started = entry.plugin->start();
    if (!started)
        log_line(Severity::error, entry.status.manifest->id, "not started: " + started.failure().words);
    {
        const std::lock_guard lock(mutex_);
        entry.returned = true;
        if (!entry.given_up) {
            entry.status.state = started ? PluginState::started : PluginState::failed;
            entry.status.error = started ? std::string() : started.failure().words;
            return;
        }
    }
    // Nobody told it of its triggers: it is of no use any more.
    entry.plugin->stop();
}

void PluginSet::stop_one(Entry &entry) {
    entry.plugin->stop();
    const std::lock_guard lock(mutex_);
    entry.returned = true;
    if (!entry.given_up) entry.status.state = PluginState::stopped;
}

std::vector<PluginStatus> PluginSet::statuses() const {
    const std::lock_guard lock(mutex_);
    std::vector<PluginStatus> statuses;
    for (const auto &entry : entries_)
        statuses.push_back(entry->status);
    return statuses;
}

std::vector<std::string> PluginSet::started() const {
    std::vector<std::string> ids;
    for (const auto &status : statuses()) {
        if (status.state == PluginState::started) ids.push_back(status.manifest->id);
    }
    return ids;
}

const PluginSet::Entry *PluginSet::find(const std::string &plugin) const {
    for (const auto &entry : entries_) {
        if (entry->plugin != nullptr && entry->status.manifest->id == plugin) return entry.get();
    }
    return nullptr;
}

orch::sdk::TriggerProvider *PluginSet::trigger_provider(const std::string &plugin) const {
    const auto *entry = find(plugin);
    return entry == nullptr ? nullptr : entry->plugin->trigger_provider();
}

orch::sdk::SettingsPage *PluginSet::settings_page(const std::string &plugin) const {
    const auto *entry = find(plugin);
    return entry == nullptr ? nullptr : entry->plugin->settings_page();
}

orch::sdk::Metrics *PluginSet::metrics(const std::string &plugin) const {
    const auto *entry = find(plugin);
    return entry == nullptr ? nullptr : entry->plugin->metrics();
}

orch::sdk::Erasure *PluginSet::erasure(const std::string &plugin) const {
    const auto *entry = find(plugin);
    return entry == nullptr ? nullptr : entry->plugin->erasure();
}

orch::sdk::JobOutcomes *PluginSet::job_outcomes(const std::string &plugin) const {
    const auto *entry = find(plugin);
    return entry == nullptr ? nullptr : entry->plugin->job_outcomes();
}

void PluginSet::translate(const std::string &locale, nlohmann::json &said) const {
    for (const auto &entry : entries_) {
        auto *translations = entry->plugin == nullptr ? nullptr : entry->plugin->translations();
        if (translations == nullptr) continue;
        if (auto translated = translations->translate(locale, said))
            said = std::move(*translated);
        else
            log_line(Severity::error, entry->status.manifest->id, translated.failure().words);
    }
}

std::string PluginSet::owner_of_type(const std::string &type) const {
    for (const auto &entry : entries_) {
        if (contains(entry->types, type)) return entry->status.manifest->id;
    }
    return {};
}

std::string PluginSet::owner_of_page(const std::string &page) const {
    for (const auto &entry : entries_) {
        if (contains(entry->pages, page)) return entry->status.manifest->id;
    }
    return {};
}

std::vector<std::string> PluginSet::pages_of(const std::string &plugin) const {
    const auto *entry = find(plugin);
    return entry == nullptr ? std::vector<std::string>{} : entry->pages;
}

nlohmann::json PluginSet::trigger_types(const std::string &tenant, const std::string &locale) const {
    auto all = nlohmann::json::array();
    for (const auto &entry : entries_) {
        if (entry->types.empty()) continue;
        auto described = entry->plugin->trigger_provider()->describe(tenant, locale);
        if (!described) {
            log_line(Severity::error, entry->status.manifest->id, described.failure().words);
            continue;
        }
        for (auto &type : *described) {
            type["plugin"] = entry->status.manifest->id;
            all.push_back(std::move(type));
        }
    }
    return all;
}

nlohmann::json PluginSet::settings_pages() const {
    auto all = nlohmann::json::array();
    for (const auto &entry : entries_) {
        if (entry->pages.empty()) continue;
        auto described = entry->plugin->settings_page()->describe();
        if (!described) {
            log_line(Severity::error, entry->status.manifest->id, described.failure().words);
            continue;
        }
        for (auto &page : *described) {
            page["plugin"] = entry->status.manifest->id;
            all.push_back(std::move(page));
        }
    }
    return all;
}

} // namespace host
