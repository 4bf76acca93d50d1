#define _POSIX_C_SOURCE 200809L

#include "host_services.h"

#include "orch/ext/jobs.h"
#include "orch/ext/journal.h"
#include "orch/ext/notifications.h"
#include "orch/ext/secrets.h"
#include "orch/ext/tasks.h"
#include "orch/ext/tenants.h"
#include "orch/version.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { most_jobs = 1000, longest_key = 200, most_messages = 100, longest_message_key = 300 };

static pthread_mutex_t guard = PTHREAD_MUTEX_INITIALIZER;
static char keys[most_jobs][longest_key + 1];
static unsigned taken;
static char data_folder[500];
static char spool_folder[600];

static int same(orch_str_t a, const char *b) {
    return a.size == strlen(b) && memcmp(a.data, b, a.size) == 0;
}

static orch_status_t put(const orch_sink_t *sink, const char *data, uint64_t size) {
    return sink->write(sink->owner, data, size);
}

static orch_status_t where_to_spool(void *self, const orch_sink_t *path, orch_error_t *error) {
    (void)self, (void)error;
    return put(path, spool_folder, strlen(spool_folder));
}

static void take(const orch_job_request_t *request, orch_job_reply_t *reply) {
    unsigned job = 0;
    if (request->key.size == 0 || request->key.size > longest_key || taken == most_jobs) {
        reply->outcome = ORCH_JOB_REFUSED;
        reply->words_size = (uint32_t)snprintf(reply->words, sizeof reply->words, "no such key, or no room");
        return;
    }
    while (job < taken && !same(request->key, keys[job]))
        job++;
    reply->outcome = job < taken ? ORCH_JOB_DUPLICATE : ORCH_JOB_ACCEPTED;
    reply->job_size = (uint32_t)snprintf(reply->job, sizeof reply->job, "job-%u", job + 1);
    if (job < taken) return;
    memcpy(keys[taken++], request->key.data, (size_t)request->key.size);
    printf("job %.*s\n", (int)request->payload.size, request->payload.data);
    fflush(stdout);
}

static orch_status_t start_jobs(void *self, const orch_job_request_t *const *requests,
                                orch_job_reply_t *const *replies, uint32_t count, orch_error_t *error) {
    (void)self, (void)error;
    pthread_mutex_lock(&guard);
    for (uint32_t i = 0; i < count; i++)
        take(requests[i], replies[i]);
    pthread_mutex_unlock(&guard);
    return ORCH_OK;
}

unsigned jobs_taken(void) {
    unsigned result;
    pthread_mutex_lock(&guard);
    result = taken;
    pthread_mutex_unlock(&guard);
    return result;
}

const char *key_of_job(unsigned job) {
    return keys[job];
}

static int mails;
static char sent[most_messages][longest_message_key + 1];
static unsigned messages;

void offer_notifications(void) {
    mails = 1;
}

static orch_status_t send_message(void *self, orch_str_t tenant, orch_str_t key, orch_str_t message,
                                  orch_error_t *error) {
    unsigned known = 0;
    (void)self, (void)tenant, (void)error;
    pthread_mutex_lock(&guard);
    while (known < messages && !same(key, sent[known]))
        known++;
    if (known == messages && messages < most_messages && key.size <= longest_message_key) {
        memcpy(sent[messages++], key.data, (size_t)key.size);
        printf("notification %.*s %.*s\n", (int)key.size, key.data, (int)message.size, message.data);
        fflush(stdout);
    }
    pthread_mutex_unlock(&guard);
    return known < most_messages ? ORCH_OK : ORCH_E_BUSY;
}

/* No secret of worth is given to this host: what it seals is hidden from a careless eye and bound to its
 * context. */
static char mask_at(orch_str_t context, uint64_t i) {
    return (char)(0x55 ^ (context.size != 0 ? context.data[i % context.size] : 0));
}

static orch_status_t seal(void *self, orch_str_t context, orch_str_t plain, const orch_sink_t *result,
                          orch_error_t *error) {
    static const char digits[] = "0123456789abcdef";
    orch_status_t status = put(result, "c:", 2);
    (void)self, (void)error;
    for (uint64_t i = 0; status == ORCH_OK && i < plain.size; i++) {
        const unsigned byte = (unsigned char)(plain.data[i] ^ mask_at(context, i));
        const char pair[] = {digits[byte >> 4], digits[byte & 15]};
        status = put(result, pair, sizeof pair);
    }
    return status;
}

static orch_status_t unseal(void *self, orch_str_t context, orch_str_t sealed, const orch_sink_t *result,
                            orch_error_t *error) {
    orch_status_t status = ORCH_OK;
    (void)self, (void)error;
    if (sealed.size % 2 != 0 || sealed.size < 2 || memcmp(sealed.data, "c:", 2) != 0) return ORCH_E_FAILED;
    for (uint64_t i = 2; status == ORCH_OK && i < sealed.size; i += 2) {
        const char pair[] = {sealed.data[i], sealed.data[i + 1], 0};
        const char byte = (char)((char)strtoul(pair, NULL, 16) ^ mask_at(context, i / 2 - 1));
        status = put(result, &byte, 1);
    }
    return status;
}

static orch_status_t write_journal(void *self, const orch_str_t *events, uint32_t count, orch_error_t *error) {
    (void)self, (void)error;
    for (uint32_t i = 0; i < count; i++)
        fprintf(stderr, "journal %.*s\n", (int)events[i].size, events[i].data);
    return ORCH_OK;
}

static orch_status_t triggers_of(void *self, orch_str_t tenant, orch_str_t type, const orch_sink_t *result,
                                 orch_error_t *error) {
    (void)self, (void)tenant, (void)type, (void)error;
    return put(result, "[]", 2);
}

static orch_status_t list_tenants(void *self, const orch_sink_t *result, orch_error_t *error) {
    static const char tenants[] =
        "[{\"id\":\"\",\"name\":\"Default\",\"timeOffset\":3,\"incomingEmail\":null}]";
    (void)self, (void)error;
    return put(result, tenants, sizeof tenants - 1);
}

static const orch_jobs_t jobs = {sizeof jobs, 0, NULL, where_to_spool, start_jobs};
static const orch_secrets_t secrets = {sizeof secrets, 0, NULL, seal, unseal};
static const orch_journal_t journal = {sizeof journal, 0, NULL, write_journal};
static const orch_tasks_t tasks = {sizeof tasks, 0, NULL, triggers_of};
static const orch_tenants_t tenants = {sizeof tenants, 0, NULL, list_tenants};
static const orch_notifications_t notifications = {sizeof notifications, 0, NULL, send_message};

static const void *extension(void *self, orch_str_t id) {
    (void)self;
    if (same(id, ORCH_EXT_JOBS)) return &jobs;
    if (same(id, ORCH_EXT_SECRETS)) return &secrets;
    if (same(id, ORCH_EXT_JOURNAL)) return &journal;
    if (same(id, ORCH_EXT_TASKS)) return &tasks;
    if (same(id, ORCH_EXT_TENANTS)) return &tenants;
    if (mails && same(id, ORCH_EXT_NOTIFICATIONS)) return &notifications;
    return NULL;
}

static void log_line(void *self, int32_t level, orch_str_t message) {
    (void)self;
    fprintf(stderr, "log %d %.*s\n", (int)level, (int)message.size, message.data);
}

const orch_host_t *host_in(const char *data) {
    static const char configuration[] = "{\"plugin\":{},\"assignment\":{\"ChainLimiterTriggerEventTime\":0}}";
    static orch_host_t host;
    snprintf(data_folder, sizeof data_folder, "%s", data);
    snprintf(spool_folder, sizeof spool_folder, "%s/spool", data);
    mkdir(spool_folder, 0700);
    host.struct_size = sizeof host;
    host.interface_version = ORCH_INTERFACE_VERSION;
    host.name.data = "c-host";
    host.name.size = strlen(host.name.data);
    host.version.data = "1";
    host.version.size = 1;
    host.data_folder.data = data_folder;
    host.data_folder.size = strlen(data_folder);
    host.configuration.data = configuration;
    host.configuration.size = sizeof configuration - 1;
    host.get_extension = extension;
    host.log = log_line;
    return &host;
}
