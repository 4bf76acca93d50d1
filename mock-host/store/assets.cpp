#include "store/assets.hpp"

namespace host::assets {

using namespace Poco::Data::Keywords;

std::optional<AssetRow> find(Session &session, const std::string &tenant, const std::string &name) {
    AssetRow row{tenant, name, {}, 0, {}};
    Poco::Data::Statement statement(session);
    statement << "SELECT value, changed_at, changed_by FROM assets WHERE tenant = ? AND name = ?", bind(tenant),
        bind(name), into(row.value), into(row.changed_at), into(row.changed_by);
    if (statement.execute() == 0) return std::nullopt;
    return row;
}

void put(Session &session, const AssetRow &asset) {
    session << "INSERT INTO assets (tenant, name, value, changed_at, changed_by) VALUES (?, ?, ?, ?, ?)"
               " ON CONFLICT (tenant, name) DO UPDATE SET value = excluded.value,"
               " changed_at = excluded.changed_at, changed_by = excluded.changed_by",
        bind(asset.tenant), bind(asset.name), bind(asset.value), bind(asset.changed_at), bind(asset.changed_by),
        now;
}

} // namespace host::assets
