// Tasks: what people make of them, and what the plugins that watch their triggers are told.
//
// The database is the truth. A plugin is told after the change is durable, and told again at each start of the
// host, so that a crash in between leaves nothing started that should not be, or the other way round.
#pragma once

#include <array>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "base/problem.hpp"
#include "plugins/plugin_set.hpp"
#include "store/audit.hpp"
#include "store/database.hpp"
#include "store/tasks.hpp"

namespace host {

class TaskService {
  public:
    TaskService(Database &database, PluginSet &plugins) : database_(database), plugins_(plugins) {}

    // All [any thread]; they throw Problem.
    TaskRow create(const Actor &by, const nlohmann::json &form);
    TaskRow replace(const Actor &by, const std::string &id, const nlohmann::json &form);
    void remove(const Actor &by, const std::string &id);
    TaskRow start(const Actor &by, const std::string &id);
    TaskRow stop(const Actor &by, const std::string &id);
    TaskRow get(const std::string &tenant, const std::string &id);
    std::vector<TaskRow> list(const std::string &tenant, const PageOf &page);

    // A trigger of the tenant with its plugin.
    struct Watched {
        TriggerOfTask row;
        orch::sdk::TriggerProvider *provider = nullptr; // null: its plugin is not there
        std::optional<std::string> start_error;
    };
    Watched trigger(const std::string &tenant, const std::string &id);

    // Tells the plugins which triggers are started and which are gone. At the host's start, and from time to
    // time for those that failed.
    void resume();
    void resume_failed();

  private:
    TaskRow read_form(const std::string &tenant, const nlohmann::json &form, const TaskRow *before);
    TriggerRow read_trigger(const std::string &tenant, const nlohmann::json &form, std::size_t index,
                            const TaskRow *before, std::vector<FieldFault> &faults);
    void start_trigger(const TaskRow &task, const TriggerRow &trigger);
    void forget_removed();
    std::mutex &lock_of(const std::string &task);
    void note(const std::string &trigger, const std::optional<std::string> &error);

    Database &database_;
    PluginSet &plugins_;
    std::array<std::mutex, 64> locks_; // changes of one task come one after another
    std::mutex failed_mutex_;
    std::map<std::string, std::string> failed_; // trigger -> why it could not be started
};

} // namespace host
