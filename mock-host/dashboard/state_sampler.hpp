// Looks around every few seconds and remembers, for a day: how many jobs wait or run, and how many items of
// settings pages are in which state. In memory; a new host begins anew.
//
// Promise: a plugin that does not answer is left out, and holds up nobody but the end of this object.
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/bell.hpp"
#include "dashboard/sample_ring.hpp"
#include "plugins/patient_call.hpp"
#include "plugins/plugin_set.hpp"
#include "store/database.hpp"

namespace host {

struct SamplerPace {
    std::chrono::milliseconds interval{15'000};
    std::chrono::milliseconds patience{5'000}; // with a plugin
};

class StateSampler {
  public:
    // `tenants`: their ids. The first look is at `start`.
    StateSampler(Database &database, const PluginSet &plugins, std::vector<std::string> tenants,
                 SamplerPace pace = {});
    ~StateSampler(); // waits for plugins that hang
    StateSampler(const StateSampler &) = delete;
    StateSampler &operator=(const StateSampler &) = delete;

    void start();

    // No plugin is asked any more when it returns true. False: one has not answered in time, and may still.
    bool stop();

    // [any thread] From a moment on, oldest first.
    [[nodiscard]] std::vector<StateSample> since(const std::string &tenant, Micros from) const;

    // [any thread] By the newest look; empty when there was none.
    [[nodiscard]] ItemCounts items(const std::string &tenant) const;

  private:
    using CountsByTenant = std::map<std::string, ItemCounts>;
    struct Question {
        std::shared_ptr<CountsByTenant> answer; // to be read when the call has returned
        std::unique_ptr<PatientCall> call;
        bool overdue = false;
    };
    void loop();
    void look();
    CountsByTenant ask_plugins();
    void ask(const std::string &plugin);

    Database &database_;
    const PluginSet &plugins_;
    const std::vector<std::string> tenants_;
    const SamplerPace pace_;
    mutable std::mutex mutex_;                  // guards rings_
    std::map<std::string, SampleRing> rings_;   // by tenant
    std::map<std::string, Question> questions_; // by plugin; of the thread, and of `stop` after it
    Bell bell_;
    std::thread thread_;
};

} // namespace host
