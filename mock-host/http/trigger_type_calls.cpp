#include "base/problem.hpp"
#include "http/resources.hpp"
#include "plugins/failure.hpp"

namespace host::http {
namespace {

Response preview(const PluginSet &plugins, const Request &request) {
    const auto &type = request.name("type");
    auto *provider = plugins.trigger_provider(plugins.owner_of_type(type));
    if (provider == nullptr) throw not_found("there is no trigger type " + type);
    const auto body = request.form();
    const auto limit = body.value("limit", nlohmann::json(20));
    if (!limit.is_number_integer() || limit < 1 || limit > 100) {
        throw invalid({{"limit", "must be a number from 1 to 100"}});
    }
    const auto parameters = body.value("parameters", nlohmann::json::object());
    if (!parameters.is_object()) throw invalid({{"parameters", "must be an object"}});
    return Response::of(need(provider->preview({type, request.tenant, parameters}, limit.get<std::uint32_t>(),
                                               orch::sdk::Cancellation(request.given_up))));
}

} // namespace

void add_trigger_type_calls(SpokenRoutes &router, const PluginSet &plugins) {
    // The forms offer the tenant's mailboxes, which only those may see who set triggers up.
    router.add("GET", "/api/trigger-types", Access::administrators, [&](const Request &request) {
        return Response::of(piece_of(plugins.trigger_types(request.tenant, request.locale()), request));
    });
    router.add("GET", "/api/trigger-types/{type}", Access::administrators, [&](const Request &request) {
        for (const auto &type : plugins.trigger_types(request.tenant, request.locale())) {
            if (type["id"] == request.name("type")) return Response::of(type);
        }
        throw not_found("there is no trigger type " + request.name("type"));
    });
    router.add("POST", "/api/trigger-types/{type}/preview", Access::administrators,
               [&](const Request &request) { return preview(plugins, request); });
}

} // namespace host::http
