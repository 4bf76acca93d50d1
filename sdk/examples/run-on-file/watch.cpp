#include "watch.hpp"

#include <array>
#include <cstdio>
#include <utility>

#include <nlohmann/json.hpp>

namespace run_on_file {

using orch::sdk::JobOutcome;
using orch::sdk::JobReply;
using orch::sdk::JobRequest;

namespace {

constexpr std::size_t rows_kept = 1000;
constexpr std::size_t starts_at_a_time = 100;

std::string now_in_utc() {
    const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
    const auto day = std::chrono::floor<std::chrono::days>(now);
    const std::chrono::year_month_day date(day);
    const std::chrono::hh_mm_ss time(now - day);
    std::array<char, 64> text{};
    const int size =
        std::snprintf(text.data(), text.size(), "%04d-%02u-%02uT%02d:%02d:%02dZ", static_cast<int>(date.year()),
                      static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                      static_cast<int>(time.hours().count()), static_cast<int>(time.minutes().count()),
                      static_cast<int>(time.seconds().count()));
    return {text.data(), static_cast<std::size_t>(size)};
}

void note(Standing &standing, const std::string &error) {
    if (!standing.looked || standing.error != error) {
        standing.since = now_in_utc();
    }
    standing.looked = true;
    standing.error = error;
}

} // namespace

void Watch::start(const std::string &trigger, Wish wish) {
    std::unique_lock lock(mutex_);
    wait_while_looking(lock, trigger);
    Progress &progress = watched_[trigger].progress;
    progress.wish = std::move(wish);
    progress.settling = {};
    progress.standing.looked = false;
    progress.standing.since = now_in_utc();
    changed_.notify_all();
}

void Watch::stop(const std::string &trigger) {
    std::unique_lock lock(mutex_);
    wait_while_looking(lock, trigger);
    watched_.erase(trigger);
}

std::optional<Standing> Watch::standing(const std::string &trigger) const {
    const std::lock_guard lock(mutex_);
    const auto found = watched_.find(trigger);
    return found == watched_.end() ? std::nullopt : std::optional(found->second.progress.standing);
}

std::vector<LogRow> Watch::rows(const std::string &trigger, std::uint64_t before, std::size_t limit) const {
    const std::lock_guard lock(mutex_);
    std::vector<LogRow> rows;
    if (const auto found = watched_.find(trigger); found != watched_.end()) {
        for (const LogRow &row : found->second.log) {
            if (row.number < before && rows.size() < limit) {
                rows.push_back(row);
            }
        }
    }
    return rows;
}

void Watch::run(const std::stop_token &stop) {
    while (!stop.stop_requested()) {
        std::vector<std::string> triggers;
        {
            const std::lock_guard lock(mutex_);
            for (const auto &[trigger, watched] : watched_) {
                triggers.push_back(trigger);
            }
        }
        for (const std::string &trigger : triggers) {
            if (!stop.stop_requested()) {
                look(trigger);
            }
        }
        std::unique_lock lock(mutex_);
        changed_.wait_for(lock, stop, interval_, [] { return false; });
    }
}

// No lock is held while the host is called: it may call back.
void Watch::look(const std::string &trigger) {
    Progress progress;
    {
        const std::lock_guard lock(mutex_);
        const auto found = watched_.find(trigger);
        if (found == watched_.end()) {
            return;
        }
        progress = found->second.progress;
        looking_ = trigger;
    }
    std::vector<LogRow> rows;
    const auto files = files_in(progress.wish.folder, progress.wish.suffix);
    if (!files) {
        if (progress.standing.error != files.failure().words) {
            log_.log(orch::sdk::LogLevel::warning, files.failure().words);
        }
        note(progress.standing, files.failure().words);
    } else {
        note(progress.standing, "");
        rows = ask(progress, trigger, progress.settling.settled(*files));
    }
    const std::lock_guard lock(mutex_);
    if (const auto found = watched_.find(trigger); found != watched_.end()) {
        progress.wish = found->second.progress.wish; // a host that called back may have changed it
        found->second.progress = std::move(progress);
        for (LogRow &row : rows) {
            row.number = ++rows_;
            found->second.log.push_front(std::move(row));
        }
        if (found->second.log.size() > rows_kept) {
            found->second.log.resize(rows_kept);
        }
    }
    looking_.clear();
    changed_.notify_all();
}

// The host keeps the keys, so asking for a file again is never wrong: after a restart this plugin knows nothing
// and asks for all of them, and gets the jobs that were started before.
std::vector<LogRow> Watch::ask(Progress &progress, const std::string &trigger, const std::vector<File> &files) {
    std::set<std::string> answered;
    std::vector<JobRequest> requests;
    std::vector<const File *> asked;
    for (const File &file : files) {
        std::string key = key_of(trigger, progress.wish.folder, file);
        if (progress.answered.contains(key)) {
            answered.insert(std::move(key));
        } else if (requests.size() < starts_at_a_time) {
            const std::filesystem::path path = progress.wish.folder / file.name;
            const nlohmann::json payload{{"trigger", trigger}, {"path", path.string()}, {"size", file.size}};
            requests.push_back({std::move(key), trigger, payload.dump()});
            asked.push_back(&file);
        }
    }
    std::vector<LogRow> rows;
    const std::vector<JobReply> replies = jobs_.start(requests);
    for (std::size_t i = 0; i < replies.size(); ++i) {
        const JobReply &reply = replies[i];
        if (reply.outcome == JobOutcome::busy || reply.outcome == JobOutcome::unanswered) {
            note(progress.standing, reply.words);
            continue; // the next look asks again, with the same key
        }
        answered.insert(requests[i].key);
        if (reply.outcome == JobOutcome::accepted) {
            progress.standing.last_fired = now_in_utc();
        }
        rows.push_back({0, *asked[i], reply.job, reply.words});
    }
    progress.answered = std::move(answered);
    return rows;
}

// Not for the thread itself, which comes here when a host calls back from within a start of a job.
void Watch::wait_while_looking(std::unique_lock<std::mutex> &lock, const std::string &trigger) {
    if (std::this_thread::get_id() != thread_.get_id()) {
        changed_.wait(lock, [&] { return looking_ != trigger; });
    }
}

} // namespace run_on_file
