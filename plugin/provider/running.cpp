#include "provider/running.hpp"

#include <algorithm>
#include <fstream>

#include <nlohmann/json.hpp>

#include "base/ascii.hpp"
#include "base/form.hpp"
#include "base/random_id.hpp"
#include "base/unicode.hpp"
#include "ledger/ledger_arrivals.hpp"
#include "ledger/ledger_changes.hpp"
#include "net/limits.hpp"
#include "source/ews/ews_source.hpp"
#include "source/imap/imap_source.hpp"
#include "source/pop3/pop3_source.hpp"
#include "trigger/condition_form.hpp"

namespace roe::provider {

using nlohmann::json;
using orch::sdk::LogLevel;
using orch::sdk::Outcome;

namespace {

// Workers block on the network, so there are more of them than processors.
constexpr int default_workers = 16;
constexpr int default_log_days = 90;
// The last waits before it are hours long, so a server has half a day to get well.
constexpr int default_most_attempts = 10;

// Assignment.ChainLimiterTriggerEventTime, which the host has checked.
std::chrono::milliseconds least_gap_of(const json &configuration) {
    const auto assignment = configuration.find("assignment");
    if (assignment == configuration.end() || !assignment->is_object()) return {};
    return std::chrono::milliseconds(assignment->value("ChainLimiterTriggerEventTime", std::int64_t{0}));
}

Outcome<Configuration> read_configuration(const json &section) {
    const auto given = section.is_null() ? json::object() : section;
    FormReader reader(given);
    Configuration result;
    result.database = reader.text("Database", "sqlite");
    result.workers = static_cast<std::size_t>(reader.number("Workers", default_workers, 2, 256));
    result.most_attempts = static_cast<int>(reader.number("QuarantineAfter", default_most_attempts, 1, 100));
    result.log_retention = std::chrono::days(reader.number("MessageLogDays", default_log_days, 1, 3650));
    const std::string proxy = reader.text("HttpProxy");
    if (!proxy.empty() && proxy != "none" && !net::parse_http_proxy(proxy))
        reader.reject("HttpProxy", "must be an address as http://user:password@host:port, or \"none\"");
    result.proxies = net::HttpProxies(proxy, net::process_environment());
    const auto errors = reader.finish();
    if (errors.empty()) return result;
    std::string words = "the section Plugins.run-on-email of the configuration:";
    for (const auto &error : errors)
        words += " " + error.field + " " + error.message + ";";
    words.pop_back();
    return orch::sdk::failed(words);
}

// The name under which this installation holds leases: its own, and the same when the host starts again.
Outcome<std::string> node_name(const std::filesystem::path &data_folder) {
    const auto path = data_folder / "node.id";
    std::string name;
    if (std::ifstream(path) >> name && !name.empty()) return name;
    name = random_id("node-");
    std::ofstream file(path);
    if (!(file << name << '\n' << std::flush)) return orch::sdk::failed("can't write " + path.string());
    return name;
}

// A host without orch.tenants/1 has no base mailboxes.
Outcome<settings::MailboxBook::BaseMailboxes> base_mailboxes(orch::sdk::Host &host, ledger::Ledger &ledger) {
    settings::MailboxBook::BaseMailboxes bases;
    auto tenants = host.tenants();
    if (!tenants) {
        if (tenants.failure().status == orch::sdk::Status::unsupported) return bases;
        return tenants.failure();
    }
    const auto listed = tenants->list();
    if (!listed) return listed.failure();
    for (const auto &tenant : *listed) {
        if (tenant.incoming_email.is_null()) continue;
        auto base = settings::read_base_mailbox(tenant.id, tenant.incoming_email);
        const auto rows = ledger.mailboxes(tenant.id);
        if (!rows) return orch::sdk::failed(rows.error().text());
        const auto address = unicode::folded_address(base.mailbox.email);
        if (std::any_of(rows->begin(), rows->end(), [&](const auto &row) { return row.address == address; }))
            base.faults.push_back({"UserName", "is the address of an additional mailbox of this tenant"});
        for (const auto &fault : base.faults)
            host.log(LogLevel::warning,
                     "the base mailbox of tenant \"" + tenant.id + "\": " + fault.field + " " + fault.message);
        bases.emplace(tenant.id, std::move(base));
    }
    return bases;
}

// A host without orch.page-changes/1 shows what is new when its page is loaded anew.
orch::sdk::PageChangesService *page_changes_of(orch::sdk::Host &host) {
    auto changes = host.page_changes();
    return changes ? &*changes : nullptr;
}

// A service that a host may leave out; null: it has.
template <class Service>
Outcome<Service *> if_offered(Outcome<Service &> asked) {
    if (asked) return &*asked;
    if (asked.failure().status == orch::sdk::Status::unsupported) return nullptr;
    return asked.failure();
}

} // namespace

Outcome<std::unique_ptr<Running>> Running::start(orch::sdk::Host &host) {
    const auto &configuration = host.configuration();
    const auto section = configuration.contains("plugin") ? configuration.at("plugin") : json();
    auto read = read_configuration(section);
    if (!read) return read.failure();
    auto jobs = host.jobs();
    if (!jobs) return jobs.failure();
    auto journal = host.journal();
    if (!journal) return journal.failure();
    auto secrets = host.secrets();
    if (!secrets) return secrets.failure();
    auto tasks = host.tasks();
    if (!tasks) return tasks.failure();
    auto assets = if_offered(host.assets());
    if (!assets) return assets.failure();
    auto notifications = if_offered(host.notifications());
    if (!notifications) return notifications.failure();
    auto spool = jobs->spool_folder();
    if (!spool) return spool.failure();

    auto node = node_name(host.data_folder());
    if (!node) return node.failure();

    auto ledger = ledger::open_ledger(read->database, host.data_folder().string());
    if (!ledger) return orch::sdk::failed(ledger.error().text());
    auto bases = base_mailboxes(host, **ledger);
    if (!bases) return bases.failure();
    auto paused = (*ledger)->pauses();
    if (!paused) return orch::sdk::failed(paused.error().text());
    for (const auto &mail : watch::UnderWork::left_behind(host.data_folder()))
        host.log(LogLevel::warning, "the last process ended while the mail " + mail.ref.uid + " of " +
                                        mail.validity + " was being read");
    auto under_work = watch::begin_after_deaths(host.data_folder(), **ledger, SystemClock().wall());
    if (!under_work) return orch::sdk::failed(under_work.error().text());
    const auto descriptors = net::raise_descriptor_limit();
    host.log(LogLevel::info, "up to " + std::to_string(descriptors.now) + " open connections and files");
    return std::unique_ptr<Running>(new Running(
        host, {*jobs, *journal, *secrets, *tasks, *assets, *notifications}, std::move(*ledger),
        std::move(*under_work), *spool, std::move(*node), *read, std::move(*paused), std::move(*bases)));
}

Running::Running(orch::sdk::Host &host, Services services, std::unique_ptr<ledger::Ledger> ledger,
                 std::unique_ptr<watch::UnderWork> under_work, std::filesystem::path spool, std::string node,
                 const Configuration &configuration, std::map<std::string, WallTime> paused,
                 settings::MailboxBook::BaseMailboxes bases)
    : host_(host), page_changes_(page_changes_of(host)), services_(services),
      clock_(std::make_shared<SystemClock>()), connector_(net::make_connector(configuration.proxies)),
      ledger_(std::move(ledger)), mailboxes_(*ledger_, services_.secrets, std::move(bases)),
      tokens_(*ledger_, services_.secrets, connector_, clock_), spool_(std::move(spool)),
      under_work_(std::move(under_work)),
      notices_({*ledger_, services_.notifications,
                [this](const std::string &tenant, const std::string &trigger) {
                    return task_name_of(tenant, trigger);
                },
                [this](const std::string &line) { log(LogLevel::warning, line); }}),
      delivery_({*ledger_, services_.jobs, services_.journal, services_.assets, *clock_, figures_,
                 [this](const std::string &line) { log(LogLevel::warning, line); },
                 [this] { mailroom_->sweep_outbox(); }, least_gap_of(host.configuration()),
                 [this] { mailroom_->tell_of_parked(); }}) {
    mailroom_ = std::make_unique<watch::Mailroom>(
        watch::Mailroom::Ports{{*ledger_, delivery_, spool_, services_.journal, *clock_, figures_, *under_work_,
                                configuration.most_attempts},
                               std::move(node),
                               configuration.log_retention,
                               std::move(paused),
                               [this](const std::string &line) { log(LogLevel::warning, line); },
                               &notices_},
        configuration.workers);
}

Running::~Running() {
    mailroom_->close();
}

watch::WatchableMailbox Running::watchable(const settings::Mailbox &mailbox) {
    tokens_.forget_refusal(mailbox.key());
    watch::WatchableMailbox result;
    result.id = mailbox.key();
    result.address = mailbox.email;
    result.protocol = mailbox.protocol;
    result.folder = mailbox.folder();
    // One login may open many an Exchange mailbox.
    const auto owner = mailbox.is_exchange() ? unicode::folded_address(mailbox.email) + " by " : std::string();
    result.server = owner + mailbox.login_name() + "@" + lower(mailbox.host);
    result.lane = lower(mailbox.host) + ":" + std::to_string(mailbox.port);
    result.disposal = {mailbox.remove_received, mailbox.move_to, mailbox.keyword};
    result.changed = [this, mailbox] { note_change(mailbox); };
    result.trusted_authserv = mailbox.trusted_authserv;
    result.started_triggers = [this, mailbox](const std::string &folder) {
        return started_triggers(mailbox, folder);
    };
    result.make_source = [this, mailbox, server = result.server](
                             const std::string &folder) -> Result<std::unique_ptr<MailSource>> {
        auto secrets = mailboxes_.open_secrets(mailbox);
        if (!secrets) return secrets.error();
        auto account = account_for(mailbox, folder, std::move(*secrets), nullptr);
        if (mailbox.is_exchange())
            return ews::make_source(
                std::move(account), connector_, clock_,
                std::make_shared<ledger::LedgerChanges>(*ledger_, *clock_, mailbox.key(), folder, server));
        if (mailbox.is_pop3())
            return pop3::make_source(
                std::move(account), connector_, clock_,
                std::make_shared<ledger::LedgerArrivals>(*ledger_, *clock_, mailbox.key(), folder));
        return imap::make_source(std::move(account), connector_, clock_);
    };
    return result;
}

std::string Running::task_name_of(const std::string &tenant, const std::string &trigger) {
    const auto known = services_.tasks.triggers(tenant, trigger_type);
    if (!known) return {};
    const auto found = std::ranges::find(*known, trigger, &orch::sdk::KnownTrigger::id);
    return found == known->end() ? std::string() : found->task.name;
}

void Running::note_change(const settings::Mailbox &mailbox) {
    if (page_changes_ == nullptr) return;
    if (const auto noted = page_changes_->note(page_id, mailbox.tenant, mailbox.id); !noted)
        log(LogLevel::warning,
            "the host did not take the change of " + mailbox.email + ": " + noted.failure().words);
}

Account Running::account_for(const settings::Mailbox &mailbox, const std::string &folder,
                             settings::Secrets secrets, net::StepObserver *observer) {
    std::shared_ptr<net::TokenSource> tokens;
    if (mailbox.oauth)
        tokens = tokens_.source(mailbox.key(), settings::token_request_of(mailbox, secrets), observer);
    auto account = settings::account_of(mailbox, folder, std::move(secrets));
    account.tokens = std::move(tokens);
    return account;
}

std::unique_ptr<MailSource> Running::make_source(const settings::Mailbox &mailbox, const std::string &folder,
                                                 settings::Secrets secrets, Limits limits,
                                                 net::StepObserver *observer) {
    auto account = account_for(mailbox, folder, std::move(secrets), observer);
    if (mailbox.is_exchange())
        return ews::make_source(std::move(account), connector_, clock_, nullptr, limits, observer);
    if (mailbox.is_pop3())
        return pop3::make_source(std::move(account), connector_, clock_, nullptr, limits, observer);
    return imap::make_source(std::move(account), connector_, clock_, limits, observer);
}

Result<std::vector<std::string>> Running::started_triggers(const settings::Mailbox &mailbox,
                                                           const std::string &folder) {
    const auto triggers = services_.tasks.triggers(mailbox.tenant, trigger_type);
    if (!triggers)
        return Error{Fault::storage,           "host", "asking the host for its triggers",
                     triggers.failure().words, {},     {}};
    const auto address = unicode::folded_address(mailbox.email);
    std::vector<std::string> ids;
    for (const auto &trigger : *triggers) {
        if (!trigger.started) continue;
        // This is asked after each pass; expressions take long to read, and do not tell where the trigger
        // looks.
        auto values = trigger.parameters;
        if (values.is_object()) values.erase(std::string(trigger::more_filters_field));
        const auto parameters = trigger::read_parameters(values);
        if (!parameters || unicode::folded_address(parameters->email) != address) continue;
        if ((parameters->folder.empty() ? mailbox.folder() : parameters->folder) == folder)
            ids.push_back(trigger.id);
    }
    return ids;
}

} // namespace roe::provider
