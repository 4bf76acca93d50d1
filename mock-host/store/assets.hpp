// Assets: JSON documents of a tenant, by name, that robots read and write.
#pragma once

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
    std::string changed_by;
};

// Each takes a session of `Database::read` or `Database::write`.
namespace assets {

std::optional<AssetRow> find(Session &session, const std::string &tenant, const std::string &name);
void put(Session &session, const AssetRow &asset);

} // namespace assets
} // namespace host
