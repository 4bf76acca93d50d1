#include "dashboard/state_sampler.hpp"

#include <exception>
#include <utility>

#include "base/log.hpp"
#include "store/job_figures.hpp"

namespace host {
namespace {

std::int64_t sum_of(const JobCountsByState &counts) {
    std::int64_t sum = 0;
    for (const auto &[state, count] : counts)
        sum += count;
    return sum;
}

} // namespace

StateSampler::StateSampler(Database &database, const PluginSet &plugins, std::vector<std::string> tenants,
                           SamplerPace pace)
    : database_(database), plugins_(plugins), tenants_(std::move(tenants)), pace_(pace) {}

StateSampler::~StateSampler() {
    if (thread_.joinable()) stop();
}

void StateSampler::start() {
    thread_ = std::thread([this] { loop(); });
}

bool StateSampler::stop() {
    bell_.end();
    if (thread_.joinable()) thread_.join();
    const auto end = PatientCall::Clock::now() + pace_.patience;
    bool all = true;
    for (auto &[plugin, question] : questions_) {
        if (question.call->wait_until(end)) continue;
        log_line(Severity::error, plugin, "it does not tell its items: the host ends without it");
        all = false;
    }
    return all;
}

void StateSampler::loop() {
    while (!bell_.ended()) {
        try {
            look();
        } catch (const std::exception &error) {
            log_line(Severity::error, "dashboard", error.what());
        }
        bell_.wait_for(pace_.interval);
    }
}

void StateSampler::look() {
    auto items = ask_plugins();
    const auto backlogs = database_.read([](Session &session) { return jobs::backlogs(session); });
    const auto at = wall_now();
    const std::lock_guard lock(mutex_);
    for (const auto &tenant : tenants_) {
        const auto backlog = backlogs.find(tenant);
        rings_[tenant].note(at, backlog == backlogs.end() ? 0 : sum_of(backlog->second),
                            std::move(items[tenant]));
    }
}

StateSampler::CountsByTenant StateSampler::ask_plugins() {
    for (const auto &plugin : plugins_.started())
        ask(plugin);
    const auto end = PatientCall::Clock::now() + pace_.patience;
    CountsByTenant all;
    for (auto next = questions_.begin(); next != questions_.end();) {
        auto &[plugin, question] = *next;
        if (!question.call->wait_until(end)) {
            if (!std::exchange(question.overdue, true))
                log_line(Severity::warning, plugin,
                         "it does not tell its items: the dashboard goes without them");
            ++next;
            continue;
        }
        for (auto &[tenant, counts] : *question.answer)
            all[tenant].merge(counts);
        next = questions_.erase(next);
    }
    return all;
}

void StateSampler::ask(const std::string &plugin) {
    const auto pages = plugins_.pages_of(plugin);
    if (pages.empty() || questions_.contains(plugin)) return;
    auto answer = std::make_shared<CountsByTenant>();
    auto *page = plugins_.settings_page(plugin);
    auto &question = questions_[plugin];
    question.answer = answer;
    question.call = std::make_unique<PatientCall>([answer, page, pages, plugin, tenants = tenants_] {
        try {
            for (const auto &tenant : tenants)
                (*answer)[tenant] = count_items(*page, pages, tenant);
        } catch (const std::exception &error) {
            log_line(Severity::error, plugin, std::string("its items can't be counted: ") + error.what());
        }
    });
}

std::vector<StateSample> StateSampler::since(const std::string &tenant, Micros from) const {
    const std::lock_guard lock(mutex_);
    const auto found = rings_.find(tenant);
    return found == rings_.end() ? std::vector<StateSample>{} : found->second.since(from);
}

ItemCounts StateSampler::items(const std::string &tenant) const {
    const std::lock_guard lock(mutex_);
    const auto found = rings_.find(tenant);
    return found == rings_.end() ? ItemCounts{} : found->second.items();
}

} // namespace host
