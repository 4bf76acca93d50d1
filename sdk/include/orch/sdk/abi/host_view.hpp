// A host's C struct as the Host that a plugin calls.
#pragma once

#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <nlohmann/json.hpp>

#include "orch/host.h"
#include "orch/sdk/abi/jobs_view.hpp"
#include "orch/sdk/abi/service_views.hpp"
#include "orch/sdk/abi/side.hpp"
#include "orch/sdk/abi/text.hpp"
#include "orch/sdk/host.hpp"

namespace orch::sdk::abi {

class HostView final : public Host {
  public:
    // What is wrong with the struct; empty: nothing.
    static std::string breach_of(const orch_host_t &c) {
        if (c.struct_size < sizeof(orch_host_t)) {
            return "orch_host_t has the struct_size " + std::to_string(c.struct_size) + " of " +
                   std::to_string(sizeof(orch_host_t));
        }
        if (c.get_extension == nullptr || c.log == nullptr) {
            return "orch_host_t lacks get_extension or log";
        }
        for (const orch_str_t text : {c.name, c.version, c.data_folder, c.configuration}) {
            if ((text.data == nullptr && text.size != 0) || !is_utf8(view(text))) {
                return "orch_host_t has text that is not UTF-8";
            }
        }
        if (!path_of(c.data_folder).is_absolute()) {
            return "data_folder is not an absolute path";
        }
        if (!nlohmann::json::parse(view(c.configuration), nullptr, false).is_object()) {
            return "configuration is not a JSON object";
        }
        return {};
    }

    // `c` has no breach.
    HostView(Side &side, const orch_host_t &c)
        : side_(side), c_(c), data_folder_(path_of(c.data_folder)),
          configuration_(nlohmann::json::parse(view(c.configuration))) {}

    void log(LogLevel level, std::string_view message) override {
        std::optional<Lifecycle::Visit> visit;
        side_.life.enter(Into::host, Allowed::alive, visit);
        if (visit) {
            c_.log(c_.self, static_cast<std::int32_t>(level), str(message));
        }
    }

    [[nodiscard]] std::string_view name() const override { return view(c_.name); }
    [[nodiscard]] std::string_view version() const override { return view(c_.version); }
    [[nodiscard]] const std::filesystem::path &data_folder() const override { return data_folder_; }
    [[nodiscard]] const nlohmann::json &configuration() const override { return configuration_; }

    Outcome<JobsService &> jobs() override { return find<JobsService>(jobs_); }
    Outcome<SecretsService &> secrets() override { return find<SecretsService>(secrets_); }
    Outcome<JournalService &> journal() override { return find<JournalService>(journal_); }
    Outcome<TasksService &> tasks() override { return find<TasksService>(tasks_); }
    Outcome<TenantsService &> tenants() override { return find<TenantsService>(tenants_); }
    Outcome<PageChangesService &> page_changes() override { return find<PageChangesService>(page_changes_); }
    Outcome<AssetsService &> assets() override { return find<AssetsService>(assets_); }
    Outcome<NotificationsService &> notifications() override {
        return find<NotificationsService>(notifications_);
    }

  private:
    static std::filesystem::path path_of(orch_str_t text) {
        const std::string_view bytes = view(text);
        return {std::u8string(bytes.begin(), bytes.end())};
    }

    // Asked of the host once: a struct stays valid, and its check need not be repeated.
    template <class Service, class View>
    Outcome<Service &> find(std::unique_ptr<View> &found) {
        const std::lock_guard lock(mutex_);
        if (!found) {
            const auto *c = static_cast<const typename View::C *>(c_.get_extension(c_.self, str(View::id)));
            if (c == nullptr) {
                return Failure{Status::unsupported, std::string("the host does not offer ") + View::id};
            }
            if (c->struct_size < sizeof(typename View::C)) {
                return side_.other_broke(View::id, "its struct_size is " + std::to_string(c->struct_size) +
                                                       " of " + std::to_string(sizeof(typename View::C)));
            }
            if (const char *missing = View::missing_function(*c)) {
                return side_.other_broke(View::id, std::string("it has no ") + missing);
            }
            found = std::make_unique<View>(side_, *c);
        }
        return *found;
    }

    Side &side_;
    const orch_host_t &c_;
    const std::filesystem::path data_folder_;
    const nlohmann::json configuration_;
    std::mutex mutex_;
    std::unique_ptr<JobsView> jobs_;
    std::unique_ptr<SecretsView> secrets_;
    std::unique_ptr<JournalView> journal_;
    std::unique_ptr<TasksView> tasks_;
    std::unique_ptr<TenantsView> tenants_;
    std::unique_ptr<PageChangesView> page_changes_;
    std::unique_ptr<AssetsView> assets_;
    std::unique_ptr<NotificationsView> notifications_;
};

} // namespace orch::sdk::abi
