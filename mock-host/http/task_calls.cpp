#include "http/resources.hpp"

namespace host::http {
namespace {

nlohmann::json to_json(const TaskRow &task) {
    auto triggers = nlohmann::json::array();
    for (const auto &trigger : task.triggers) {
        triggers.push_back({{"id", trigger.id},
                            {"type", trigger.type},
                            {"parameters", nlohmann::json::parse(trigger.parameters)}});
    }
    return {{"id", task.id},
            {"tenant", task.tenant},
            {"name", task.name},
            {"project", task.project},
            {"state", task.started ? "started" : "stopped"},
            {"triggers", std::move(triggers)},
            {"createdAt", rfc3339(task.created_at)},
            {"changedAt", rfc3339(task.changed_at)}};
}

} // namespace

void add_task_calls(Router &router, TaskService &tasks) {
    router.add("GET", "/api/tasks", Access::signed_in, [&](const Request &request) {
        const auto page = request.page();
        return Response::of(list_of(tasks.list(request.tenant, page), page, to_json));
    });
    router.add("POST", "/api/tasks", Access::administrators, [&](const Request &request) {
        return Response::of(to_json(tasks.create(request.tenant, request.json())), 201);
    });
    router.add("GET", "/api/tasks/{task}", Access::signed_in, [&](const Request &request) {
        return Response::of(to_json(tasks.get(request.tenant, request.name("task"))));
    });
    router.add("PUT", "/api/tasks/{task}", Access::administrators, [&](const Request &request) {
        return Response::of(to_json(tasks.replace(request.tenant, request.name("task"), request.json())));
    });
    router.add("DELETE", "/api/tasks/{task}", Access::administrators, [&](const Request &request) {
        tasks.remove(request.tenant, request.name("task"));
        return Response::empty();
    });
    router.add("POST", "/api/tasks/{task}/start", Access::signed_in, [&](const Request &request) {
        return Response::of(to_json(tasks.start(request.tenant, request.name("task"))));
    });
    router.add("POST", "/api/tasks/{task}/stop", Access::signed_in, [&](const Request &request) {
        return Response::of(to_json(tasks.stop(request.tenant, request.name("task"))));
    });
}

} // namespace host::http
