// The host as a whole: everything wired, started and stopped in the right order.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "config/configuration.hpp"
#include "dashboard/state_sampler.hpp"
#include "plugins/plugin_set.hpp"

namespace host {

struct OrchestratorPlace {
    std::filesystem::path plugins;
    std::filesystem::path data;
    std::string listen; // HOST:PORT
    std::optional<std::filesystem::path> key_file;
    std::filesystem::path launcher; // the program job-launcher
    PluginPatience patience{};
    std::filesystem::path web{}; // the pages; need not be there
    SamplerPace sampling{};
};

class Orchestrator {
  public:
    // Loads the plugins and binds the port. Throws ConfigurationRefused, SecretRefused, std::runtime_error.
    Orchestrator(Configuration configuration, const OrchestratorPlace &place);
    ~Orchestrator(); // stops

    // Returns when requests are answered.
    void start();

    // Requests end, then plugins; jobs go on. False when a plugin hangs: the process can only be ended then, as
    // the plugin uses what the destructor would take away, which waits for it.
    bool stop();

    [[nodiscard]] std::string address() const;

    // Every call that is answered: "GET /api/tasks/{task}".
    [[nodiscard]] std::vector<std::string> routes() const;

  private:
    struct Parts;
    std::unique_ptr<Parts> parts_;
};

} // namespace host
