// "Run on File": a whole plugin.
#include <algorithm>
#include <chrono>
#include <memory>

#include "orch/sdk/plugin.hpp"
#include "provider.hpp"
#include "watch.hpp"

namespace run_on_file {

class RunOnFile final : public orch::sdk::Plugin {
  public:
    orch::sdk::Outcome<void> start(orch::sdk::Host &host) override {
        const auto jobs = host.jobs();
        if (!jobs) {
            return jobs.failure();
        }
        const nlohmann::json &section = host.configuration().at("plugin");
        const auto interval = std::max(10, section.value("IntervalMilliseconds", 1000));
        watch_ = std::make_unique<Watch>(host, *jobs, std::chrono::milliseconds(interval));
        provider_.set_watch(watch_.get());
        return {};
    }

    void stop() override {
        provider_.set_watch(nullptr);
        watch_.reset();
    }

    orch::sdk::TriggerProvider *trigger_provider() override { return &provider_; }

  private:
    std::unique_ptr<Watch> watch_;
    Provider provider_;
};

} // namespace run_on_file

ORCH_SDK_PLUGIN("run-on-file", "1.0.0", std::make_unique<run_on_file::RunOnFile>)
