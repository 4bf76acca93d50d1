// Tells plugins how their jobs ended (orch.job-outcomes/1), each until it has taken it, whatever dies
// meanwhile.
#pragma once

#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "base/bell.hpp"
#include "plugins/plugin_set.hpp"
#include "store/database.hpp"
#include "store/jobs.hpp"

namespace host {

class OutcomeTeller {
  public:
    // `bell` is rung when the end of a job is on disk, and outlives the database, whose thread rings it.
    OutcomeTeller(Database &database, const PluginSet &plugins, Bell &bell)
        : database_(database), plugins_(plugins), bell_(bell) {}
    ~OutcomeTeller();
    OutcomeTeller(const OutcomeTeller &) = delete;
    OutcomeTeller &operator=(const OutcomeTeller &) = delete;

    // When the plugins are started. What ended for one that does not want to know it is told to nobody.
    void start();
    // Waits for the call that runs in a plugin.
    void stop();

  private:
    void loop();
    bool tell_due();
    [[nodiscard]] std::optional<Micros> tell(const JobRow &job);

    Database &database_;
    const PluginSet &plugins_;
    Bell &bell_;
    std::vector<std::string> listeners_; // ids of plugins
    std::thread thread_;
};

} // namespace host
