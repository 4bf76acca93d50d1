/* orch.journal/1, offered by a host: who did what, when, for an auditor to read. */
#ifndef ORCH_EXT_JOURNAL_H
#define ORCH_EXT_JOURNAL_H

#include "orch/types.h"

#ifdef __cplusplus
extern "C" {
#endif

#define ORCH_EXT_JOURNAL "orch.journal/1"

typedef struct orch_journal {
    uint32_t struct_size;
    uint32_t reserved;
    void *self; /* the host's own; first argument of every function here */

    /* [thread-safe] Adds `count` events (1 to 1000). Blocks for a database write. Never holds a secret.
     * event  {"code": 60002, "name": "TriggerEmailFired", "tenant", "user" or null,
     *         "subject": {"kind", "id", "name"}, "details": {...}} */
    orch_status_t (*write)(void *self, const orch_str_t *events, uint32_t count, orch_error_t *error);
} orch_journal_t;

#ifdef __cplusplus
}
#endif

#endif /* ORCH_EXT_JOURNAL_H */
