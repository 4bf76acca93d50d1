/* orch.erasure/1, offered by a plugin that keeps what people have written. */
#ifndef ORCH_EXT_ERASURE_H
#define ORCH_EXT_ERASURE_H

#include "orch/types.h"

#ifdef __cplusplus
extern "C" {
#endif

#define ORCH_EXT_ERASURE "orch.erasure/1"

typedef struct orch_erasure {
    uint32_t struct_size;
    uint32_t reserved;
    void *self; /* the plugin's own; first argument of every function here */

    /* [thread-safe] Erases what the plugin keeps for people to read of what fired the tenant's triggers:
     * senders, subjects, texts. What keeps a trigger from firing twice stays, as does what is still to be
     * started. Durable when it returns. Blocks for a database transaction.
     * result  {"erased": how many rows were emptied} */
    orch_status_t (*erase)(void *self, orch_str_t tenant, const orch_sink_t *result, orch_error_t *error);
} orch_erasure_t;

#ifdef __cplusplus
}
#endif

#endif /* ORCH_EXT_ERASURE_H */
