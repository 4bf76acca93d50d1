// A plugin's JobOutcomes as the C struct that its host calls.
#pragma once

#include "orch/sdk/abi/incoming.hpp"
#include "orch/sdk/abi/shapes.hpp"
#include "orch/sdk/abi/shell.hpp"
#include "orch/sdk/job_outcomes.hpp"

namespace orch::sdk::abi {

class JobOutcomesShell : public Shell<orch_job_outcomes_t, JobOutcomes, Into::plugin> {
  public:
    void open(Side &side, JobOutcomes *outcomes) { fill(side, outcomes, &job_ended); }

  private:
    static orch_status_t job_ended(void *self, orch_str_t tenant, orch_str_t job,
                                   orch_error_t *error) noexcept {
        return incoming(self, ORCH_EXT_JOB_OUTCOMES ".job_ended", error).answer(Allowed::running, [&] {
            const Json json = read_json(job, "the job");
            return offered(self).job_ended(read_text(tenant, "tenant"),
                                           read_members("the job", [&] { return read_ended_job(json); }));
        });
    }
};

} // namespace orch::sdk::abi
