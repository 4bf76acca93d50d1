/* orch.jobs/1, offered by a host: a trigger fired, start its task.
 *
 * EXACTLY ONCE  A plugin repeats a request until it has an answer, as it can't know whether a call that
 *               was cut off by a crash had been taken. So the host must keep the key of every request that
 *               it took, durably and together with the job, and answer a repeated key with the first job.
 *               A host that does not can't be given exactly-once starts by any plugin. */
#ifndef ORCH_EXT_JOBS_H
#define ORCH_EXT_JOBS_H

#include "orch/types.h"

#ifdef __cplusplus
extern "C" {
#endif

#define ORCH_EXT_JOBS "orch.jobs/1"

/* One start that is asked for. Owned by the plugin; valid until the call returns. */
typedef struct orch_job_request {
    uint32_t struct_size;
    uint32_t reserved;
    orch_str_t key;     /* idempotency key: 1 to 200 bytes, unique among all starts of this plugin */
    orch_str_t trigger; /* id of the trigger that fired; the host knows its task and tenant */
    orch_str_t payload; /* JSON, handed to the job unchanged */
    orch_str_t spool;   /* name of a folder right below `spool_folder`, or empty. See OWNERSHIP at `start` */
} orch_job_request_t;

#define ORCH_JOB_ACCEPTED 1  /* taken, durably; `job` is its id */
#define ORCH_JOB_DUPLICATE 2 /* the key was taken before; `job` is the id of that job */
#define ORCH_JOB_BUSY 3      /* not now; ask again, not before `retry_after_ms` */
#define ORCH_JOB_REFUSED 4   /* asking again will not help (no such trigger); `words` say why */

/* The answer to one request. Owned by the plugin, which sets `struct_size` and zeroes the rest. */
typedef struct orch_job_reply {
    uint32_t struct_size;
    int32_t outcome; /* ORCH_JOB_*; 0 when the call failed as a whole before it came to this request */
    uint32_t retry_after_ms;
    uint32_t job_size; /* bytes in `job` */
    char job[64];      /* the job's id */
    uint32_t words_size;
    char words[500]; /* why not, unless it was taken; cut at a character */
} orch_job_reply_t;

typedef struct orch_jobs {
    uint32_t struct_size;
    uint32_t reserved;
    void *self; /* the host's own; first argument of every function here */

    /* [thread-safe] Writes the absolute path of the folder in which a plugin lays out the files that
     * belong to a job, each job's in a sub-folder of its own. The same during a run. Does not block. */
    orch_status_t (*spool_folder)(void *self, const orch_sink_t *path, orch_error_t *error);

    /* [thread-safe] Asks for `count` starts (1 to 1000) and fills one reply for each. What was accepted
     * is durable when the call returns. Blocks for a database transaction.
     *
     * OWNERSHIP  The sub-folder `spool` passes to the host when its request is accepted or a duplicate;
     *            the host keeps it at its place until the job's retention ends. Otherwise it stays the
     *            plugin's. Its files must be durable before the call.
     *
     * When the status is not ORCH_OK, replies whose outcome is not 0 count all the same; requests
     * without an outcome may have been taken: ask again with the same keys. */
    orch_status_t (*start)(void *self, const orch_job_request_t *const *requests,
                           orch_job_reply_t *const *replies, uint32_t count, orch_error_t *error);
} orch_jobs_t;

#ifdef __cplusplus
}
#endif

#endif /* ORCH_EXT_JOBS_H */
