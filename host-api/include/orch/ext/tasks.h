/* orch.tasks/1, offered by a host: which triggers exist, started or not. */
#ifndef ORCH_EXT_TASKS_H
#define ORCH_EXT_TASKS_H

#include "orch/types.h"

#ifdef __cplusplus
extern "C" {
#endif

#define ORCH_EXT_TASKS "orch.tasks/1"

typedef struct orch_tasks {
    uint32_t struct_size;
    uint32_t reserved;
    void *self; /* the host's own; first argument of every function here */

    /* [thread-safe] The tenant's triggers of one type. `started` is true from before the host calls `start`
     * of orch.trigger-provider/1 for it until before it calls `stop`, and across restarts of the host: a
     * plugin that shares something among triggers learns here for whom it must still wait. Blocks for a
     * database query.
     *
     * result  [{"id", "parameters": {...}, "started": bool, "task": {"id", "name"}}] */
    orch_status_t (*triggers)(void *self, orch_str_t tenant, orch_str_t type, const orch_sink_t *result,
                              orch_error_t *error);
} orch_tasks_t;

#ifdef __cplusplus
}
#endif

#endif /* ORCH_EXT_TASKS_H */
