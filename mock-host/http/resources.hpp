// The calls of the host, one file for each group of them. What each needs it takes by reference, to be kept as
// long as the router.
#pragma once

#include "dashboard/state_sampler.hpp"
#include "http/event_log.hpp"
#include "http/request_counts.hpp"
#include "http/router.hpp"
#include "http/spoken_routes.hpp"
#include "http/stream_seats.hpp"
#include "jobs/queue.hpp"
#include "mail/postman.hpp"
#include "plugins/plugin_set.hpp"
#include "security/attempts.hpp"
#include "security/sessions.hpp"
#include "store/database.hpp"
#include "tasks/task_service.hpp"

namespace host::http {

void add_general_calls(Router &router, const PluginSet &plugins, const JobQueue &queue); // healthz, plugins
void add_settings_calls(SpokenRoutes &router, const PluginSet &plugins);
void add_trigger_type_calls(SpokenRoutes &router, const PluginSet &plugins);
void add_task_calls(SpokenRoutes &router, TaskService &tasks);
void add_trigger_calls(SpokenRoutes &router, TaskService &tasks, Database &database);
void add_job_calls(Router &router, Database &database, JobQueue &queue,
                   const std::filesystem::path &jobs_folder);
void add_erasure_calls(Router &router, JobQueue &queue, const PluginSet &plugins);
void add_journal_calls(Router &router, Database &database);
void add_asset_calls(Router &router, Database &database);
void add_event_calls(Router &router, EventLog &log, StreamSeats &seats);
void add_metrics_calls(Router &router, Database &database, const JobQueue &queue, const PluginSet &plugins,
                       const RequestCounts &counts, const StreamSeats &seats, const Postman *postman);
void add_dashboard_calls(Router &router, Database &database, const StateSampler &sampler);
void add_openapi_calls(Router &router);
void add_page_calls(Router &router, const std::filesystem::path &web); // the web pages; `web` need not be there

// What signing in takes.
struct SignIn {
    const Configuration &configuration;
    const Users &users;
    BrowserSessions &sessions;
    Attempts &attempts;
};
void add_session_calls(Router &router, const SignIn &parts, Database &database); // login, logout, me

} // namespace host::http
