/* What a plugin gives the host. */
#ifndef ORCH_PLUGIN_H
#define ORCH_PLUGIN_H

#include "orch/types.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Owned by the plugin; valid from `orch_plugin_entry` until `destroy` has returned.
 *
 * Life: entry -> (start -> stop)* -> destroy. The host may start and stop a plugin any number of times. */
typedef struct orch_plugin {
    uint32_t struct_size;
    uint32_t interface_version; /* ORCH_INTERFACE_VERSION of the plugin */
    void *self;                 /* the plugin's own; first argument of every function here */

    orch_str_t id;      /* must equal "id" in manifest.json */
    orch_str_t version; /* must equal "version" in manifest.json */

    /* [lifecycle] Begins work. Returns soon: what needs the network goes on in the background, and a
     * mail server that is down is no reason to fail. On failure nothing is left running, and the host may
     * call `start` again or `destroy`, but not `stop`. */
    orch_status_t (*start)(void *self, orch_error_t *error);

    /* [lifecycle] Ends work. Returns only when no thread, timer or callback of the plugin is left and
     * every call into the host has returned; may block for up to ten seconds. Never fails. Afterwards
     * the host may call `start` again, or `destroy` and unload the library. */
    void (*stop)(void *self);

    /* [lifecycle] Frees the plugin. Not while started. Does not block. */
    void (*destroy)(void *self);

    /* [thread-safe] The extension's struct, or null if the plugin does not offer it. The id is
     * "name/revision". May be called before `start`; the struct stays valid until `destroy`. The
     * extension's functions may be called only between `start` and `stop`, but for those that say so.
     * The host lets every call into an extension return before it calls `stop`. */
    const void *(*get_extension)(void *self, orch_str_t id);
} orch_plugin_t;

#ifdef __cplusplus
}
#endif

#endif /* ORCH_PLUGIN_H */
