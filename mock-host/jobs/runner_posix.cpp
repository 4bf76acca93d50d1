#include "jobs/runner.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <string_view>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/files.hpp"
#include "base/log.hpp"
#include "base/utf8.hpp"
#include "crash_point.hpp"
#include "launcher/exit_codes.hpp"

namespace host {
namespace {

constexpr int most_attempts = 5;
// A new spare is started when the job that took the last one is on its way.
constexpr std::chrono::milliseconds spare_pause{100};
constexpr std::uint64_t wake_event = 0;

// Two events for each slot.
constexpr std::uint64_t ended_event(std::uint64_t slot) {
    return slot * 2;
}
constexpr std::uint64_t told_event(std::uint64_t slot) {
    return slot * 2 + 1;
}

void add_event(const Handle &poll, const Handle &source, std::uint64_t event) {
    epoll_event wish{};
    wish.events = EPOLLIN;
    wish.data.u64 = event;
    if (::epoll_ctl(poll.get(), EPOLL_CTL_ADD, source.get(), &wish) != 0) {
        throw std::system_error(errno, std::generic_category(), "epoll_ctl");
    }
}

} // namespace

Runner::Runner(Database &database, RunnerSettings settings)
    : database_(database), settings_(std::move(settings)), poll_(::epoll_create1(EPOLL_CLOEXEC)),
      wake_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
    if (!poll_.open() || !wake_.open()) throw std::system_error(errno, std::generic_category(), "epoll");
    add_event(poll_, wake_, wake_event);
}

Runner::~Runner() {
    stop();
}

void Runner::start() {
    for (const auto &job : database_.read([](Session &session) { return jobs::unfinished(session); })) {
        if (!take_up(job.id, 0)) waiting_.push_back({job.id});
    }
    thread_ = std::thread([this] { loop(); });
}

void Runner::stop() {
    if (!thread_.joinable()) return;
    {
        const std::lock_guard lock(mutex_);
        ending_ = true;
    }
    ::eventfd_write(wake_.get(), 1);
    thread_.join();
    if (spare_) dismiss(*std::exchange(spare_, std::nullopt));
}

void Runner::enqueue(std::vector<LaunchOrder> jobs) {
    {
        const std::lock_guard lock(mutex_);
        std::move(jobs.begin(), jobs.end(), std::back_inserter(incoming_));
    }
    ::eventfd_write(wake_.get(), 1);
}

std::map<std::string, std::int64_t> Runner::ended() const {
    const std::lock_guard lock(mutex_);
    std::map<std::string, std::int64_t> all{
        {job_state::succeeded, 0}, {job_state::failed, 0}, {job_state::interrupted, 0}};
    for (const auto &[state, count] : ended_)
        all[state] = count;
    return all;
}

void Runner::loop() {
    std::array<epoll_event, 64> events{};
    while (true) {
        {
            const std::lock_guard lock(mutex_);
            if (ending_) return;
        }
        take_incoming();
        start_what_may();
        keep_a_spare();
        const int count =
            ::epoll_wait(poll_.get(), events.data(), static_cast<int>(events.size()), milliseconds_to_next());
        for (int index = 0; index < count; ++index) {
            const std::uint64_t event = events[static_cast<std::size_t>(index)].data.u64;
            if (event == wake_event) {
                eventfd_t ignored = 0;
                ::eventfd_read(wake_.get(), &ignored);
                continue;
            }
            const auto found = running_.find(event / 2);
            if (found == running_.end()) continue;
            if (event == told_event(found->first)) {
                hear_claim(found->second);
            } else {
                finish(found->first);
            }
        }
    }
}

void Runner::take_incoming() {
    const std::lock_guard lock(mutex_);
    for (auto &order : incoming_) {
        waiting_.push_back({order.id});
        if (has_room()) waiting_.back().order = std::move(order);
    }
    incoming_.clear();
}

void Runner::start_what_may() {
    const auto now = Clock::now();
    while (!delayed_.empty() && delayed_.begin()->first <= now) {
        waiting_.push_front(std::move(delayed_.begin()->second));
        delayed_.erase(delayed_.begin());
    }
    while (!waiting_.empty() && static_cast<std::int64_t>(running_.size()) < settings_.concurrency) {
        auto next = std::move(waiting_.front());
        waiting_.pop_front();
        start(std::move(next));
    }
}

void Runner::start(Waiting next) {
    try {
        auto order = std::exchange(next.order, std::nullopt);
        if (!order) order = order_of(next.job);
        if (!order) return;
        crash_point("host-before-spawn");
        auto process = waiting_launcher();
        give_order(process, settings_.jobs, *order);
        crash_point("host-after-spawn");
        watch({next.job, next.attempts, std::move(process)});
        database_.write_soon([job = next.job](Session &session) { jobs::mark_starting(session, job); },
                             Database::Durability::lazy);
    } catch (const std::exception &error) {
        try_again(std::move(next), error.what());
    }
}

// Whether all that wait may start at once. Others' payloads are better kept on disk than here.
bool Runner::has_room() const {
    return static_cast<std::int64_t>(waiting_.size() + running_.size()) <= settings_.concurrency;
}

std::optional<LaunchOrder> Runner::order_of(const std::string &job) {
    auto row = database_.read([&](Session &session) { return jobs::find(session, job); });
    if (!row || row->ended_at) return std::nullopt;
    return LaunchOrder{row->id, row->project, row->payload.value_or("")};
}

LauncherProcess Runner::waiting_launcher() {
    spare_due_ = Clock::now() + spare_pause;
    auto spare = std::exchange(spare_, std::nullopt);
    if (spare && !has_ended(*spare)) return *std::move(spare);
    if (spare) collect(*spare);
    return start_launcher(settings_.launcher, settings_.jobs);
}

void Runner::keep_a_spare() {
    if (spare_ || Clock::now() < spare_due_) return;
    try {
        spare_ = start_launcher(settings_.launcher, settings_.jobs);
    } catch (const std::exception &) {
        spare_due_ = Clock::now() + std::chrono::minutes(1); // the next job tells what is wrong
    }
}

void Runner::watch(Running running) {
    const std::uint64_t slot = next_slot_++;
    auto &kept = running_.emplace(slot, std::move(running)).first->second;
    add_event(poll_, kept.process.ended, ended_event(slot));
    if (kept.process.told.open()) {
        ::fcntl(kept.process.told.get(), F_SETFL, O_NONBLOCK);
        add_event(poll_, kept.process.told, told_event(slot));
    }
}

void Runner::hear_claim(Running &running) {
    std::array<char, 64> text{};
    const ssize_t size = ::read(running.process.told.get(), text.data(), text.size());
    if (size < 0 && errno == EAGAIN) return;
    running.process.told.reset();
    std::string_view line(text.data(), size > 0 ? static_cast<std::size_t>(size) : 0);
    Micros at = 0;
    if (!line.starts_with("at ")) return;
    line.remove_prefix(3);
    if (std::from_chars(line.data(), line.data() + line.size(), at).ec != std::errc{}) return;
    running.announced = true;
    announce(running.job, at);
}

void Runner::finish(std::uint64_t slot) {
    auto node = running_.extract(slot);
    Running &running = node.mapped();
    if (running.process.told.open()) hear_claim(running);
    const int status = running.process.child ? collect(running.process) : 0;
    if (take_up(running.job, running.attempts)) return;
    try_again({running.job, running.attempts}, status == launcher::exit_trouble
                                                   ? "its launcher could not claim it: is the disk full?"
                                                   : "its launcher ended early");
}

bool Runner::take_up(const std::string &job, int attempts) {
    const JobFolder folder(settings_.jobs, job);
    if (!is_claimed(folder)) return false;
    if (const auto claim = read_claim(folder)) {
        announce(job, claim->started_at);
        // The process first: a result that comes between the two looks must not be missed.
        if (auto process = adopt(*claim)) {
            watch({job, attempts, std::move(*process), true});
            return true;
        }
    }
    if (const auto result = read_result(folder)) {
        end_by_result(job, *result);
        return true;
    }
    JobEnd how{job_state::interrupted, wall_now()};
    how.error = "the job's process was gone and had left no result; it is not run again by itself";
    end(job, std::move(how));
    return true;
}

void Runner::announce(const std::string &job, Micros at) {
    database_.write_soon([job, at](Session &session) { jobs::mark_running(session, job, at); },
                         Database::Durability::lazy);
}

void Runner::end_by_result(const std::string &job, const JobResult &result) {
    JobEnd how{job_state::failed, result.ended_at};
    if (result.exit_code) {
        how.exit_code = result.exit_code;
        if (*result.exit_code == 0) how.state = job_state::succeeded;
    } else if (result.signal) {
        how.exit_code = 128 + *result.signal; // as a shell says it
        how.error = std::string("ended by signal ") + std::to_string(*result.signal) + " (" +
                    ::strsignal(static_cast<int>(*result.signal)) + ")";
    } else {
        how.error = result.error;
    }
    end(job, std::move(how));
}

void Runner::end(const std::string &job, JobEnd end) {
    {
        const std::lock_guard lock(mutex_);
        ++ended_[end.state];
    }
    end.output = valid_utf8(read_tail(JobFolder(settings_.jobs, job).output(), output_limit));
    // Durable: once the job's folder is removed, only this row says that it has run.
    database_.write_soon([job, end](Session &session) { jobs::mark_ended(session, job, end); },
                         Database::Durability::full, on_end_);
}

void Runner::try_again(Waiting next, const std::string &error) {
    log_line(Severity::warning, "jobs", "job " + next.job + " could not be started: " + error);
    if (++next.attempts < most_attempts) {
        const auto pause = settings_.first_pause * (1 << (next.attempts - 1));
        delayed_.emplace(Clock::now() + pause, std::move(next));
        return;
    }
    JobEnd how{job_state::failed, wall_now()};
    how.error = "it could not be started: " + error;
    end(next.job, std::move(how));
}

int Runner::milliseconds_to_next() const {
    auto next = spare_ ? Clock::time_point::max() : spare_due_;
    if (!delayed_.empty()) next = std::min(next, delayed_.begin()->first);
    if (next == Clock::time_point::max()) return -1;
    const auto wait = std::chrono::ceil<std::chrono::milliseconds>(next - Clock::now());
    return static_cast<int>(std::clamp<std::int64_t>(wait.count(), 0, 60'000));
}

} // namespace host
