#include "store/assets.hpp"

namespace host::assets {

using namespace Poco::Data::Keywords;

std::optional<AssetRow> find(Session &session, const std::string &tenant, const std::string &name) {
    AssetRow row{tenant, name, {}, 0, {}};
    Poco::Data::Statement statement(session);
    statement << "SELECT value, changed_at, changed_by, by_plugin FROM assets WHERE tenant = ? AND name = ?",
        bind(tenant), bind(name), into(row.value), into(row.changed_at), into(row.changed_by),
        into(row.by_plugin);
    if (statement.execute() == 0) return std::nullopt;
    return row;
}

bool exists(Session &session, const std::string &tenant, const std::string &name) {
    int found = 0;
    session << "SELECT COUNT(*) FROM assets WHERE tenant = ? AND name = ?", bind(tenant), bind(name),
        into(found), now;
    return found > 0;
}

void put(Session &session, const AssetRow &asset) {
    session << "INSERT INTO assets (tenant, name, value, changed_at, changed_by, by_plugin)"
               " VALUES (?, ?, ?, ?, ?, ?)"
               " ON CONFLICT (tenant, name) DO UPDATE SET value = excluded.value,"
               " changed_at = excluded.changed_at, changed_by = excluded.changed_by,"
               " by_plugin = excluded.by_plugin",
        bind(asset.tenant), bind(asset.name), bind(asset.value), bind(asset.changed_at), bind(asset.changed_by),
        bind(asset.by_plugin), now;
}

std::int64_t empty_those_of_plugins(Session &session, const std::string &tenant) {
    std::int64_t count = 0;
    session << "SELECT COUNT(*) FROM assets WHERE tenant = ? AND by_plugin = 1 AND value <> 'null'",
        bind(tenant), into(count), now;
    session << "UPDATE assets SET value = 'null' WHERE tenant = ? AND by_plugin = 1", bind(tenant), now;
    return count;
}

} // namespace host::assets
