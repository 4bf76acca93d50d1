/* A foreign host in plain C11: what the interface asks of a host, and no more.
 *
 *   c_host LIBRARY --data FOLDER [--rounds N]
 *          [--mailbox JSON --parameters JSON --jobs N --seconds S] [--outcome STATE]
 *
 * Loads the plugin, starts and stops it N times and prints its pages and trigger types. With a mailbox it adds
 * that, starts a trigger with those parameters and waits for N jobs; each is printed. With an outcome it offers
 * orch.notifications/1 and tells the plugin, twice, that each job has ended so. Exit status 0 when all
 * went well and nothing of the plugin was left running after a stop. */
#define _POSIX_C_SOURCE 200809L

#include "host_services.h"
#include "orch/entry.h"
#include "orch/ext/job_outcomes.h"
#include "orch/ext/settings_page.h"
#include "orch/ext/trigger_provider.h"

#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static orch_str_t text(const char *zero_terminated) {
    orch_str_t result = {zero_terminated, strlen(zero_terminated)};
    return result;
}

struct failure {
    char words[1000];
    char details[1000];
    orch_error_t error;
};

static orch_error_t *reset(struct failure *failure) {
    memset(failure, 0, sizeof *failure);
    failure->error.struct_size = sizeof failure->error;
    failure->error.words = failure->words;
    failure->error.words_capacity = sizeof failure->words - 1;
    failure->error.details = failure->details;
    failure->error.details_capacity = sizeof failure->details - 1;
    return &failure->error;
}

static int worked(const char *what, orch_status_t status, const struct failure *failure) {
    if (status != ORCH_OK)
        fprintf(stderr, "c_host: %s: status %d: %s %s\n", what, (int)status, failure->words, failure->details);
    return status == ORCH_OK;
}

static orch_status_t write_to_stdout(void *owner, const char *data, uint64_t size) {
    (void)owner;
    return fwrite(data, 1, (size_t)size, stdout) == size ? ORCH_OK : ORCH_E_FAILED;
}

static int print_types(const orch_settings_page_t *pages, const orch_trigger_provider_t *triggers) {
    const orch_sink_t out = {sizeof out, 0, NULL, write_to_stdout};
    struct failure failure;
    if (pages == NULL || triggers == NULL) {
        fprintf(stderr, "c_host: the plugin lacks an extension that its manifest promises\n");
        return 0;
    }
    printf("pages ");
    if (!worked("settings_page.describe", pages->describe(pages->self, &out, reset(&failure)), &failure))
        return 0;
    printf("\ntypes ");
    if (!worked("trigger_provider.describe",
                triggers->describe(triggers->self, text("{\"tenant\":\"\",\"locale\":\"en\"}"), &out,
                                   reset(&failure)),
                &failure))
        return 0;
    printf("\n");
    fflush(stdout);
    return 1;
}

static int tell_outcomes(const orch_job_outcomes_t *outcomes, const char *state) {
    struct failure failure;
    char job[1000];
    for (unsigned i = 0; i < 2 * jobs_taken(); i++) {
        if (snprintf(job, sizeof job,
                     "{\"id\":\"job-%u\",\"key\":\"%s\",\"retryOf\":null,\"trigger\":\"trigger-1\","
                     "\"task\":{\"id\":\"task-1\",\"name\":\"C\"},\"state\":\"%s\",\"exitCode\":null,"
                     "\"startedAt\":null,\"endedAt\":\"2026-11-27T10:00:00Z\"}",
                     i / 2 + 1, key_of_job(i / 2), state) >= (int)sizeof job)
            return 0;
        if (!worked("job_outcomes.job_ended",
                    outcomes->job_ended(outcomes->self, text(""), text(job), reset(&failure)), &failure))
            return 0;
    }
    return 1;
}

static int run_trigger(const orch_settings_page_t *pages, const orch_trigger_provider_t *triggers,
                       const char *mailbox, const char *parameters, unsigned jobs, unsigned seconds) {
    const orch_str_t caller = text("{\"tenant\":\"\",\"user\":\"c-host\",\"locale\":\"en\"}");
    const orch_sink_t out = {sizeof out, 0, NULL, write_to_stdout};
    struct failure failure;
    char trigger[4000];
    const struct timespec pause = {0, 50 * 1000 * 1000};
    const time_t deadline = time(NULL) + (time_t)seconds;
    int complete;

    printf("mailbox ");
    if (!worked(
            "settings_page.create",
            pages->create(pages->self, text("incoming-email"), caller, text(mailbox), &out, reset(&failure)),
            &failure))
        return 0;
    printf("\n");
    if (snprintf(trigger, sizeof trigger,
                 "{\"id\":\"trigger-1\",\"type\":\"run-on-email\",\"tenant\":\"\","
                 "\"task\":{\"id\":\"task-1\",\"name\":\"C\"},\"parameters\":%s}",
                 parameters) >= (int)sizeof trigger) {
        fprintf(stderr, "c_host: the parameters are too long\n");
        return 0;
    }
    if (!worked("trigger_provider.start", triggers->start(triggers->self, text(trigger), reset(&failure)),
                &failure))
        return 0;
    printf("started\n");
    fflush(stdout);
    while (jobs_taken() < jobs && time(NULL) < deadline)
        nanosleep(&pause, NULL);
    complete = jobs_taken() == jobs;
    if (!complete) fprintf(stderr, "c_host: %u jobs instead of %u\n", jobs_taken(), jobs);
    return worked("trigger_provider.stop", triggers->stop(triggers->self, text("trigger-1"), reset(&failure)),
                  &failure) &&
           complete;
}

static unsigned entries_of(const char *folder) {
    DIR *open_folder = opendir(folder);
    unsigned count = 0;
    if (open_folder == NULL) return 0;
    while (readdir(open_folder) != NULL)
        count++;
    closedir(open_folder);
    return count;
}

/* A thread that has ended may stand in /proc for a moment longer. */
static int threads_are_back_to(unsigned before) {
    const struct timespec pause = {0, 10 * 1000 * 1000};
    unsigned now = entries_of("/proc/self/task");
    for (int attempt = 0; attempt < 100 && now > before; attempt++) {
        nanosleep(&pause, NULL);
        now = entries_of("/proc/self/task");
    }
    if (now > before) fprintf(stderr, "c_host: stop left %u threads behind\n", now - before);
    return now <= before;
}

static int round_of(const orch_plugin_t *plugin, const char *mailbox, const char *parameters, unsigned jobs,
                    unsigned seconds, const char *outcome, int say) {
    struct failure failure;
    const unsigned threads = entries_of("/proc/self/task");
    int good = 1;
    if (!worked("start", plugin->start(plugin->self, reset(&failure)), &failure)) return 0;
    {
        const orch_settings_page_t *pages = plugin->get_extension(plugin->self, text(ORCH_EXT_SETTINGS_PAGE));
        const orch_trigger_provider_t *triggers =
            plugin->get_extension(plugin->self, text(ORCH_EXT_TRIGGER_PROVIDER));
        if (say) good = print_types(pages, triggers);
        if (good && mailbox != NULL) good = run_trigger(pages, triggers, mailbox, parameters, jobs, seconds);
        if (good && mailbox != NULL && outcome != NULL)
            good = tell_outcomes(plugin->get_extension(plugin->self, text(ORCH_EXT_JOB_OUTCOMES)), outcome);
    }
    plugin->stop(plugin->self);
    return threads_are_back_to(threads) && good;
}

/* A host's signals are its own: what a plugin changes, every process that the host starts inherits. */
static int signals_are_as_before(const sigset_t *before) {
    sigset_t now;
    pthread_sigmask(SIG_SETMASK, NULL, &now);
    for (int number = 1; number <= SIGRTMAX; number++) {
        if (sigismember(&now, number) == sigismember(before, number)) continue;
        fprintf(stderr, "c_host: the plugin has changed whether signal %d is blocked\n", number);
        return 0;
    }
    return 1;
}

static int usage(void) {
    fprintf(stderr, "usage: c_host LIBRARY --data FOLDER [--rounds N] "
                    "[--mailbox JSON --parameters JSON --jobs N --seconds S] [--outcome STATE]\n");
    return 2;
}

int main(int argc, char **argv) {
    const char *library_path, *data = NULL, *mailbox = NULL, *parameters = NULL, *outcome = NULL;
    unsigned rounds = 1, jobs = 1, seconds = 30;
    struct failure failure;
    const orch_plugin_t *plugin = NULL;
    orch_plugin_entry_fn entry;
    unsigned files = 0;
    int good = 1;
    void *library;
    sigset_t signals;

    if (argc < 2) return usage();
    library_path = argv[1];
    for (int i = 2; i < argc; i += 2) {
        if (i + 1 == argc) return usage();
        if (strcmp(argv[i], "--data") == 0)
            data = argv[i + 1];
        else if (strcmp(argv[i], "--mailbox") == 0)
            mailbox = argv[i + 1];
        else if (strcmp(argv[i], "--parameters") == 0)
            parameters = argv[i + 1];
        else if (strcmp(argv[i], "--outcome") == 0)
            outcome = argv[i + 1];
        else if (strcmp(argv[i], "--rounds") == 0)
            rounds = (unsigned)strtoul(argv[i + 1], NULL, 10);
        else if (strcmp(argv[i], "--jobs") == 0)
            jobs = (unsigned)strtoul(argv[i + 1], NULL, 10);
        else if (strcmp(argv[i], "--seconds") == 0)
            seconds = (unsigned)strtoul(argv[i + 1], NULL, 10);
        else
            return usage();
    }
    if (outcome != NULL) offer_notifications();
    if (data == NULL || (mailbox == NULL) != (parameters == NULL)) return usage();

    pthread_sigmask(SIG_SETMASK, NULL, &signals);
    library = dlopen(library_path, RTLD_NOW | RTLD_LOCAL);
    if (library == NULL) {
        fprintf(stderr, "c_host: %s\n", dlerror());
        return 1;
    }
    /* POSIX's own way round ISO C, which has no conversion from an object to a function pointer. */
    *(void **)(&entry) = dlsym(library, ORCH_ENTRY_SYMBOL);
    if (entry == NULL) {
        fprintf(stderr, "c_host: %s\n", dlerror());
        return 1;
    }
    if (!worked("entry", entry(host_in(data), &plugin, reset(&failure)), &failure)) return 1;
    printf("plugin %.*s %.*s\n", (int)plugin->id.size, plugin->id.data, (int)plugin->version.size,
           plugin->version.data);

    for (unsigned round = 1; good && round <= rounds; round++) {
        good = round_of(plugin, mailbox, parameters, jobs, seconds, outcome, round == 1);
        mailbox = NULL;
        /* Whatever a library opens once for good, it has opened by the end of the first round. */
        if (round == 1) files = entries_of("/proc/self/fd");
        if (good && entries_of("/proc/self/fd") > files) {
            fprintf(stderr, "c_host: round %u left descriptors open\n", round);
            good = 0;
        }
    }
    plugin->destroy(plugin->self);
    dlclose(library);
    good = good && signals_are_as_before(&signals);
    if (good) printf("%u rounds done\n", rounds);
    return good ? 0 : 1;
}
