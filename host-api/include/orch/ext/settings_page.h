/* orch.settings-page/1, offered by a plugin: pages of settings that the host renders and serves.
 *
 * The host decides who may see a page; the plugin keeps its items. A secret goes in and never comes out.
 * `caller` is JSON: {"tenant": "...", "user": "...", "locale": "en"}. */
#ifndef ORCH_EXT_SETTINGS_PAGE_H
#define ORCH_EXT_SETTINGS_PAGE_H

#include "orch/types.h"

#ifdef __cplusplus
extern "C" {
#endif

#define ORCH_EXT_SETTINGS_PAGE "orch.settings-page/1"

typedef struct orch_settings_page {
    uint32_t struct_size;
    uint32_t reserved;
    void *self; /* the plugin's own; first argument of every function here */

    /* [thread-safe] The pages, also before `start`. Does not block.
     * result  [{"id", "title": {"en", "ru"}, "schema": JSON Schema, "uiSchema": {...},
     *           "columns": [{"field", "title": {"en", "ru"}, "more": true where it may be shown on demand}],
     *           "actions": ["..."], "actionTitles": {action: {"en", "ru"}},
     *           "addTitle": {"en", "ru"}, of a new item,
     *           "rowActions": {action: a JSON Schema for an item that it is offered for}, else the form's,
     *           "fills": {action: the field that a choice among its result's items ("name"), or the "pin" of
     *           one of its steps, goes into; while it is hidden the action is not offered}}]
     *
     * A title in the schema is "title", and in every language "x-title". The UI schema is that of
     * react-jsonschema-form, any text of it {"en", "ru"}, and has besides:
     *
     * FIELD."ui:when"     a JSON Schema for the form: the field is shown, and sent, while the form meets it
     *
     * FIELD."ui:group"    "more": folded away
     *
     * FIELD."ui:addFrom"  {"page", "field"}: what can be chosen is this field of the items of this page of the
     *                     plugin. Whoever may see the page can add an item at once, which then is chosen
     *
     * "ui:warn"           [{"when": a JSON Schema for the form, "text"}]: shown while it is met */
    orch_status_t (*describe)(void *self, const orch_sink_t *result, orch_error_t *error);

    /* [thread-safe] The tenant's items. Blocks for a database query.
     * query   {"after": cursor or null, "limit": 1..1000}
     * result  {"items": [{"id", ...}], "next": cursor or null} */
    orch_status_t (*list)(void *self, orch_str_t page, orch_str_t caller, orch_str_t query,
                          const orch_sink_t *result, orch_error_t *error);

    /* [thread-safe] One item, by its id. An item of another tenant is ORCH_E_NOT_FOUND. Blocks for a database
     * query. */
    orch_status_t (*get)(void *self, orch_str_t page, orch_str_t caller, orch_str_t item,
                         const orch_sink_t *result, orch_error_t *error);

    /* [thread-safe] Makes an item of `values`. result: the item. Durable when it returns. Blocks for a database
     * transaction. */
    orch_status_t (*create)(void *self, orch_str_t page, orch_str_t caller, orch_str_t values,
                            const orch_sink_t *result, orch_error_t *error);

    /* [thread-safe] Replaces an item's values. A secret that is absent keeps the old one, null clears it.
     * result: the item. Returns when the old values are in use no more; may block for ten seconds. */
    orch_status_t (*update)(void *self, orch_str_t page, orch_str_t caller, orch_str_t item, orch_str_t values,
                            const orch_sink_t *result, orch_error_t *error);

    /* [thread-safe] Deletes an item. ORCH_E_CONFLICT when it is in use; `words` say by what. Blocks for a
     * database transaction. */
    orch_status_t (*remove)(void *self, orch_str_t page, orch_str_t caller, orch_str_t item,
                            orch_error_t *error);

    /* [thread-safe] Does one of the page's actions. Talks to the network: blocks for up to two minutes.
     * request   {"id"?: item, "values": {...} unsaved values of the form}
     * progress  may be null; each `write` is one whole JSON value: a step as it happens
     * result    the action's answer */
    orch_status_t (*action)(void *self, orch_str_t page, orch_str_t caller, orch_str_t action,
                            orch_str_t request, const orch_cancel_t *cancel, const orch_sink_t *progress,
                            const orch_sink_t *result, orch_error_t *error);
} orch_settings_page_t;

#ifdef __cplusplus
}
#endif

#endif /* ORCH_EXT_SETTINGS_PAGE_H */
