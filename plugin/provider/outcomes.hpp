// How the jobs of this plugin's triggers ended, as the host tells it.
#pragma once

#include "orch/sdk/job_outcomes.hpp"
#include "provider/running.hpp"

namespace roe::provider {

class Outcomes final : public orch::sdk::JobOutcomes {
  public:
    // Null between stop and the next start, when nobody calls.
    void set_running(Running *running) { running_ = running; }

    orch::sdk::Outcome<void> job_ended(std::string_view tenant, const orch::sdk::EndedJob &job) override {
        return running_->notices().job_ended(std::string(tenant), job);
    }

  private:
    Running *running_ = nullptr;
};

} // namespace roe::provider
