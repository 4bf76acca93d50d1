/* The one symbol that a plugin's library exports. */
#ifndef ORCH_ENTRY_H
#define ORCH_ENTRY_H

#include "orch/host.h"
#include "orch/plugin.h"
#include "orch/version.h"

#ifdef __cplusplus
extern "C" {
#endif

#if defined(_WIN32)
#define ORCH_EXPORT __declspec(dllexport)
#else
#define ORCH_EXPORT __attribute__((visibility("default")))
#endif

#define ORCH_ENTRY_SYMBOL "orch_plugin_entry"

/* [lifecycle] Makes the plugin of this library for `host` and writes it to `*plugin`.
 *
 * host    owned by the host; valid until the plugin's `destroy` has returned
 * plugin  out: owned by the plugin; null on failure
 * error   may be null
 *
 * Fails with ORCH_E_UNSUPPORTED when the host's major version is another than the plugin's. Does no
 * work beyond allocation: no thread, file or socket before `start`. Called once per load of the
 * library; after `destroy` it may be called again. */
typedef orch_status_t (*orch_plugin_entry_fn)(const orch_host_t *host, const orch_plugin_t **plugin,
                                              orch_error_t *error);

ORCH_EXPORT orch_status_t orch_plugin_entry(const orch_host_t *host, const orch_plugin_t **plugin,
                                            orch_error_t *error);

#ifdef __cplusplus
}
#endif

#endif /* ORCH_ENTRY_H */
