/* The version of the interface between an orchestrator (host) and its plugins.
 *
 * Major: a change that breaks; host and plugin must agree on it.
 * Minor: an addition at the end of a struct or to a JSON, or a new extension; either side may be older.
 *   1.1: `restored` in orch.trigger-provider/1.start
 *   1.2: orch.assets/1, orch.erasure/1, orch.metrics/1, orch.page-changes/1
 *   1.3: orch.job-outcomes/1, orch.notifications/1
 *   1.4: orch.translations/1
 */
#ifndef ORCH_VERSION_H
#define ORCH_VERSION_H

#include <stdint.h>

#define ORCH_INTERFACE_MAJOR 1u
#define ORCH_INTERFACE_MINOR 4u

/* Major in the upper, minor in the lower 16 bits. */
#define ORCH_INTERFACE_VERSION ((uint32_t)((ORCH_INTERFACE_MAJOR << 16) | ORCH_INTERFACE_MINOR))

#define ORCH_VERSION_MAJOR(version) ((uint32_t)(version) >> 16)
#define ORCH_VERSION_MINOR(version) ((uint32_t)(version)&0xFFFFu)

#endif /* ORCH_VERSION_H */
