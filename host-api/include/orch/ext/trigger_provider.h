/* orch.trigger-provider/1, offered by a plugin: kinds of triggers that start tasks.
 *
 * The host keeps tasks and their triggers; the plugin watches for what fires them and asks for jobs
 * through orch.jobs/1. `type` is the id of a kind. The host calls `start` for every started trigger after each
 * start of the plugin. */
#ifndef ORCH_EXT_TRIGGER_PROVIDER_H
#define ORCH_EXT_TRIGGER_PROVIDER_H

#include "orch/types.h"

#ifdef __cplusplus
extern "C" {
#endif

#define ORCH_EXT_TRIGGER_PROVIDER "orch.trigger-provider/1"

typedef struct orch_trigger_provider {
    uint32_t struct_size;
    uint32_t reserved;
    void *self; /* the plugin's own; first argument of every function here */

    /* [thread-safe] The kinds of triggers, also before `start`. Does not block.
     * request  {"tenant": "...", "locale": "en"}; the tenant decides what a list in the form offers
     * result   [{"id", "title": {"en", "ru"}, "schema": JSON Schema, "uiSchema": {...}}], the UI schema as in
     *          settings_page.h */
    orch_status_t (*describe)(void *self, orch_str_t request, const orch_sink_t *result, orch_error_t *error);

    /* [thread-safe] Checks the parameters of a trigger that is to be saved. Blocks for a database query.
     * request  {"type", "tenant", "parameters": {...}}
     * result   the parameters with every default filled in
     * ORCH_E_INVALID names the fields in `details`. */
    orch_status_t (*validate)(void *self, orch_str_t request, const orch_sink_t *result, orch_error_t *error);

    /* [thread-safe] Begins to watch for a trigger. Returns when this is recorded; what needs the network
     * goes on in the background. Called again for an id that is started, it replaces the parameters: the
     * old ones have fired for the last time before the new ones fire.
     * trigger  {"id", "type", "tenant", "task": {"id", "name"}, "parameters": {...},
     *          since 1.1: "restored": {"from", "until"} or null}
     * `restored`: host and plugin go on from an old backup. What the trigger did after `from`, the last that
     * the backup knows of, is not known any more, and the host does not know the keys of the jobs that it took
     * since. `until`, when that was noted, names the restore. So the trigger starts nothing again: what the
     * plugin still keeps to be started waits for a person, and what the trigger finds at its first look from
     * now on is taken as dealt with, whatever its parameters say. This is durable before the plugin answers
     * ORCH_OK, upon which the host says it no more; a host that died in between says the same `until` again,
     * which changes nothing. A plugin that can't do this fails with words. A host does not start a restored
     * trigger of a plugin that was built for 1.0. Both times are RFC 3339 in UTC ("2026-11-24T18:00:00.000Z").
     */
    orch_status_t (*start)(void *self, orch_str_t trigger, orch_error_t *error);

    /* [thread-safe] Ends it. Returns when the trigger will ask for no further job; may block for as long
     * as a call of the plugin into orch.jobs/1 takes. What is known of the mailbox so far is kept for the
     * next start. Stopping what is not started is ORCH_OK. */
    orch_status_t (*stop)(void *self, orch_str_t trigger_id, orch_error_t *error);

    /* [thread-safe] The trigger was deleted: stops it if need be and forgets what was kept for it. Blocks as
     * `stop` does. Forgetting what is not known is ORCH_OK. */
    orch_status_t (*forget)(void *self, orch_str_t trigger_id, orch_error_t *error);

    /* [thread-safe] How a trigger is doing. Blocks for a database query.
     * result  {"id", "state": "starting"|"started"|"stopped"|"error", "since", "lastFired", "error": {...}},
     *          null where there is none, and what else the type knows ("lastMail") */
    orch_status_t (*state)(void *self, orch_str_t trigger_id, const orch_sink_t *result, orch_error_t *error);

    /* [thread-safe] The log of what the trigger decided, newest first. Blocks for a database query.
     * query   {"after": cursor or null, "limit": 1..1000}
     * result  {"items": [{"id": row, "triggered", "reason": {"code", "text"}, "jobId", and what else the type
     *          knows}], "next": cursor or null} */
    orch_status_t (*messages)(void *self, orch_str_t trigger_id, orch_str_t query, const orch_sink_t *result,
                              orch_error_t *error);

    /* [thread-safe] Does something to one row of that log. Blocks for a database transaction.
     * request  {"row", "action": "retry"|"skip"|"start-again"|"release-all"|"skip-all", "user"}; the last two
     * are about all the starts that are held together with the row's result   the row as it is now */
    orch_status_t (*message_action)(void *self, orch_str_t trigger_id, orch_str_t request,
                                    const orch_sink_t *result, orch_error_t *error);

    /* [thread-safe] What a trigger with these parameters would do; starts nothing. Talks to the network:
     * blocks for up to a minute.
     * request  {"type", "tenant", "parameters", "limit": 1..100}
     * result   {"items": [{"wouldStart", "reason", and what shows a person which event it is ("subject",
     *           "from", "receivedAt")}], and what else the type knows: of mails "there": {"all", "unread"}} */
    orch_status_t (*preview)(void *self, orch_str_t request, const orch_cancel_t *cancel,
                             const orch_sink_t *result, orch_error_t *error);
} orch_trigger_provider_t;

#ifdef __cplusplus
}
#endif

#endif /* ORCH_EXT_TRIGGER_PROVIDER_H */
