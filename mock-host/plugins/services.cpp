#include "plugins/services.hpp"

#include <algorithm>

#include "base/log.hpp"
#include "store/assets.hpp"
#include "store/audit.hpp"
#include "store/journal.hpp"
#include "store/tasks.hpp"

namespace host {

using namespace orch::sdk;

void PluginServices::log(LogLevel level, std::string_view message) {
    switch (level) {
    case LogLevel::debug:
        return log_line(Severity::debug, plugin_, message);
    case LogLevel::info:
        return log_line(Severity::info, plugin_, message);
    case LogLevel::warning:
        return log_line(Severity::warning, plugin_, message);
    case LogLevel::error:
        return log_line(Severity::error, plugin_, message);
    }
}

Outcome<std::filesystem::path> PluginServices::spool_folder() {
    return queue_.spool_folder(plugin_);
}

std::vector<JobReply> PluginServices::start(std::span<const JobRequest> requests) {
    return queue_.start(plugin_, requests);
}

Outcome<std::string> PluginServices::seal(std::string_view context, std::string_view plain) {
    return keys_.seal(context, plain);
}

Outcome<std::string> PluginServices::open(std::string_view context, std::string_view sealed) {
    try {
        return keys_.open(context, sealed);
    } catch (const SecretRefused &refused) {
        return failed(refused.what());
    }
}

Outcome<void> PluginServices::write(std::span<const JournalEvent> events) {
    // What people did must not be forgotten. What a plugin reports by itself, a fired trigger say, comes with
    // a durable record of its own, the job, and would only hold up its start.
    const bool by_people = std::any_of(events.begin(), events.end(),
                                       [](const JournalEvent &event) { return event.user.has_value(); });
    const auto insert = [&](Session &session) {
        for (const auto &event : events) {
            const nlohmann::json subject{
                {"kind", event.subject.kind}, {"id", event.subject.id}, {"name", event.subject.name}};
            journal::insert(session, {0, wall_now(), plugin_, event.code, event.name, event.tenant, event.user,
                                      subject.dump(), event.details.dump()});
        }
    };
    database_.write(insert, {}, by_people ? Database::Durability::full : Database::Durability::lazy);
    return {};
}

Outcome<std::vector<KnownTrigger>> PluginServices::triggers(std::string_view tenant, std::string_view type) {
    const auto rows = database_.read([&](Session &session) {
        return tasks::triggers_of_type(session, std::string(tenant), std::string(type));
    });
    std::vector<KnownTrigger> known;
    for (const auto &row : rows) {
        if (row.trigger.plugin != plugin_) continue;
        known.push_back({row.trigger.id,
                         nlohmann::json::parse(row.trigger.parameters),
                         row.started,
                         {row.trigger.task, row.task_name}});
    }
    return known;
}

Outcome<std::vector<orch::sdk::Tenant>> PluginServices::list() {
    std::vector<orch::sdk::Tenant> listed;
    for (const auto &tenant : tenants_)
        listed.push_back({tenant.id, tenant.name, tenant.time_offset, tenant.incoming_email});
    return listed;
}

Outcome<void> PluginServices::note(std::string_view page, std::string_view tenant, std::string_view item) {
    if (page_changed_) page_changed_({plugin_, std::string(page), std::string(tenant), std::string(item)});
    return {};
}

Outcome<bool> PluginServices::exists(std::string_view tenant, std::string_view name) {
    return database_.read(
        [&](Session &session) { return assets::exists(session, std::string(tenant), std::string(name)); });
}

Outcome<void> PluginServices::put(std::string_view tenant, std::string_view name, std::string_view value) {
    if (value.size() > largest_asset)
        return orch::sdk::Failure{orch::sdk::Status::invalid,
                                  "an asset may have " + std::to_string(largest_asset) +
                                      " bytes, this value has " + std::to_string(value.size())};
    const AssetRow asset{std::string(tenant), std::string(name), std::string(value), wall_now(), plugin_, true};
    bool is_there = false;
    const auto replace = [&](Session &session) {
        is_there = assets::exists(session, asset.tenant, asset.name);
        if (!is_there) return;
        assets::put(session, asset);
        audit::note(session, audit::asset_changed, {asset.tenant, {}, plugin_},
                    {"asset", asset.name, asset.name}, {{"bytes", asset.value.size()}});
    };
    // The job that follows syncs it to disk together with itself.
    database_.write(replace, {}, Database::Durability::lazy);
    if (!is_there) return orch::sdk::not_found("there is no asset " + asset.name);
    return {};
}

Outcome<void> PluginServices::send(std::string_view tenant, std::string_view key, const Notification &message) {
    return postman_->accept(plugin_, tenant, key, message);
}

} // namespace host
