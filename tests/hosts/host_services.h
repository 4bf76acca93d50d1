/* The services of the C host: everything in memory, as short as the interface allows. */
#ifndef HOST_SERVICES_H
#define HOST_SERVICES_H

#include "orch/host.h"

/* The one host of this process, its folders below `data`, which must exist. Valid for ever. */
const orch_host_t *host_in(const char *data);

/* From now on the host offers orch.notifications/1, and prints each message: "notification KEY JSON". */
void offer_notifications(void);

/* How many jobs were accepted, duplicates not counted. Any thread. */
unsigned jobs_taken(void);

/* The key of a job that was accepted, from 0. */
const char *key_of_job(unsigned job);

#endif /* HOST_SERVICES_H */
