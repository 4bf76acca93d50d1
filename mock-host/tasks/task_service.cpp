#include "tasks/task_service.hpp"

#include <algorithm>
#include <functional>
#include <set>

#include "base/log.hpp"
#include "base/random_id.hpp"
#include "base/utf8.hpp"
#include "crash_point.hpp"
#include "plugins/failure.hpp"

namespace host {
namespace {

constexpr std::size_t longest_name = 200;
constexpr std::size_t longest_project = std::size_t{32} * 1024;
constexpr std::size_t most_triggers = 100;

std::size_t characters_in(std::string_view text) {
    return text.size() - static_cast<std::size_t>(std::ranges::count_if(text, continues_a_character));
}

std::string required_text(const nlohmann::json &form, const char *field, std::size_t longest,
                          std::vector<FieldFault> &faults) {
    const auto value = form.find(field);
    if (value == form.end() || !value->is_string() || value->get_ref<const std::string &>().empty()) {
        faults.push_back({field, "is required"});
        return {};
    }
    auto text = value->get<std::string>();
    if (characters_in(text) > longest) faults.push_back({field, "is too long"});
    if (text.find('\0') != std::string::npos) faults.push_back({field, "may not hold a zero character"});
    return text;
}

orch::sdk::Trigger as_trigger(const TaskRow &task, const TriggerRow &trigger,
                              const std::optional<tasks::Restored> &restored) {
    orch::sdk::Trigger told{
        trigger.id, trigger.type, task.tenant, {task.id, task.name}, nlohmann::json::parse(trigger.parameters)};
    if (restored) told.restored = {rfc3339(restored->known_until), rfc3339(restored->at)};
    return told;
}

audit::Subject subject_of(const TaskRow &task) {
    return {"task", task.id, task.name};
}

// Which parts differ, and not how: a command line may hold a secret.
std::vector<std::string> changes(const TaskRow &before, const TaskRow &after) {
    std::vector<std::string> names;
    if (before.name != after.name) names.emplace_back("name");
    if (before.project != after.project) names.emplace_back("project");
    const auto same = [](const TriggerRow &left, const TriggerRow &right) {
        return left.id == right.id && left.parameters == right.parameters;
    };
    if (!std::equal(before.triggers.begin(), before.triggers.end(), after.triggers.begin(),
                    after.triggers.end(), same)) {
        names.emplace_back("triggers");
    }
    return names;
}

const TriggerRow *find_trigger(const TaskRow &task, const std::string &id) {
    const auto found = std::find_if(task.triggers.begin(), task.triggers.end(),
                                    [&](const TriggerRow &trigger) { return trigger.id == id; });
    return found == task.triggers.end() ? nullptr : &*found;
}

} // namespace

TaskRow TaskService::create(const Actor &by, const nlohmann::json &form) {
    TaskRow task = read_form(by.tenant, form, nullptr);
    task.id = random_id();
    task.created_at = task.changed_at = wall_now();
    database_.write([&](Session &session) {
        tasks::insert(session, task);
        audit::note(session, audit::task_created, by, subject_of(task));
    });
    return get(by.tenant, task.id);
}

TaskRow TaskService::replace(const Actor &by, const std::string &id, const nlohmann::json &form) {
    const std::lock_guard lock(lock_of(id));
    const TaskRow before = get(by.tenant, id);
    TaskRow task = read_form(by.tenant, form, &before);
    task.id = id;
    task.created_at = before.created_at;
    task.changed_at = wall_now();
    task.started = before.started;
    database_.write([&](Session &session) {
        tasks::replace(session, task);
        audit::note(session, audit::task_changed, by, subject_of(task), {{"changed", changes(before, task)}});
    });
    forget_removed();
    if (before.started) {
        for (const auto &trigger : task.triggers) {
            const auto *old = find_trigger(before, trigger.id);
            if (old == nullptr || old->parameters != trigger.parameters || before.name != task.name) {
                start_trigger(task, trigger);
            }
        }
    }
    return get(by.tenant, id);
}

void TaskService::remove(const Actor &by, const std::string &id) {
    const std::lock_guard lock(lock_of(id));
    const TaskRow task = get(by.tenant, id);
    database_.write([&](Session &session) {
        tasks::remove(session, id);
        audit::note(session, audit::task_deleted, by, subject_of(task));
    });
    forget_removed();
}

TaskRow TaskService::start(const Actor &by, const std::string &id) {
    const std::lock_guard lock(lock_of(id));
    const TaskRow task = get(by.tenant, id);
    for (const auto &trigger : task.triggers) {
        if (plugins_.trigger_provider(trigger.plugin) == nullptr) {
            throw Problem(409, "plugin-missing", "the plugin " + trigger.plugin + " is not loaded");
        }
    }
    database_.write([&](Session &session) { tasks::set_started(session, id, true); });
    try {
        for (const auto &trigger : task.triggers)
            start_trigger(task, trigger);
    } catch (const Problem &) {
        // All or nothing: a task that says "started" watches all of its triggers.
        database_.write([&](Session &session) { tasks::set_started(session, id, false); });
        for (const auto &trigger : task.triggers) {
            static_cast<void>(plugins_.trigger_provider(trigger.plugin)->stop(trigger.id));
            note(trigger.id, std::nullopt);
        }
        throw;
    }
    if (!task.started) {
        database_.write(
            [&](Session &session) { audit::note(session, audit::task_started, by, subject_of(task)); });
    }
    return get(by.tenant, id);
}

TaskRow TaskService::stop(const Actor &by, const std::string &id) {
    const std::lock_guard lock(lock_of(id));
    const TaskRow task = get(by.tenant, id);
    database_.write([&](Session &session) {
        tasks::set_started(session, id, false);
        if (task.started) audit::note(session, audit::task_stopped, by, subject_of(task));
    });
    for (const auto &trigger : task.triggers) {
        note(trigger.id, std::nullopt);
        if (auto *provider = plugins_.trigger_provider(trigger.plugin)) need(provider->stop(trigger.id));
    }
    return get(by.tenant, id);
}

TaskRow TaskService::get(const std::string &tenant, const std::string &id) {
    auto task = database_.read([&](Session &session) { return tasks::find(session, tenant, id); });
    if (!task) throw not_found("there is no task " + id);
    return *std::move(task);
}

std::vector<TaskRow> TaskService::list(const std::string &tenant, const PageOf &page) {
    return database_.read([&](Session &session) { return tasks::list(session, tenant, page); });
}

TaskService::Watched TaskService::trigger(const std::string &tenant, const std::string &id) {
    auto row = database_.read([&](Session &session) { return tasks::find_trigger(session, id); });
    if (!row || row->tenant != tenant) throw not_found("there is no trigger " + id);
    Watched watched{*row, plugins_.trigger_provider(row->trigger.plugin), std::nullopt};
    const std::lock_guard lock(failed_mutex_);
    if (const auto found = failed_.find(id); found != failed_.end()) watched.start_error = found->second;
    return watched;
}

void TaskService::resume() {
    forget_removed();
    for (const auto &plugin : plugins_.started()) {
        const auto rows =
            database_.read([&](Session &session) { return tasks::started_triggers(session, plugin); });
        for (const auto &row : rows)
            note(row.trigger.id, "not started yet");
    }
    resume_failed();
}

void TaskService::resume_failed() {
    std::map<std::string, std::string> failed;
    {
        const std::lock_guard lock(failed_mutex_);
        failed = failed_;
    }
    for (const auto &[name, error] : failed) {
        const auto &id = name; // clang 14 can't capture the binding itself
        const auto row = database_.read([&](Session &session) { return tasks::find_trigger(session, id); });
        if (!row || !row->started) {
            note(id, std::nullopt);
            continue;
        }
        const std::lock_guard lock(lock_of(row->trigger.task));
        try {
            const TaskRow task = get(row->tenant, row->trigger.task);
            const auto *trigger = find_trigger(task, id);
            if (trigger != nullptr && task.started) start_trigger(task, *trigger);
        } catch (const Problem &problem) {
            if (error != problem.what()) {
                log_line(Severity::warning, "tasks", "trigger " + id + " is not started: " + problem.what());
            }
        }
    }
    forget_removed();
}

TaskRow TaskService::read_form(const std::string &tenant, const nlohmann::json &form, const TaskRow *before) {
    static const std::set<std::string> known{"name",   "project", "triggers",  "id",
                                             "tenant", "state",   "createdAt", "changedAt"};
    if (!form.is_object()) throw no_form();
    std::vector<FieldFault> faults;
    for (const auto &[key, value] : form.items()) {
        if (!known.contains(key)) faults.push_back({key, "a task has no such field"});
    }
    TaskRow task;
    task.tenant = tenant;
    task.name = required_text(form, "name", longest_name, faults);
    task.project = required_text(form, "project", longest_project, faults);
    const auto triggers = form.find("triggers");
    if (triggers != form.end() && !triggers->is_null()) {
        if (!triggers->is_array() || triggers->size() > most_triggers) {
            faults.push_back({"triggers", "must be a list of at most 100 triggers"});
        } else {
            for (std::size_t index = 0; index < triggers->size(); ++index) {
                task.triggers.push_back(read_trigger(tenant, (*triggers)[index], index, before, faults));
            }
        }
    }
    std::set<std::string> ids;
    for (const auto &trigger : task.triggers) {
        if (!ids.insert(trigger.id).second) faults.push_back({"triggers", "one trigger is there twice"});
    }
    if (!faults.empty()) throw invalid(std::move(faults));
    return task;
}

TriggerRow TaskService::read_trigger(const std::string &tenant, const nlohmann::json &form, std::size_t index,
                                     const TaskRow *before, std::vector<FieldFault> &faults) {
    const std::string place = "/triggers/" + std::to_string(index);
    TriggerRow trigger;
    if (!form.is_object()) {
        faults.push_back({"triggers", "a trigger must be an object", place});
        return trigger;
    }
    for (const auto &[key, value] : form.items()) {
        if (key == "id" || key == "type" || key == "parameters") continue;
        std::string pointer = place;
        pointer.append("/").append(key);
        faults.push_back({key, "a trigger has no such field", std::move(pointer)});
    }
    const auto text = [&](const char *key) {
        const auto found = form.find(key);
        return found != form.end() && found->is_string() ? found->get<std::string>() : std::string();
    };
    trigger.type = text("type");
    trigger.id = text("id");
    trigger.plugin = plugins_.owner_of_type(trigger.type);
    if (trigger.id.empty()) {
        trigger.id = random_id();
    } else {
        const auto *old = before == nullptr ? nullptr : find_trigger(*before, trigger.id);
        if (old == nullptr) {
            faults.push_back({"id", "the task has no such trigger; leave it out for a new one", place + "/id"});
        } else if (old->type != trigger.type) {
            faults.push_back(
                {"type", "a trigger keeps its type; leave its id out for a new one", place + "/type"});
        }
    }
    auto *provider = plugins_.trigger_provider(trigger.plugin);
    if (provider == nullptr) {
        faults.push_back({"type", "there is no trigger type \"" + trigger.type + "\"", place + "/type"});
        return trigger;
    }
    const auto parameters = form.find("parameters");
    const auto checked = provider->validate(
        {trigger.type, tenant, parameters == form.end() ? nlohmann::json::object() : *parameters});
    if (checked) {
        trigger.parameters = checked->dump();
    } else if (checked.failure().status != orch::sdk::Status::invalid || checked.failure().fields.empty()) {
        throw as_problem(checked.failure());
    } else {
        for (const auto &fault : checked.failure().fields) {
            faults.push_back({fault.field, fault.message, place + "/parameters/" + fault.field});
        }
    }
    return trigger;
}

void TaskService::start_trigger(const TaskRow &task, const TriggerRow &trigger) {
    auto *provider = plugins_.trigger_provider(trigger.plugin);
    if (provider == nullptr) {
        throw Problem(409, "plugin-missing", "the plugin " + trigger.plugin + " is not loaded");
    }
    const auto restored =
        database_.read([&](Session &session) { return tasks::restored(session, trigger.id); });
    const auto started = provider->start(as_trigger(task, trigger, restored));
    note(trigger.id, started ? std::nullopt : std::optional(started.failure().words));
    need(started);
    if (!restored) return;
    crash_point("host-before-restored-cleared");
    database_.write([&](Session &session) { tasks::finish_restored(session, trigger.id); });
}

void TaskService::forget_removed() {
    for (const auto &gone : database_.read([](Session &session) { return tasks::forgotten(session); })) {
        note(gone.id, std::nullopt);
        auto *provider = plugins_.trigger_provider(gone.plugin);
        if (provider == nullptr) continue;
        const auto forgotten = provider->forget(gone.id);
        if (!forgotten && forgotten.failure().status != orch::sdk::Status::not_found) {
            log_line(Severity::warning, gone.plugin,
                     "trigger " + gone.id + " is not forgotten yet: " + forgotten.failure().words);
            continue;
        }
        database_.write([&](Session &session) { tasks::finish_forgotten(session, gone.id); });
    }
}

std::mutex &TaskService::lock_of(const std::string &task) {
    return locks_[std::hash<std::string>{}(task) % locks_.size()];
}

void TaskService::note(const std::string &trigger, const std::optional<std::string> &error) {
    const std::lock_guard lock(failed_mutex_);
    if (error) {
        failed_[trigger] = *error;
    } else {
        failed_.erase(trigger);
    }
}

} // namespace host
