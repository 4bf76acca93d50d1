// Settings pages: what a plugin describes and keeps, passed through to those who may see it.
#include "base/problem.hpp"
#include "http/resources.hpp"
#include "plugins/failure.hpp"

namespace host::http {
namespace {

using orch::sdk::Caller;
using orch::sdk::SettingsPage;

SettingsPage &page_of(const PluginSet &plugins, const Request &request) {
    const auto &id = request.name("page");
    const auto owner = plugins.owner_of_page(id);
    auto *page = plugins.settings_page(owner);
    if (page == nullptr) throw not_found("there is no settings page " + id);
    return *page;
}

Caller caller_of(const Request &request) {
    return {request.tenant, request.user.name, request.locale()};
}

orch::sdk::PageQuery query_of(const Request &request) {
    return {request.parameter("after"), static_cast<std::uint32_t>(request.limit())};
}

orch::sdk::PageAction action_of(const Request &request) {
    const auto form = request.form();
    orch::sdk::PageAction action{request.name("action")};
    std::vector<FieldFault> faults;
    for (const auto &[key, value] : form.items()) {
        if (key == "id") {
            if (value.is_string()) action.item = value.get<std::string>();
            if (!value.is_string() && !value.is_null()) faults.push_back({key, "must be text"});
        } else if (key == "values") {
            if (value.is_object()) action.values = value;
            if (!value.is_object()) faults.push_back({key, "must be an object: the form's fields"});
        } else {
            faults.push_back({key, R"(is no part of an action, which takes {"id"?, "values": {...}})"});
        }
    }
    if (!faults.empty()) throw invalid(std::move(faults));
    return action;
}

bool wants_lines(const Request &request) {
    return request.header("accept").value_or("").find("application/x-ndjson") != std::string::npos;
}

Response act(const PluginSet &plugins, const Request &request) {
    auto &page = page_of(plugins, request);
    const orch::sdk::Cancellation cancellation(request.given_up);
    const auto run = [&page, request, action = action_of(request),
                      cancellation](const orch::sdk::Progress &progress) {
        return need(page.action(request.name("page"), caller_of(request), action, cancellation, progress));
    };
    if (!wants_lines(request)) {
        return Response::of(run([](const nlohmann::json &) { return true; }));
    }
    Response response;
    response.content_type = "application/x-ndjson";
    response.lines = [run](const SendLine &send) {
        bool told = false;
        const auto result = run([&](const nlohmann::json &step) {
            told = true;
            return send(step);
        });
        // The steps say it all; of an action that has none, its result is the one line.
        if (!told) send(result);
    };
    return response;
}

} // namespace

void add_settings_calls(SpokenRoutes &router, const PluginSet &plugins) {
    const auto access = Access::administrators;
    router.add("GET", "/api/settings-pages", access, [&](const Request &request) {
        return Response::of(piece_of(plugins.settings_pages(), request));
    });
    router.add("GET", "/api/settings-pages/{page}", access, [&](const Request &request) {
        for (const auto &page : plugins.settings_pages()) {
            if (page["id"] == request.name("page")) return Response::of(page);
        }
        throw not_found("there is no settings page " + request.name("page"));
    });
    router.add("GET", "/api/settings-pages/{page}/items", access, [&](const Request &request) {
        return Response::of(
            need(page_of(plugins, request).list(request.name("page"), caller_of(request), query_of(request))));
    });
    router.add("POST", "/api/settings-pages/{page}/items", access, [&](const Request &request) {
        return Response::of(
            need(page_of(plugins, request).create(request.name("page"), caller_of(request), request.form())),
            201);
    });
    router.add("GET", "/api/settings-pages/{page}/items/{item}", access, [&](const Request &request) {
        return Response::of(need(
            page_of(plugins, request).get(request.name("page"), caller_of(request), request.name("item"))));
    });
    router.add("PUT", "/api/settings-pages/{page}/items/{item}", access, [&](const Request &request) {
        return Response::of(
            need(page_of(plugins, request)
                     .update(request.name("page"), caller_of(request), request.name("item"), request.form())));
    });
    router.add("DELETE", "/api/settings-pages/{page}/items/{item}", access, [&](const Request &request) {
        need(page_of(plugins, request).remove(request.name("page"), caller_of(request), request.name("item")));
        return Response::empty();
    });
    router.add("POST", "/api/settings-pages/{page}/actions/{action}", access,
               [&](const Request &request) { return act(plugins, request); });
}

} // namespace host::http
