#include "config/configuration.hpp"

#include <algorithm>
#include <filesystem>
#include <limits>
#include <set>

#include "base/files.hpp"
#include "config/incoming_email.hpp"

namespace host {
namespace {

constexpr auto unbounded = std::numeric_limits<std::int64_t>::max();

// An id travels in a header and in file names.
bool is_plain(const std::string &id) {
    return id.size() <= 100 && std::all_of(id.begin(), id.end(), [](unsigned char c) {
               return c > 0x20 && c < 0x7F && c != '/' && c != ',' && c != ';' && c != '"';
           });
}

nlohmann::json incoming_email(Section &of) {
    auto section = of.section("IncomingEmail");
    return section ? read_incoming_email(*std::move(section)) : nlohmann::json(nullptr);
}

std::vector<Tenant> read_tenants(std::optional<Section> section) {
    std::vector<Tenant> tenants{{.id = "", .name = "Default", .incoming_email = nullptr}};
    if (!section) return tenants;
    if (!section->boolean("FromAppsettings").value_or(true)) {
        section->refuse("FromAppsettings", "must be true: this host keeps its tenants here and nowhere else");
    }
    tenants.front().name = section->text("Name").value_or("Default");
    tenants.front().time_offset = section->number("TimeOffset").value_or(0);
    tenants.front().incoming_email = incoming_email(*section);
    std::set<std::string> ids;
    for (auto &item : section->sections("Items")) {
        Tenant tenant;
        tenant.id = item.required_text("Id");
        if (!is_plain(tenant.id))
            item.refuse("Id", "may hold only printable ASCII without spaces and / , ; \"");
        if (!ids.insert(tenant.id).second) item.refuse("Id", "is there twice");
        tenant.name = item.text("Name").value_or(tenant.id);
        tenant.time_offset = item.number("TimeOffset").value_or(tenants.front().time_offset);
        tenant.incoming_email = incoming_email(item);
        item.refuse_unknown();
        tenants.push_back(std::move(tenant));
    }
    section->refuse_unknown();
    return tenants;
}

Role read_role(Section &section) {
    const auto role = section.required_text("Role");
    if (role == "Administrator") return Role::administrator;
    if (role == "TenantAdministrator") return Role::tenant_administrator;
    if (role == "User") return Role::user;
    section.refuse("Role", R"(must be "Administrator", "TenantAdministrator" or "User")");
}

std::vector<ConfiguredUser> read_users(Section &file, const Configuration &so_far) {
    std::vector<ConfiguredUser> users;
    std::set<std::string> names;
    std::set<std::string> tokens;
    for (auto &section : file.sections("Users")) {
        ConfiguredUser user;
        user.name = section.required_text("Name");
        if (!names.insert(user.name).second) section.refuse("Name", "is there twice");
        user.role = read_role(section);
        user.tenant = section.text("Tenant").value_or("");
        if (!so_far.knows_tenant(user.tenant)) section.refuse("Tenant", "is not among Tenants.Items");
        user.password_hash = section.text("Password");
        user.token = section.text("Token");
        if (user.token && user.token->empty()) section.refuse("Token", "must not be empty");
        if (user.token && !tokens.insert(*user.token).second) section.refuse("Token", "is another user's too");
        section.refuse_unknown();
        users.push_back(std::move(user));
    }
    return users;
}

JobLimits read_jobs(std::optional<Section> section) {
    JobLimits limits;
    if (!section) return limits;
    limits.concurrency = section->integer("Concurrency", 1, 1000).value_or(limits.concurrency);
    limits.retention_hours = section->integer("RetentionHours", 0, 24L * 3660).value_or(limits.retention_hours);
    limits.spool_max_bytes = section->integer("SpoolMaxBytes", 1, unbounded).value_or(limits.spool_max_bytes);
    section->refuse_unknown();
    return limits;
}

} // namespace

bool Configuration::knows_tenant(const std::string &id) const {
    return std::any_of(tenants.begin(), tenants.end(), [&](const Tenant &tenant) { return tenant.id == id; });
}

nlohmann::json Configuration::for_plugin(const std::string &id) const {
    const auto own = plugins.find(id);
    return {{"plugin", own == plugins.end() ? nlohmann::json::object() : own->second},
            {"assignment", {{"ChainLimiterTriggerEventTime", chain_limiter_ms}}}};
}

Configuration read_configuration(const nlohmann::json &file) {
    Section root(file, "");
    Configuration configuration;
    configuration.tenants = read_tenants(root.section("Tenants"));
    configuration.users = read_users(root, configuration);
    if (auto assignment = root.section("Assignment")) {
        configuration.chain_limiter_ms =
            assignment->integer("ChainLimiterTriggerEventTime", 0, 86'400'000).value_or(0);
        assignment->refuse_unknown();
    }
    configuration.jobs = read_jobs(root.section("Jobs"));
    if (auto notifications = root.section("Notifications"))
        configuration.notifications = read_notifications(*std::move(notifications));
    if (auto plugins = root.section("Plugins")) {
        for (const auto &[id, section] : plugins->json().items()) {
            if (!section.is_object()) plugins->refuse(id, "must be an object");
            configuration.plugins[id] = section;
        }
    }
    root.refuse_unknown();
    return configuration;
}

Configuration read_configuration_file(const std::string &file) {
    const auto text = read_file(file);
    if (!text) throw ConfigurationRefused(file + ": no such file");
    try {
        return read_configuration(nlohmann::json::parse(*text));
    } catch (const nlohmann::json::parse_error &error) {
        throw ConfigurationRefused(file + ": " + error.what());
    } catch (const ConfigurationRefused &refused) {
        throw ConfigurationRefused(file + ": " + refused.what());
    }
}

std::map<std::string, std::string> sealed_texts(const Configuration &configuration) {
    std::map<std::string, std::string> found;
    for (std::size_t index = 0; index < configuration.tenants.size(); ++index) {
        const std::string tenant = index == 0 ? "Tenants" : "Tenants.Items[" + std::to_string(index - 1) + "]";
        for (auto &[path, text] : incoming_email_secrets(configuration.tenants[index].incoming_email)) {
            found[std::string(tenant).append(".IncomingEmail.").append(path)] = text;
        }
    }
    if (configuration.notifications && !configuration.notifications->password.empty())
        found["Notifications.Smtp.Password"] = configuration.notifications->password;
    return found;
}

} // namespace host
