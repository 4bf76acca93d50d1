/* The services of the C host: everything in memory, as short as the interface allows. */
#ifndef HOST_SERVICES_H
#define HOST_SERVICES_H

#include "orch/host.h"

/* The one host of this process, its folders below `data`, which must exist. Valid for ever. */
const orch_host_t *host_in(const char *data);

/* How many jobs were accepted, duplicates not counted. Any thread. */
unsigned jobs_taken(void);

#endif /* HOST_SERVICES_H */
