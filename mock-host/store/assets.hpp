// Assets: JSON documents of a tenant, by name, that people put and plugins write into.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/times.hpp"
#include "store/database.hpp"

namespace host {

inline constexpr std::size_t longest_asset_name = 200;
inline constexpr std::size_t largest_asset = 1U << 20U; // bytes of its JSON

struct AssetRow {
    std::string tenant;
    std::string name;
    std::string value; // JSON
    Micros changed_at = 0;
    std::string changed_by; // a user, or a plugin
    bool by_plugin = false;
};

// Each takes a session of `Database::read` or `Database::write`.
namespace assets {

std::optional<AssetRow> find(Session &session, const std::string &tenant, const std::string &name);
bool exists(Session &session, const std::string &tenant, const std::string &name);
void put(Session &session, const AssetRow &asset);

// What plugins have written into the tenant's assets becomes null. Returns how many there were.
std::int64_t empty_those_of_plugins(Session &session, const std::string &tenant);

} // namespace assets
} // namespace host
