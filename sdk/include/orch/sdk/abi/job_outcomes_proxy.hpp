// A plugin's C struct for the ends of jobs as the JobOutcomes that its host calls.
#pragma once

#include "orch/sdk/abi/outgoing.hpp"
#include "orch/sdk/abi/shapes.hpp"
#include "orch/sdk/abi/text.hpp"
#include "orch/sdk/job_outcomes.hpp"

namespace orch::sdk::abi {

class JobOutcomesProxy final : public JobOutcomes {
  public:
    // `c` was checked by `missing_function`.
    JobOutcomesProxy(Side &side, const orch_job_outcomes_t &c) : plugin_(side, Into::plugin), c_(c) {}

    // The name of a function that a plugin left out; null: none.
    static const char *missing_function(const orch_job_outcomes_t &c) {
        return c.job_ended == nullptr ? "job_ended" : nullptr;
    }

    Outcome<void> job_ended(std::string_view tenant, const EndedJob &job) override {
        const std::string json = wire(write_ended_job(job));
        return plugin_.call(ORCH_EXT_JOB_OUTCOMES ".job_ended", Allowed::running, [&](orch_error_t *error) {
            return c_.job_ended(c_.self, str(tenant), str(json), error);
        });
    }

  private:
    Outgoing plugin_;
    const orch_job_outcomes_t &c_;
};

} // namespace orch::sdk::abi
