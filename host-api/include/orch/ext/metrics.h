/* orch.metrics/1, offered by a plugin: figures of its work, for the host's monitoring. */
#ifndef ORCH_EXT_METRICS_H
#define ORCH_EXT_METRICS_H

#include "orch/types.h"

#ifdef __cplusplus
extern "C" {
#endif

#define ORCH_EXT_METRICS "orch.metrics/1"

typedef struct orch_metrics {
    uint32_t struct_size;
    uint32_t reserved;
    void *self; /* the plugin's own; first argument of every function here */

    /* [thread-safe] All figures as they are now. Blocks for a database query.
     * result  [{"name", "type": "counter"|"gauge", "help", "values": [{"labels": {name: text}, "value":
     * number}]}] Names and labels are those of Prometheus; a name begins with the plugin's id, '_' for '-', and
     * appears once. A counter begins at 0 with each start of the plugin and never falls. Everybody may read
     * figures: no label holds a tenant, an address or anything else of a person. */
    orch_status_t (*read)(void *self, const orch_sink_t *result, orch_error_t *error);
} orch_metrics_t;

#ifdef __cplusplus
}
#endif

#endif /* ORCH_EXT_METRICS_H */
