// Assets: JSON documents that robots share. What is sent is what is kept and what comes back.
#include "base/problem.hpp"
#include "http/resources.hpp"
#include "store/assets.hpp"
#include "store/audit.hpp"

namespace host::http {
namespace {

const std::string &name_of(const Request &request) {
    const auto &name = request.name("name");
    if (name.size() > longest_asset_name || name.find('\0') != std::string::npos) {
        throw invalid({{"name", "must have 1 to 200 bytes"}});
    }
    return name;
}

Response of(const AssetRow &asset) {
    Response response;
    response.body = asset.value;
    response.headers.emplace_back("X-Orch-Changed-At", rfc3339(asset.changed_at));
    return response;
}

} // namespace

void add_asset_calls(Router &router, Database &database) {
    router.add("GET", "/api/assets/{name}", Access::signed_in, [&](const Request &request) {
        const auto asset = database.read(
            [&](Session &session) { return assets::find(session, request.tenant, name_of(request)); });
        if (!asset) throw not_found("there is no asset " + request.name("name"));
        return of(*asset);
    });
    router.add("PUT", "/api/assets/{name}", Access::administrators, [&](const Request &request) {
        if (request.body.empty()) throw Problem(400, "bad-json", "the body must be the asset's JSON");
        const AssetRow asset{request.tenant, name_of(request), request.json().dump(), wall_now(),
                             request.user.name};
        if (asset.value.size() > largest_asset) {
            throw Problem(413, "too-large", "an asset may have " + std::to_string(largest_asset) + " bytes");
        }
        database.write([&](Session &session) {
            assets::put(session, asset);
            audit::note(session, audit::asset_changed, request.actor(), {"asset", asset.name, asset.name},
                        {{"bytes", asset.value.size()}});
        });
        return of(asset);
    });
}

} // namespace host::http
