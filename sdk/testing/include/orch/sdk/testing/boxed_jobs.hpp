// Jobs in memory, de-duplicated by key as a real host must, with the answers that a test wants.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <filesystem>
#include <map>
#include <mutex>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "orch/sdk/jobs.hpp"

namespace orch::sdk::testing {

struct BoxedJob {
    std::string id;
    std::string key;
    std::string trigger;
    nlohmann::json payload;
    std::string spool;
};

// [any thread]
class BoxedJobs final : public JobsService {
  public:
    explicit BoxedJobs(std::filesystem::path spool) : spool_(std::move(spool)) {
        std::filesystem::create_directories(spool_);
    }

    // The next `requests` are answered busy.
    void be_busy(std::size_t requests, std::chrono::milliseconds retry_after = std::chrono::milliseconds(1)) {
        const std::lock_guard lock(mutex_);
        busy_ = requests;
        retry_after_ = retry_after;
    }

    // The next `requests` are taken, but the answers get lost on the way, as in a crash.
    void lose_answers(std::size_t requests) {
        const std::lock_guard lock(mutex_);
        lose_ = requests;
    }

    // Starts for this trigger are refused from now on.
    void refuse(const std::string &trigger) {
        const std::lock_guard lock(mutex_);
        refused_.insert(trigger);
    }

    // In the order in which they were taken.
    [[nodiscard]] std::vector<BoxedJob> jobs() const {
        const std::lock_guard lock(mutex_);
        return jobs_;
    }

    // How often a start was asked for, taken or not.
    [[nodiscard]] std::size_t requests() const {
        const std::lock_guard lock(mutex_);
        return requests_;
    }

    // True when there are at least `count` jobs within the time.
    bool wait_for_jobs(std::size_t count, std::chrono::milliseconds at_most = std::chrono::seconds(10)) {
        std::unique_lock lock(mutex_);
        return changed_.wait_for(lock, at_most, [&] { return jobs_.size() >= count; });
    }

    // True when at least `count` starts were asked for within the time.
    bool wait_for_requests(std::size_t count, std::chrono::milliseconds at_most = std::chrono::seconds(10)) {
        std::unique_lock lock(mutex_);
        return changed_.wait_for(lock, at_most, [&] { return requests_ >= count; });
    }

    Outcome<std::filesystem::path> spool_folder() override { return spool_; }

    std::vector<JobReply> start(std::span<const JobRequest> requests) override {
        const std::lock_guard lock(mutex_);
        std::vector<JobReply> replies;
        replies.reserve(requests.size());
        for (const JobRequest &request : requests) {
            ++requests_;
            replies.push_back(answer(request));
        }
        changed_.notify_all();
        return replies;
    }

  private:
    JobReply answer(const JobRequest &request) {
        if (busy_ > 0) {
            --busy_;
            return {JobOutcome::busy, {}, "the box is busy", retry_after_};
        }
        if (const auto taken = ids_.find(request.key); taken != ids_.end()) {
            return {JobOutcome::duplicate, taken->second};
        }
        if (refused_.contains(request.trigger)) {
            return {JobOutcome::refused, {}, "the box refuses the trigger " + request.trigger};
        }
        auto payload = nlohmann::json::parse(request.payload, nullptr, false);
        if (!payload.is_object()) {
            return {JobOutcome::refused, {}, "the payload is not a JSON object"};
        }
        if (!request.spool.empty() && !std::filesystem::is_directory(spool_ / request.spool)) {
            return {JobOutcome::refused, {}, "there is no folder " + request.spool + " in the spool"};
        }
        const std::string id = "job-" + std::to_string(jobs_.size() + 1);
        ids_.emplace(request.key, id);
        jobs_.push_back({id, request.key, request.trigger, std::move(payload), request.spool});
        if (lose_ > 0) {
            --lose_;
            return {JobOutcome::unanswered, {}, "the answer was lost"};
        }
        return {JobOutcome::accepted, id};
    }

    const std::filesystem::path spool_;
    mutable std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<BoxedJob> jobs_;
    std::map<std::string, std::string> ids_; // by key
    std::set<std::string> refused_;
    std::size_t requests_ = 0;
    std::size_t busy_ = 0;
    std::size_t lose_ = 0;
    std::chrono::milliseconds retry_after_{};
};

} // namespace orch::sdk::testing
