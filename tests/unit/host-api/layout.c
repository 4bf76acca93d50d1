/* The layout of version 1.4 on machines with 64-bit pointers (LP64, LLP64). It never changes: fields are only
 * appended, so a new one adds lines here and changes none but the sizes. */
#include <stddef.h>

#include "orch/entry.h"
#include "orch/ext/assets.h"
#include "orch/ext/erasure.h"
#include "orch/ext/job_outcomes.h"
#include "orch/ext/jobs.h"
#include "orch/ext/journal.h"
#include "orch/ext/metrics.h"
#include "orch/ext/notifications.h"
#include "orch/ext/page_changes.h"
#include "orch/ext/secrets.h"
#include "orch/ext/settings_page.h"
#include "orch/ext/tasks.h"
#include "orch/ext/tenants.h"
#include "orch/ext/translations.h"
#include "orch/ext/trigger_provider.h"

#define SIZE(type, bytes) _Static_assert(sizeof(type) == (bytes), #type " has another size")
#define AT(type, field, offset) _Static_assert(offsetof(type, field) == (offset), #type "." #field " has moved")

_Static_assert(sizeof(void *) == 8, "this describes 64-bit machines");
_Static_assert(ORCH_INTERFACE_VERSION == 0x00010004u, "another version has another layout file");

SIZE(orch_str_t, 16);
AT(orch_str_t, data, 0);
AT(orch_str_t, size, 8);

SIZE(orch_error_t, 56);
AT(orch_error_t, struct_size, 0);
AT(orch_error_t, retry_after_ms, 4);
AT(orch_error_t, words, 8);
AT(orch_error_t, words_capacity, 16);
AT(orch_error_t, words_size, 24);
AT(orch_error_t, details, 32);
AT(orch_error_t, details_capacity, 40);
AT(orch_error_t, details_size, 48);

SIZE(orch_sink_t, 24);
AT(orch_sink_t, struct_size, 0);
AT(orch_sink_t, owner, 8);
AT(orch_sink_t, write, 16);

SIZE(orch_cancel_t, 24);
AT(orch_cancel_t, struct_size, 0);
AT(orch_cancel_t, owner, 8);
AT(orch_cancel_t, requested, 16);

SIZE(orch_host_t, 96);
AT(orch_host_t, struct_size, 0);
AT(orch_host_t, interface_version, 4);
AT(orch_host_t, self, 8);
AT(orch_host_t, name, 16);
AT(orch_host_t, version, 32);
AT(orch_host_t, data_folder, 48);
AT(orch_host_t, configuration, 64);
AT(orch_host_t, get_extension, 80);
AT(orch_host_t, log, 88);

SIZE(orch_plugin_t, 80);
AT(orch_plugin_t, struct_size, 0);
AT(orch_plugin_t, interface_version, 4);
AT(orch_plugin_t, self, 8);
AT(orch_plugin_t, id, 16);
AT(orch_plugin_t, version, 32);
AT(orch_plugin_t, start, 48);
AT(orch_plugin_t, stop, 56);
AT(orch_plugin_t, destroy, 64);
AT(orch_plugin_t, get_extension, 72);

SIZE(orch_job_request_t, 72);
AT(orch_job_request_t, struct_size, 0);
AT(orch_job_request_t, key, 8);
AT(orch_job_request_t, trigger, 24);
AT(orch_job_request_t, payload, 40);
AT(orch_job_request_t, spool, 56);

SIZE(orch_job_reply_t, 584);
AT(orch_job_reply_t, struct_size, 0);
AT(orch_job_reply_t, outcome, 4);
AT(orch_job_reply_t, retry_after_ms, 8);
AT(orch_job_reply_t, job_size, 12);
AT(orch_job_reply_t, job, 16);
AT(orch_job_reply_t, words_size, 80);
AT(orch_job_reply_t, words, 84);

SIZE(orch_jobs_t, 32);
AT(orch_jobs_t, self, 8);
AT(orch_jobs_t, spool_folder, 16);
AT(orch_jobs_t, start, 24);

SIZE(orch_secrets_t, 32);
AT(orch_secrets_t, self, 8);
AT(orch_secrets_t, seal, 16);
AT(orch_secrets_t, open, 24);

SIZE(orch_journal_t, 24);
AT(orch_journal_t, self, 8);
AT(orch_journal_t, write, 16);

SIZE(orch_tasks_t, 24);
AT(orch_tasks_t, self, 8);
AT(orch_tasks_t, triggers, 16);

SIZE(orch_tenants_t, 24);
AT(orch_tenants_t, self, 8);
AT(orch_tenants_t, list, 16);

SIZE(orch_assets_t, 32);
AT(orch_assets_t, self, 8);
AT(orch_assets_t, exists, 16);
AT(orch_assets_t, put, 24);

SIZE(orch_page_changes_t, 24);
AT(orch_page_changes_t, self, 8);
AT(orch_page_changes_t, note, 16);

SIZE(orch_metrics_t, 24);
AT(orch_metrics_t, self, 8);
AT(orch_metrics_t, read, 16);

SIZE(orch_erasure_t, 24);
AT(orch_erasure_t, self, 8);
AT(orch_erasure_t, erase, 16);

SIZE(orch_notifications_t, 24);
AT(orch_notifications_t, self, 8);
AT(orch_notifications_t, send, 16);

SIZE(orch_job_outcomes_t, 24);
AT(orch_job_outcomes_t, self, 8);
AT(orch_job_outcomes_t, job_ended, 16);

SIZE(orch_translations_t, 24);
AT(orch_translations_t, self, 8);
AT(orch_translations_t, translate, 16);

SIZE(orch_settings_page_t, 72);
AT(orch_settings_page_t, self, 8);
AT(orch_settings_page_t, describe, 16);
AT(orch_settings_page_t, list, 24);
AT(orch_settings_page_t, get, 32);
AT(orch_settings_page_t, create, 40);
AT(orch_settings_page_t, update, 48);
AT(orch_settings_page_t, remove, 56);
AT(orch_settings_page_t, action, 64);

SIZE(orch_trigger_provider_t, 88);
AT(orch_trigger_provider_t, self, 8);
AT(orch_trigger_provider_t, describe, 16);
AT(orch_trigger_provider_t, validate, 24);
AT(orch_trigger_provider_t, start, 32);
AT(orch_trigger_provider_t, stop, 40);
AT(orch_trigger_provider_t, forget, 48);
AT(orch_trigger_provider_t, state, 56);
AT(orch_trigger_provider_t, messages, 64);
AT(orch_trigger_provider_t, message_action, 72);
AT(orch_trigger_provider_t, preview, 80);

/* The statements above are the test; this runs so that it is counted. */
int main(void) {
    return 0;
}
