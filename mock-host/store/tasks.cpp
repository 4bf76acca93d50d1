#include "store/tasks.hpp"

#include <algorithm>
#include <limits>

#include <Poco/Data/TypeHandler.h>

namespace Poco::Data {

// The signatures are Poco's.
// NOLINTBEGIN(performance-unnecessary-value-param)
template <>
class TypeHandler<host::TaskRow> {
  public:
    static std::size_t size() { return 8; }
    static void extract(std::size_t at, host::TaskRow &row, const host::TaskRow &,
                        AbstractExtractor::Ptr from) {
        TypeHandler<Int64>::extract(at++, row.seq, 0, from);
        TypeHandler<std::string>::extract(at++, row.id, {}, from);
        TypeHandler<std::string>::extract(at++, row.tenant, {}, from);
        TypeHandler<std::string>::extract(at++, row.name, {}, from);
        TypeHandler<std::string>::extract(at++, row.project, {}, from);
        TypeHandler<bool>::extract(at++, row.started, false, from);
        TypeHandler<Int64>::extract(at++, row.created_at, 0, from);
        TypeHandler<Int64>::extract(at++, row.changed_at, 0, from);
    }
    static void prepare(std::size_t, const host::TaskRow &, AbstractPreparator::Ptr) {}
};

template <>
class TypeHandler<host::TriggerOfTask> {
  public:
    static std::size_t size() { return 9; }
    static void extract(std::size_t at, host::TriggerOfTask &row, const host::TriggerOfTask &,
                        AbstractExtractor::Ptr from) {
        for (auto *field : {&row.trigger.id, &row.trigger.task, &row.trigger.plugin, &row.trigger.type,
                            &row.trigger.parameters, &row.tenant, &row.task_name, &row.project}) {
            TypeHandler<std::string>::extract(at++, *field, {}, from);
        }
        TypeHandler<bool>::extract(at++, row.started, false, from);
    }
    static void prepare(std::size_t, const host::TriggerOfTask &, AbstractPreparator::Ptr) {}
};
// NOLINTEND(performance-unnecessary-value-param)

} // namespace Poco::Data

namespace host::tasks {
namespace {

using namespace Poco::Data::Keywords;

const std::string task_columns =
    "SELECT seq, id, tenant, name, project, started, created_at, changed_at FROM tasks ";
const std::string trigger_columns =
    "SELECT g.id, g.task, g.plugin, g.type, g.parameters, t.tenant, t.name, t.project, t.started"
    " FROM triggers g JOIN tasks t ON t.id = g.task ";

void insert_triggers(Session &session, const TaskRow &task) {
    for (std::size_t position = 0; position < task.triggers.size(); ++position) {
        const auto &trigger = task.triggers[position];
        session
            << "INSERT INTO triggers (id, task, position, plugin, type, parameters) VALUES (?, ?, ?, ?, ?, ?)",
            bind(trigger.id), bind(task.id), bind(static_cast<Poco::Int64>(position)), bind(trigger.plugin),
            bind(trigger.type), bind(trigger.parameters), now;
    }
}

std::vector<TriggerOfTask> triggers_of(Session &session, const std::string &task) {
    std::vector<TriggerOfTask> rows;
    session << trigger_columns + "WHERE g.task = ? ORDER BY g.position", bind(task), into(rows), now;
    return rows;
}

void add_triggers(Session &session, TaskRow &task) {
    for (auto &row : triggers_of(session, task.id))
        task.triggers.push_back(std::move(row.trigger));
}

void note_forgotten(Session &session, const TriggerRow &trigger) {
    session << "INSERT OR IGNORE INTO forgotten_triggers (id, plugin) VALUES (?, ?)", bind(trigger.id),
        bind(trigger.plugin), now;
    finish_restored(session, trigger.id);
}

} // namespace

void insert(Session &session, const TaskRow &task) {
    session << "INSERT INTO tasks (id, tenant, name, project, started, created_at, changed_at)"
               " VALUES (?, ?, ?, ?, ?, ?, ?)",
        bind(task.id), bind(task.tenant), bind(task.name), bind(task.project), bind(task.started),
        bind(task.created_at), bind(task.changed_at), now;
    insert_triggers(session, task);
}

void replace(Session &session, const TaskRow &task) {
    for (const auto &before : triggers_of(session, task.id)) {
        const bool kept =
            std::any_of(task.triggers.begin(), task.triggers.end(),
                        [&](const TriggerRow &trigger) { return trigger.id == before.trigger.id; });
        if (!kept) note_forgotten(session, before.trigger);
    }
    session << "DELETE FROM triggers WHERE task = ?", bind(task.id), now;
    insert_triggers(session, task);
    session << "UPDATE tasks SET name = ?, project = ?, changed_at = ? WHERE id = ?", bind(task.name),
        bind(task.project), bind(task.changed_at), bind(task.id), now;
}

void remove(Session &session, const std::string &task) {
    for (const auto &row : triggers_of(session, task))
        note_forgotten(session, row.trigger);
    session << "DELETE FROM tasks WHERE id = ?", bind(task), now;
}

void set_started(Session &session, const std::string &task, bool started) {
    session << "UPDATE tasks SET started = ? WHERE id = ?", bind(started), bind(task), now;
}

std::optional<TaskRow> find(Session &session, const std::string &tenant, const std::string &task) {
    std::vector<TaskRow> rows;
    session << task_columns + "WHERE id = ? AND tenant = ?", bind(task), bind(tenant), into(rows), now;
    if (rows.empty()) return std::nullopt;
    add_triggers(session, rows.front());
    return rows.front();
}

std::vector<TaskRow> list(Session &session, const std::string &tenant, const PageOf &page) {
    std::vector<TaskRow> rows;
    const std::string order = page.oldest_first ? "seq > ? ORDER BY seq" : "seq < ? ORDER BY seq DESC";
    const std::int64_t start =
        page.before.value_or(page.oldest_first ? 0 : std::numeric_limits<std::int64_t>::max());
    session << task_columns + "WHERE tenant = ? AND " + order + " LIMIT ?", bind(tenant), bind(start),
        bind(page.limit), into(rows), now;
    for (auto &row : rows)
        add_triggers(session, row);
    return rows;
}

std::optional<TriggerOfTask> find_trigger(Session &session, const std::string &trigger) {
    std::vector<TriggerOfTask> rows;
    session << trigger_columns + "WHERE g.id = ?", bind(trigger), into(rows), now;
    if (rows.empty()) return std::nullopt;
    return rows.front();
}

std::vector<TriggerOfTask> triggers_of_type(Session &session, const std::string &tenant,
                                            const std::string &type) {
    std::vector<TriggerOfTask> rows;
    session << trigger_columns + "WHERE t.tenant = ? AND g.type = ? ORDER BY t.seq, g.position", bind(tenant),
        bind(type), into(rows), now;
    return rows;
}

std::vector<TriggerOfTask> started_triggers(Session &session, const std::string &plugin) {
    std::vector<TriggerOfTask> rows;
    session << trigger_columns + "WHERE g.plugin = ? AND t.started ORDER BY t.seq, g.position", bind(plugin),
        into(rows), now;
    return rows;
}

std::vector<ForgottenTrigger> forgotten(Session &session) {
    std::vector<std::string> ids;
    std::vector<std::string> plugins;
    session << "SELECT id, plugin FROM forgotten_triggers", into(ids), into(plugins), now;
    std::vector<ForgottenTrigger> rows;
    for (std::size_t index = 0; index < ids.size(); ++index)
        rows.push_back({ids[index], plugins[index]});
    return rows;
}

void finish_forgotten(Session &session, const std::string &trigger) {
    session << "DELETE FROM forgotten_triggers WHERE id = ?", bind(trigger), now;
}

Micros last_activity(Session &session) {
    Micros at = 0;
    session << "SELECT MAX(COALESCE((SELECT MAX(changed_at) FROM tasks), 0),"
               " COALESCE((SELECT MAX(at) FROM journal), 0),"
               " COALESCE((SELECT MAX(MAX(created_at, COALESCE(started_at, 0), COALESCE(ended_at, 0)))"
               " FROM jobs), 0))",
        into(at), now;
    return at;
}

std::map<std::string, std::int64_t> note_restored(Session &session, const Restored &restored) {
    // Of two restores of which the plugin has not heard, both gaps count.
    session << "INSERT INTO restored_triggers (id, known_until, restored_at) SELECT id, ?, ? FROM triggers"
               " WHERE true ON CONFLICT (id) DO UPDATE SET restored_at = excluded.restored_at,"
               " known_until = MIN(known_until, excluded.known_until)",
        bind(restored.known_until), bind(restored.at), now;
    return counts_of(session,
                     "SELECT t.tenant, COUNT(*) FROM triggers g JOIN tasks t ON t.id = g.task GROUP BY 1");
}

std::optional<Restored> restored(Session &session, const std::string &trigger) {
    std::vector<Micros> known_until;
    std::vector<Micros> at;
    session << "SELECT known_until, restored_at FROM restored_triggers WHERE id = ?", bind(trigger),
        into(known_until), into(at), now;
    if (at.empty()) return std::nullopt;
    return Restored{known_until.front(), at.front()};
}

void finish_restored(Session &session, const std::string &trigger) {
    session << "DELETE FROM restored_triggers WHERE id = ?", bind(trigger), now;
}

} // namespace host::tasks
