// A trigger's own state and the log of what it decided, as its plugin tells them.
#include "base/problem.hpp"
#include "http/resources.hpp"
#include "plugins/failure.hpp"
#include "store/audit.hpp"

namespace host::http {
namespace {

nlohmann::json state_of(const TaskService::Watched &watched) {
    const auto &row = watched.row;
    nlohmann::json state{{"id", row.trigger.id}, {"state", "stopped"},  {"since", nullptr},
                         {"lastFired", nullptr}, {"lastMail", nullptr}, {"error", nullptr}};
    const auto report = [&](const std::string &words) {
        state["state"] = "error";
        state["error"] = {{"step", "host"}, {"serverText", nullptr}, {"advice", words}};
    };
    if (watched.provider == nullptr) {
        if (row.started) report("the plugin " + row.trigger.plugin + " is not loaded");
    } else if (row.started && watched.start_error) {
        report(*watched.start_error);
    } else if (auto told = watched.provider->state(row.trigger.id); told) {
        state.update(*told);
    } else if (told.failure().status != orch::sdk::Status::not_found) {
        // A trigger that was never started is nothing to the plugin yet.
        throw as_problem(told.failure());
    }
    state["type"] = row.trigger.type;
    state["parameters"] = nlohmann::json::parse(row.trigger.parameters);
    state["task"] = {{"id", row.trigger.task}, {"name", row.task_name}};
    return state;
}

orch::sdk::TriggerProvider &provider_of(const TaskService::Watched &watched) {
    if (watched.provider == nullptr) {
        throw Problem(409, "plugin-missing", "the plugin " + watched.row.trigger.plugin + " is not loaded");
    }
    return *watched.provider;
}

// What a person may do to a row of a message log, and what the journal calls it.
const std::map<std::string, audit::Kind> message_actions{{"retry", audit::message_retried},
                                                         {"skip", audit::message_skipped},
                                                         {"start-again", audit::message_started_again},
                                                         {"release-all", audit::held_released},
                                                         {"skip-all", audit::held_skipped}};

} // namespace

void add_trigger_calls(SpokenRoutes &router, TaskService &tasks, Database &database) {
    router.add("GET", "/api/triggers/{trigger}", Access::signed_in, [&](const Request &request) {
        return Response::of(state_of(tasks.trigger(request.tenant, request.name("trigger"))));
    });
    router.add("GET", "/api/triggers/{trigger}/messages", Access::signed_in, [&](const Request &request) {
        const auto watched = tasks.trigger(request.tenant, request.name("trigger"));
        return Response::of(need(provider_of(watched).messages(
            watched.row.trigger.id,
            {request.parameter("after"), static_cast<std::uint32_t>(request.limit())})));
    });
    router.add("POST", "/api/triggers/{trigger}/messages/{row}/{action}", Access::administrators,
               [&](const Request &request) {
                   const auto watched = tasks.trigger(request.tenant, request.name("trigger"));
                   const auto &action = request.name("action");
                   const auto kind = message_actions.find(action);
                   if (kind == message_actions.end()) throw not_found("there is no action " + action);
                   const auto &trigger = watched.row.trigger;
                   const auto row = need(provider_of(watched).message_action(
                       trigger.id, {request.name("row"), action, request.user.name}));
                   database.write([&](Session &session) {
                       audit::note(session, kind->second, request.actor(),
                                   {"trigger", trigger.id, watched.row.task_name},
                                   {{"message", request.name("row")}});
                   });
                   return Response::of(row);
               });
}

} // namespace host::http
