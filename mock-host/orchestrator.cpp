#include "orchestrator.hpp"

#include <algorithm>

#include "base/files.hpp"
#include "base/log.hpp"
#include "base/random_id.hpp"
#include "dashboard/state_sampler.hpp"
#include "http/change_feed.hpp"
#include "http/resources.hpp"
#include "http/server.hpp"
#include "jobs/housekeeping.hpp"
#include "jobs/outcome_teller.hpp"
#include "jobs/queue.hpp"
#include "jobs/runner.hpp"
#include "mail/postman.hpp"
#include "plugins/plugin_set.hpp"
#include "security/key_ring.hpp"
#include "security/password_hash.hpp"
#include "security/users.hpp"
#include "store/database.hpp"
#include "tasks/task_service.hpp"

namespace host {
namespace {

// Said at the start and not at the first mail: a password in clear, or one sealed with another key.
KeyRing checked(KeyRing keys, const Configuration &configuration) {
    for (const auto &[path, text] : sealed_texts(configuration)) {
        try {
            static_cast<void>(keys.open(configuration_context, text));
        } catch (const SecretRefused &refused) {
            throw ConfigurationRefused(path + ": " + refused.what() + "; make it with password-encryptor");
        }
    }
    for (const auto &user : configuration.users) {
        if (user.password_hash && !is_password_hash(*user.password_hash)) {
            throw ConfigurationRefused("Users: the Password of " + user.name +
                                       " is not one; make it with password-encryptor --hash");
        }
    }
    return keys;
}

// Without configured users somebody must be able to come in: who can read the data folder can.
std::vector<ConfiguredUser> users_of(const Configuration &configuration, const std::filesystem::path &data) {
    if (!configuration.users.empty()) return configuration.users;
    const auto file = data / "admin.token";
    create_durable(file, random_id() + "\n");
    auto token = read_file(file).value_or("");
    while (token.ends_with('\n'))
        token.pop_back();
    if (token.empty()) throw std::runtime_error(file.string() + " is empty: delete it to get a new token");
    log_line(Severity::info, "host",
             "no Users are configured: the token of the administrator \"admin\" is in " + file.string());
    return {{.name = "admin", .role = Role::administrator, .tenant = "", .password_hash = {}, .token = token}};
}

std::filesystem::path prepared(const std::filesystem::path &folder) {
    make_private_folder(folder);
    return std::filesystem::canonical(folder);
}

std::vector<std::string> ids_of(const std::vector<Tenant> &tenants) {
    std::vector<std::string> ids;
    ids.reserve(tenants.size());
    for (const auto &tenant : tenants)
        ids.push_back(tenant.id);
    return ids;
}

} // namespace

// In the order in which they are made; they go in the reverse one.
struct Orchestrator::Parts {
    Parts(Configuration given, const OrchestratorPlace &place)
        : configuration(std::move(given)), data(prepared(place.data)), lock(data / "lock"),
          keys(checked(find_keys(place.key_file, data), configuration)), users(users_of(configuration, data)),
          database(data / "host.sqlite"),
          runner(database, {place.launcher, prepared(data / "jobs"), configuration.jobs.concurrency}),
          queue(database, runner, configuration.jobs, prepared(data / "spool")),
          postman(configuration.notifications
                      ? std::make_unique<Postman>(database, keys, *configuration.notifications)
                      : nullptr),
          plugins(place.plugins,
                  {configuration, database, queue, keys, prepared(data / "plugins"), place.patience,
                   [this](const PageChange &change) { http::append_page_change(events, change); },
                   postman.get()}),
          teller(database, plugins, job_ended), tasks(database, plugins),
          sampler(database, plugins, ids_of(configuration.tenants), place.sampling),
          router(users, sessions, configuration), changes(database, events),
          server(router, counts, place.listen) {
        warn_of_absent_plugins();
        http::add_general_calls(router, plugins, queue);
        http::SpokenRoutes spoken(router, plugins);
        http::add_settings_calls(spoken, plugins);
        http::add_trigger_type_calls(spoken, plugins);
        http::add_task_calls(spoken, tasks);
        http::add_trigger_calls(spoken, tasks, database);
        http::add_job_calls(router, database, queue, runner.jobs_folder());
        http::add_erasure_calls(router, queue, plugins);
        http::add_journal_calls(router, database);
        http::add_asset_calls(router, database);
        http::add_event_calls(router, events, seats);
        http::add_metrics_calls(router, database, queue, plugins, counts, seats, postman.get());
        http::add_session_calls(router, {configuration, users, sessions, attempts}, database);
        http::add_dashboard_calls(router, database, sampler);
        http::add_openapi_calls(router);
        http::add_page_calls(router, place.web);
    }

    void warn_of_absent_plugins() const {
        const auto statuses = plugins.statuses();
        for (const auto &[id, section] : configuration.plugins) {
            const bool there =
                std::any_of(statuses.begin(), statuses.end(), [&id = id](const PluginStatus &status) {
                    return status.manifest && status.manifest->id == id;
                });
            if (!there) log_line(Severity::warning, "host", "Plugins." + id + " is configured, but not there");
        }
    }

    const Configuration configuration;
    const std::filesystem::path data;
    const FolderLock lock;
    const KeyRing keys;
    const Users users;
    Bell job_ended;
    Database database;
    Runner runner;
    JobQueue queue;
    http::EventLog events;
    std::unique_ptr<Postman> postman; // null: the host can't mail
    PluginSet plugins;
    OutcomeTeller teller;
    TaskService tasks;
    StateSampler sampler;
    BrowserSessions sessions;
    Attempts attempts;
    http::StreamSeats seats{64, 16}; // of 128 threads
    http::RequestCounts counts;
    http::Router router;
    http::ChangeFeed changes;
    http::Server server;
    std::unique_ptr<Housekeeping> housekeeping;
};

Orchestrator::Orchestrator(Configuration configuration, const OrchestratorPlace &place)
    : parts_(std::make_unique<Parts>(std::move(configuration), place)) {}

Orchestrator::~Orchestrator() {
    stop();
}

void Orchestrator::start() {
    auto &parts = *parts_;
    parts.runner.on_end([&parts] { parts.job_ended.ring(); });
    parts.runner.start();
    if (parts.postman) parts.postman->start();
    parts.plugins.start();
    parts.teller.start();
    parts.tasks.resume();
    parts.sampler.start();
    parts.housekeeping = std::make_unique<Housekeeping>(std::vector<Housekeeping::Chore>{
        {std::chrono::seconds(5), [&parts] { parts.tasks.resume_failed(); }},
        {std::chrono::seconds(60), [&parts] { parts.queue.expire(wall_now()); }},
    });
    parts.server.start();
}

bool Orchestrator::stop() {
    auto &parts = *parts_;
    parts.events.close();
    parts.server.stop();
    parts.housekeeping.reset();
    const bool none_asked = parts.sampler.stop();
    const bool all = parts.plugins.stop() && none_asked;
    if (all) parts.teller.stop();
    if (parts.postman) parts.postman->stop();
    parts.runner.stop();
    return all;
}

std::vector<std::string> Orchestrator::routes() const {
    return parts_->router.routes();
}

std::string Orchestrator::address() const {
    return parts_->server.address();
}

} // namespace host
