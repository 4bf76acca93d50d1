// The host's configuration file, read and checked as a whole before anything starts.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "config/notifications.hpp"
#include "config/section.hpp"

namespace host {

struct Tenant {
    std::string id; // empty: the default tenant
    std::string name;
    double time_offset = 0;        // hours, for display only
    nlohmann::json incoming_email; // the base mailbox as configured, secrets sealed; null: none
};

enum class Role { administrator, tenant_administrator, user };

struct ConfiguredUser {
    std::string name;
    Role role = Role::user;
    std::string tenant;
    std::optional<std::string> password_hash;
    std::optional<std::string> token;
};

struct JobLimits {
    std::int64_t concurrency = 4;
    std::int64_t retention_hours = 72;
    std::int64_t spool_max_bytes = std::int64_t{10} << 30;
};

struct Configuration {
    std::vector<Tenant> tenants; // the default tenant first
    std::vector<ConfiguredUser> users;
    std::int64_t chain_limiter_ms = 0; // Assignment.ChainLimiterTriggerEventTime
    JobLimits jobs;
    std::optional<SmtpSettings> notifications;     // empty: the host can't mail
    std::map<std::string, nlohmann::json> plugins; // by plugin id

    [[nodiscard]] bool knows_tenant(const std::string &id) const;

    // What a plugin is given: orch/host.h, `configuration`.
    [[nodiscard]] nlohmann::json for_plugin(const std::string &id) const;
};

// Throws ConfigurationRefused.
Configuration read_configuration(const nlohmann::json &file);
Configuration read_configuration_file(const std::string &file);

// The texts in the configuration that must have been made by password-encryptor, by their paths.
std::map<std::string, std::string> sealed_texts(const Configuration &configuration);

} // namespace host
