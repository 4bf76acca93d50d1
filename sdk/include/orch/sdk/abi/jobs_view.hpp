// A host's orch.jobs/1 as the JobsService that a plugin calls.
#pragma once

#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "orch/sdk/abi/outgoing.hpp"
#include "orch/sdk/abi/text.hpp"
#include "orch/sdk/jobs.hpp"

namespace orch::sdk::abi {

class JobsView final : public JobsService {
  public:
    using C = orch_jobs_t;
    static constexpr const char *id = ORCH_EXT_JOBS;

    JobsView(Side &side, const C &c) : host_(side, Into::host), c_(c) {}

    static const char *missing_function(const C &c) {
        return c.spool_folder == nullptr ? "spool_folder" : c.start == nullptr ? "start" : nullptr;
    }

    Outcome<std::filesystem::path> spool_folder() override {
        constexpr const char *call = ORCH_EXT_JOBS ".spool_folder";
        auto folder = host_.text(call, Allowed::running, [&](const orch_sink_t *path, orch_error_t *error) {
            return c_.spool_folder(c_.self, path, error);
        });
        if (!folder) {
            return folder.failure();
        }
        // Paths are UTF-8 on the way, whatever the platform's own encoding is.
        std::filesystem::path path(std::u8string(folder->begin(), folder->end()));
        if (!is_utf8(*folder) || !path.is_absolute()) {
            return host_.side().other_broke(call, "its result is not an absolute path");
        }
        return path;
    }

    std::vector<JobReply> start(std::span<const JobRequest> requests) override {
        std::vector<JobReply> replies(requests.size());
        std::vector<std::size_t> asked; // which requests go to the host
        for (std::size_t i = 0; i < requests.size(); ++i) {
            if (const std::string_view breach = breach_of(requests[i]); !breach.empty()) {
                replies[i] = {JobOutcome::refused, {}, host_.side().self_broke(start_call, breach).words};
            } else {
                asked.push_back(i);
            }
        }
        if (requests.size() > 1000) {
            const Failure failure = host_.side().self_broke(start_call, "more than 1000 requests at a time");
            std::fill(replies.begin(), replies.end(), unanswered(failure));
        } else if (!asked.empty()) {
            ask(requests, asked, replies);
        }
        return replies;
    }

  private:
    static constexpr const char *start_call = ORCH_EXT_JOBS ".start";

    static JobReply unanswered(const Failure &failure) {
        return {JobOutcome::unanswered, {}, failure.words, failure.retry_after};
    }

    // The plugin's; empty: none. Asking again would not help, so the request is refused.
    static std::string_view breach_of(const JobRequest &request) {
        if (request.key.empty() || request.key.size() > 200) {
            return "a key that is not of 1 to 200 bytes";
        }
        if (!is_utf8(request.key) || !is_utf8(request.trigger) || !is_utf8(request.spool)) {
            return "a key, trigger or spool that is not UTF-8";
        }
        if (!is_utf8(request.payload) || !request.payload.starts_with('{')) {
            return "a payload that is not a JSON object in UTF-8";
        }
        if (request.spool == "." || request.spool == ".." ||
            request.spool.find_first_of("/\\") != std::string::npos) {
            return "a spool that is not the name of a folder";
        }
        return {};
    }

    void ask(std::span<const JobRequest> requests, const std::vector<std::size_t> &asked,
             std::vector<JobReply> &replies) {
        const std::size_t count = asked.size();
        std::vector<orch_job_request_t> c_requests(count);
        std::vector<orch_job_reply_t> c_replies(count);
        std::vector<const orch_job_request_t *> request_pointers(count);
        std::vector<orch_job_reply_t *> reply_pointers(count);
        for (std::size_t i = 0; i < count; ++i) {
            const JobRequest &request = requests[asked[i]];
            c_requests[i] = {sizeof(orch_job_request_t), 0,
                             str(request.key),           str(request.trigger),
                             str(request.payload),       str(request.spool)};
            c_replies[i].struct_size = sizeof(orch_job_reply_t);
            request_pointers[i] = &c_requests[i];
            reply_pointers[i] = &c_replies[i];
        }
        const auto called = host_.call(start_call, Allowed::running, [&](orch_error_t *error) {
            return c_.start(c_.self, request_pointers.data(), reply_pointers.data(),
                            static_cast<std::uint32_t>(count), error);
        });
        for (std::size_t i = 0; i < count; ++i) {
            JobReply &reply = replies[asked[i]];
            reply = read(c_replies[i]);
            if (reply.outcome == JobOutcome::unanswered && reply.words.empty()) {
                reply = unanswered(called ? host_.side().other_broke(start_call, "returned without an outcome")
                                          : called.failure());
            }
        }
    }

    // A reply that makes no sense is no reply: the same key is asked again.
    JobReply read(const orch_job_reply_t &c) {
        Side &side = host_.side();
        if (c.struct_size != sizeof c || c.job_size > sizeof c.job || c.words_size > sizeof c.words) {
            return unanswered(side.other_broke(start_call, "a reply with sizes that can't be"));
        }
        if (c.outcome < 0 || c.outcome > ORCH_JOB_REFUSED) {
            return unanswered(side.other_broke(start_call, "the unknown outcome " + std::to_string(c.outcome)));
        }
        if (c.outcome == 0) {
            return {};
        }
        JobReply reply{static_cast<JobOutcome>(c.outcome), std::string(c.job, c.job_size),
                       std::string(c.words, c.words_size), std::chrono::milliseconds(c.retry_after_ms)};
        if (!is_utf8(reply.job) || !is_utf8(reply.words)) {
            return unanswered(side.other_broke(start_call, "a job id or words that are not UTF-8"));
        }
        if (reply.taken() && reply.job.empty()) {
            return unanswered(side.other_broke(start_call, reply.outcome == JobOutcome::accepted
                                                               ? "accepted without a job id"
                                                               : "duplicate without a job id"));
        }
        return reply;
    }

    Outgoing host_;
    const C &c_;
};

} // namespace orch::sdk::abi
