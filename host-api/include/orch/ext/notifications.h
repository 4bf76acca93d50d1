/* orch.notifications/1, offered by a host that can mail: a plugin tells people outside how something ended. */
#ifndef ORCH_EXT_NOTIFICATIONS_H
#define ORCH_EXT_NOTIFICATIONS_H

#include "orch/types.h"

#ifdef __cplusplus
extern "C" {
#endif

#define ORCH_EXT_NOTIFICATIONS "orch.notifications/1"

typedef struct orch_notifications {
    uint32_t struct_size;
    uint32_t reserved;
    void *self; /* the host's own; first argument of every function here */

    /* [thread-safe] Hands over a message, which is durably accepted when the call returns ORCH_OK: the host
     * mails it, again and again until the mail server has taken it or never will. The same key again is ORCH_OK
     * and sends nothing more, whatever the message; so a plugin repeats the call until it has an answer. Blocks
     * for a database transaction, never for the mail server.
     *
     * tenant   on whose behalf; empty for the default tenant
     * key      1 to 300 bytes, unique among all messages of this plugin
     * message  {"to": [1 to 100 addresses], "subject": text, "text": text,
     *           "inReplyTo": message id or null, "references": [message ids]}
     *
     * Each address gets a mail of its own and sees no other. Addresses are ASCII (a domain in another script as
     * IDNA has it), without a name; message ids are without their angle brackets. Subject and text are in any
     * script, the text's lines parted by "\n". The host marks the mail as written by a program (RFC 3834:
     * Auto-Submitted, no address for bounces) and names itself as its author. Whether the one it goes to wants
     * it, and is no program that answers it, the plugin knows better than the host.
     *
     * Fails with ORCH_E_INVALID when the message will never be taken (an address that can't be, too much text),
     * with ORCH_E_BUSY when it is to be handed over again later. */
    orch_status_t (*send)(void *self, orch_str_t tenant, orch_str_t key, orch_str_t message,
                          orch_error_t *error);
} orch_notifications_t;

#ifdef __cplusplus
}
#endif

#endif /* ORCH_EXT_NOTIFICATIONS_H */
