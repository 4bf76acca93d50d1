/* What a host gives a plugin. */
#ifndef ORCH_HOST_H
#define ORCH_HOST_H

#include "orch/types.h"

#ifdef __cplusplus
extern "C" {
#endif

#define ORCH_LOG_DEBUG 0
#define ORCH_LOG_INFO 1
#define ORCH_LOG_WARNING 2
#define ORCH_LOG_ERROR 3

/* Owned by the host; with all that it points to, valid and unchanged from `orch_plugin_entry` until `destroy`
 * of the plugin has returned. The functions of this struct may be called during all that time, those of the
 * host's extensions from the beginning of the plugin's `start` until its `stop` returns. */
typedef struct orch_host {
    uint32_t struct_size;
    uint32_t interface_version; /* ORCH_INTERFACE_VERSION of the host */
    void *self;                 /* the host's own; first argument of every function here */

    orch_str_t name;
    orch_str_t version;

    /* An absolute path to a folder that is this plugin's alone, exists, and outlives updates. */
    orch_str_t data_folder;

    /* JSON: {"plugin": {the section `Plugins.<id>` of the host's configuration},
     *        "assignment": {"ChainLimiterTriggerEventTime": ms}} */
    orch_str_t configuration;

    /* [thread-safe] The extension's struct, or null if the host does not offer it. The id is
     * "name/revision"; a struct once given stays valid as long as this one. Does not block. */
    const void *(*get_extension)(void *self, orch_str_t id);

    /* [thread-safe] A line for the host's log. Blocks no longer than a write to a local file.
     * Must never hold a secret or the content of a message. */
    void (*log)(void *self, int32_t level, orch_str_t message);
} orch_host_t;

#ifdef __cplusplus
}
#endif

#endif /* ORCH_HOST_H */
