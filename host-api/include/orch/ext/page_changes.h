/* orch.page-changes/1, offered by a host: what a settings page shows has changed by itself. */
#ifndef ORCH_EXT_PAGE_CHANGES_H
#define ORCH_EXT_PAGE_CHANGES_H

#include "orch/types.h"

#ifdef __cplusplus
extern "C" {
#endif

#define ORCH_EXT_PAGE_CHANGES "orch.page-changes/1"

typedef struct orch_page_changes {
    uint32_t struct_size;
    uint32_t reserved;
    void *self; /* the host's own; first argument of every function here */

    /* [thread-safe] Something that orch.settings-page/1 gives of the item is not what it was, and nobody edited
     * it: its state, say. The host tells those who look at the page, who ask for the item again. What is noted
     * while nobody looks is forgotten. Does not block, and may be called often. */
    orch_status_t (*note)(void *self, orch_str_t page, orch_str_t tenant, orch_str_t item, orch_error_t *error);
} orch_page_changes_t;

#ifdef __cplusplus
}
#endif

#endif /* ORCH_EXT_PAGE_CHANGES_H */
