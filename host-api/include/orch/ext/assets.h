/* orch.assets/1, offered by a host: JSON documents of a tenant, by name, that people make and robots read. */
#ifndef ORCH_EXT_ASSETS_H
#define ORCH_EXT_ASSETS_H

#include "orch/types.h"

#ifdef __cplusplus
extern "C" {
#endif

#define ORCH_EXT_ASSETS "orch.assets/1"

/* `tenant` is the tenant's id, empty for the default one; `name` has 1 to 200 bytes. */
typedef struct orch_assets {
    uint32_t struct_size;
    uint32_t reserved;
    void *self; /* the host's own; first argument of every function here */

    /* [thread-safe] ORCH_OK when the tenant has an asset of this name, ORCH_E_NOT_FOUND when it has none.
     * Blocks for a database query. */
    orch_status_t (*exists)(void *self, orch_str_t tenant, orch_str_t name, orch_error_t *error);

    /* [thread-safe] Puts `value`, any JSON, in the place of what the asset holds. A plugin makes no asset: a
     * name that was mistyped would be a new one. Who looks at the asset after the call sees the value; it is
     * durable no later than a job that is asked for after the call (orch.jobs/1). Blocks for a database
     * transaction.
     *
     * Fails with ORCH_E_NOT_FOUND when there is no such asset (any more), with ORCH_E_INVALID when the value
     * is more than an asset may hold, with ORCH_E_BUSY when it is to be put again later. */
    orch_status_t (*put)(void *self, orch_str_t tenant, orch_str_t name, orch_str_t value, orch_error_t *error);
} orch_assets_t;

#ifdef __cplusplus
}
#endif

#endif /* ORCH_EXT_ASSETS_H */
