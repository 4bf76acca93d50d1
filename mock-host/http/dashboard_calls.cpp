// GET /api/dashboard: what a tenant's jobs and settings did of late.
#include <charconv>

#include "base/problem.hpp"
#include "http/resources.hpp"
#include "store/job_figures.hpp"

namespace host::http {
namespace {

std::int64_t minutes_of(const Request &request) {
    const auto text = request.parameter("minutes").value_or("60");
    std::int64_t minutes = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), minutes);
    if (error != std::errc{} || end != text.data() + text.size() || minutes < 1 || minutes > 1440) {
        throw Problem(400, "bad-minutes", "`minutes` must be a number from 1 to 1440");
    }
    return minutes;
}

nlohmann::json bucket_of(const MinuteOfJobs &minute) {
    nlohmann::json latency;
    if (minute.latency) latency = *minute.latency / 1000;
    return {{"at", rfc3339(minute.at)},          {"jobs", minute.jobs},
            {"succeeded", minute.succeeded},     {"failed", minute.failed},
            {"interrupted", minute.interrupted}, {"latencyMs", std::move(latency)}};
}

// One for each minute, whether or not it had a job.
nlohmann::json buckets_of(const std::vector<MinuteOfJobs> &rows, Micros from, Micros before) {
    auto buckets = nlohmann::json::array();
    auto next = rows.begin();
    for (auto at = from; at < before; at += micros_per_minute) {
        MinuteOfJobs minute{.at = at};
        if (next != rows.end() && next->at == at) minute = *next++;
        buckets.push_back(bucket_of(minute));
    }
    return buckets;
}

nlohmann::json backlog_of(const JobCountsByState &counts) {
    nlohmann::json backlog;
    for (const auto *state : {job_state::queued, job_state::starting, job_state::running}) {
        const auto found = counts.find(state);
        backlog[state] = found == counts.end() ? 0 : found->second;
    }
    return backlog;
}

nlohmann::json series_of(const std::vector<StateSample> &samples, bool with_items) {
    auto series = nlohmann::json::array();
    for (const auto &sample : samples) {
        nlohmann::json point{{"at", rfc3339(sample.at)}, {"backlog", sample.backlog}};
        if (with_items) point["items"] = *sample.items;
        series.push_back(std::move(point));
    }
    return series;
}

} // namespace

void add_dashboard_calls(Router &router, Database &database, const StateSampler &sampler) {
    router.add("GET", "/api/dashboard", Access::signed_in, [&](const Request &request) {
        const auto minutes = minutes_of(request);
        const auto before = (wall_now() / micros_per_minute + 1) * micros_per_minute;
        const auto from = before - minutes * micros_per_minute;
        nlohmann::json document{{"minutes", minutes}};
        database.read([&](Session &session) {
            document["buckets"] =
                buckets_of(jobs::by_minute(session, request.tenant, from, before), from, before);
            document["backlog"] = backlog_of(jobs::backlogs(session)[request.tenant]);
        });
        // Settings pages are for administrators, and so is what is on them.
        const bool with_items = request.user.administrates();
        document["series"] = series_of(sampler.since(request.tenant, from), with_items);
        if (with_items) document["items"] = sampler.items(request.tenant);
        return Response::of(document);
    });
}

} // namespace host::http
