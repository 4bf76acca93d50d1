#include "base/problem.hpp"
#include "http/resources.hpp"

namespace host::http {
namespace {

nlohmann::json plugin_document(const PluginStatus &plugin) {
    nlohmann::json document{
        {"folder", plugin.folder},
        {"state", state_name(plugin.state)},
        {"error", plugin.error.empty() ? nlohmann::json(nullptr) : nlohmann::json(plugin.error)}};
    for (const auto *key : {"id", "version", "interface", "name", "description"})
        document[key] = nullptr;
    document["extensions"] = nlohmann::json::array();
    if (plugin.manifest) {
        const auto &manifest = *plugin.manifest;
        document["id"] = manifest.id;
        document["version"] = manifest.version;
        document["interface"] =
            std::to_string(manifest.interface_major) + "." + std::to_string(manifest.interface_minor);
        document["extensions"] = manifest.extensions;
        document["name"] = manifest.texts["name"];
        document["description"] = manifest.texts["description"];
    }
    return document;
}

} // namespace

void add_general_calls(Router &router, const PluginSet &plugins, const JobQueue &queue) {
    router.add("GET", "/healthz", Access::everyone, [&](const Request &) {
        return Response::of({{"status", "ok"}, {"intake", queue.use().paused ? "paused" : "open"}});
    });
    router.add("GET", "/api/plugins", Access::signed_in, [&](const Request &request) {
        auto items = nlohmann::json::array();
        for (const auto &plugin : plugins.statuses())
            items.push_back(plugin_document(plugin));
        return Response::of(piece_of(items, request));
    });
}

} // namespace host::http
