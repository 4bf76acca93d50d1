#include "http/resources.hpp"
#include "http/row_shapes.hpp"

namespace host::http {
void add_task_calls(SpokenRoutes &router, TaskService &tasks) {
    router.add("GET", "/api/tasks", Access::signed_in, [&](const Request &request) {
        const auto page = request.page();
        return Response::of(
            list_of(tasks.list(request.tenant, page), page, [](const TaskRow &row) { return to_json(row); }));
    });
    router.add("POST", "/api/tasks", Access::administrators, [&](const Request &request) {
        return Response::of(to_json(tasks.create(request.actor(), request.json())), 201);
    });
    router.add("GET", "/api/tasks/{task}", Access::signed_in, [&](const Request &request) {
        return Response::of(to_json(tasks.get(request.tenant, request.name("task"))));
    });
    router.add("PUT", "/api/tasks/{task}", Access::administrators, [&](const Request &request) {
        return Response::of(to_json(tasks.replace(request.actor(), request.name("task"), request.json())));
    });
    router.add("DELETE", "/api/tasks/{task}", Access::administrators, [&](const Request &request) {
        tasks.remove(request.actor(), request.name("task"));
        return Response::empty();
    });
    router.add("POST", "/api/tasks/{task}/start", Access::signed_in, [&](const Request &request) {
        return Response::of(to_json(tasks.start(request.actor(), request.name("task"))));
    });
    router.add("POST", "/api/tasks/{task}/stop", Access::signed_in, [&](const Request &request) {
        return Response::of(to_json(tasks.stop(request.actor(), request.name("task"))));
    });
}

} // namespace host::http
