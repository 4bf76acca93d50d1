/* orch.secrets/1, offered by a host: encryption of what must not lie about in clear. */
#ifndef ORCH_EXT_SECRETS_H
#define ORCH_EXT_SECRETS_H

#include "orch/types.h"

#ifdef __cplusplus
extern "C" {
#endif

#define ORCH_EXT_SECRETS "orch.secrets/1"

typedef struct orch_secrets {
    uint32_t struct_size;
    uint32_t reserved;
    void *self; /* the host's own; first argument of every function here */

    /* [thread-safe] Encrypts `plain` with the host's key. `context` says what it belongs to and is bound
     * to the result: opening it under another context fails. result: text that may be stored anywhere.
     * Does not block. */
    orch_status_t (*seal)(void *self, orch_str_t context, orch_str_t plain, const orch_sink_t *result,
                          orch_error_t *error);

    /* [thread-safe] The way back. Fails with ORCH_E_FAILED when the text was changed, sealed under another
     * context, or with a key that the host no longer has. Does not block. The caller wipes what it got. */
    orch_status_t (*open)(void *self, orch_str_t context, orch_str_t sealed, const orch_sink_t *result,
                          orch_error_t *error);
} orch_secrets_t;

#ifdef __cplusplus
}
#endif

#endif /* ORCH_EXT_SECRETS_H */
