/* orch.job-outcomes/1, offered by a plugin that wants to know how the jobs of its triggers end. */
#ifndef ORCH_EXT_JOB_OUTCOMES_H
#define ORCH_EXT_JOB_OUTCOMES_H

#include "orch/types.h"

#ifdef __cplusplus
extern "C" {
#endif

#define ORCH_EXT_JOB_OUTCOMES "orch.job-outcomes/1"

typedef struct orch_job_outcomes {
    uint32_t struct_size;
    uint32_t reserved;
    void *self; /* the plugin's own; first argument of every function here */

    /* [thread-safe] A job that this plugin asked for, or one that repeats such a job, has ended. The host calls
     * this for each of them and repeats the call, ever more slowly and after a restart too, until it has
     * returned ORCH_OK: so the same job may be told of more than once. Calls come in no order, with the
     * plugin's other calls, and for jobs of triggers that are stopped or forgotten by now. Blocks for a
     * database transaction.
     *
     * tenant  the job's
     * job     {"id", "key": the idempotency key by which it was asked for, for a repeated job that of the
     * first, "retryOf": the id of the job that it repeats, or null, "trigger": the trigger's id, "task": {"id",
     * "name"}, "state": "succeeded" | "failed" | "interrupted", "exitCode": number or null, "startedAt": RFC
     * 3339 or null, "endedAt": RFC 3339}
     *
     * Not told: jobs that a restore from a backup has ended, as they may have been told of since the backup.
     *
     * Fails with ORCH_E_BUSY, or in any other way, when it is to be told again. */
    orch_status_t (*job_ended)(void *self, orch_str_t tenant, orch_str_t job, orch_error_t *error);
} orch_job_outcomes_t;

#ifdef __cplusplus
}
#endif

#endif /* ORCH_EXT_JOB_OUTCOMES_H */
