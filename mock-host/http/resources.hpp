// The calls of the host, one file for each group of them. What each needs it takes by reference, to be kept as
// long as the router.
#pragma once

#include "http/router.hpp"
#include "jobs/queue.hpp"
#include "plugins/plugin_set.hpp"
#include "store/database.hpp"
#include "tasks/task_service.hpp"

namespace host::http {

void add_general_calls(Router &router, const PluginSet &plugins, const JobQueue &queue); // healthz, plugins, me
void add_settings_calls(Router &router, const PluginSet &plugins);
void add_trigger_type_calls(Router &router, const PluginSet &plugins);
void add_task_calls(Router &router, TaskService &tasks);
void add_trigger_calls(Router &router, TaskService &tasks);
void add_job_calls(Router &router, Database &database, JobQueue &queue,
                   const std::filesystem::path &jobs_folder);
void add_journal_calls(Router &router, Database &database);

} // namespace host::http
