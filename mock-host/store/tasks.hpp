// Tasks and their triggers, as rows.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/times.hpp"
#include "store/database.hpp"

namespace host {

struct TriggerRow {
    std::string id;
    std::string task;
    std::string plugin; // whose type it is
    std::string type;
    std::string parameters; // JSON, with the defaults filled in
};

struct TaskRow {
    std::int64_t seq = 0;
    std::string id;
    std::string tenant;
    std::string name;
    std::string project;
    bool started = false;
    Micros created_at = 0;
    Micros changed_at = 0;
    std::vector<TriggerRow> triggers; // in the order of the form
};

// A piece of a list, newest first.
struct PageOf {
    std::optional<std::int64_t> before; // the cursor: seq of the last row shown
    std::int64_t limit = 100;
    bool oldest_first = false; // then `before` means after
};

// A trigger with the task that it belongs to.
struct TriggerOfTask {
    TriggerRow trigger;
    std::string tenant;
    std::string task_name;
    std::string project;
    bool started = false;
};

struct ForgottenTrigger {
    std::string id;
    std::string plugin;
};

// Each takes a session of `Database::read` or `Database::write`.
namespace tasks {

void insert(Session &session, const TaskRow &task);

// Replaces all but tenant and createdAt. Triggers that are no longer there are noted as forgotten.
void replace(Session &session, const TaskRow &task);

// Notes its triggers as forgotten.
void remove(Session &session, const std::string &task);

void set_started(Session &session, const std::string &task, bool started);

std::optional<TaskRow> find(Session &session, const std::string &tenant, const std::string &task);
std::vector<TaskRow> list(Session &session, const std::string &tenant, const PageOf &page);

std::optional<TriggerOfTask> find_trigger(Session &session, const std::string &trigger);
std::vector<TriggerOfTask> triggers_of_type(Session &session, const std::string &tenant,
                                            const std::string &type);
std::vector<TriggerOfTask> started_triggers(Session &session, const std::string &plugin);

std::vector<ForgottenTrigger> forgotten(Session &session);
void finish_forgotten(Session &session, const std::string &trigger);

// When anything here was changed last, by a person or by a job; 0: never.
Micros last_activity(Session &session);

// A backup was restored: what a trigger's plugin is to be told at its next start.
struct Restored {
    Micros known_until = 0; // the last that the backup knows of
    Micros at = 0;
};
// Notes it for every trigger. How many of each tenant.
std::map<std::string, std::int64_t> note_restored(Session &session, const Restored &restored);
std::optional<Restored> restored(Session &session, const std::string &trigger);
void finish_restored(Session &session, const std::string &trigger);

} // namespace tasks
} // namespace host
