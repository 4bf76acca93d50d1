// DELETE /api/content: what is kept of a tenant's mails goes, in the host and in its plugins.
#include "http/resources.hpp"
#include "plugins/failure.hpp"

namespace host::http {

void add_erasure_calls(Router &router, JobQueue &queue, const PluginSet &plugins) {
    router.add("DELETE", "/api/content", Access::administrators, [&](const Request &request) {
        auto erased = nlohmann::json::object();
        std::optional<orch::sdk::Failure> failure;
        for (const auto &plugin : plugins.started()) {
            auto *erasure = plugins.erasure(plugin);
            if (erasure == nullptr) continue;
            const auto rows = erasure->erase(request.tenant);
            if (rows) {
                erased[plugin] = *rows;
            } else {
                failure = rows.failure();
            }
        }
        // As much as can be, and then the words for what could not.
        queue.erase(request.actor(), erased);
        if (failure) throw as_problem(*failure);
        return Response::empty();
    });
}

} // namespace host::http
