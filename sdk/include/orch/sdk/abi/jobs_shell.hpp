// A host's JobsService as the C struct that a plugin calls.
#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

#include "orch/sdk/abi/service_shells.hpp"
#include "orch/sdk/jobs.hpp"

namespace orch::sdk::abi {

class JobsShell : public Shell<orch_jobs_t, JobsService, Into::host> {
  public:
    void open(Side &side, JobsService *service) { fill(side, service, &spool_folder, &start); }

  private:
    static constexpr const char *start_call = ORCH_EXT_JOBS ".start";

    static orch_status_t spool_folder(void *self, const orch_sink_t *path, orch_error_t *error) noexcept {
        return incoming(self, ORCH_EXT_JOBS ".spool_folder", error)
            .answer_to(path, Allowed::running, [&]() -> Outcome<std::string> {
                const auto folder = offered(self).spool_folder();
                if (!folder) {
                    return folder.failure();
                }
                const std::u8string utf8 = folder->u8string();
                return std::string(utf8.begin(), utf8.end());
            });
    }

    static orch_status_t start(void *self, const orch_job_request_t *const *requests,
                               orch_job_reply_t *const *replies, std::uint32_t count,
                               orch_error_t *error) noexcept {
        return incoming(self, start_call, error).answer(Allowed::running, [&]() -> Outcome<void> {
            const std::vector<JobRequest> asked = read(requests, replies, count);
            const std::vector<JobReply> answers = offered(self).start(asked);
            if (answers.size() != asked.size()) {
                return side(self).self_broke(start_call, std::to_string(answers.size()) + " replies to " +
                                                             std::to_string(asked.size()) + " requests");
            }
            Outcome<void> whole;
            for (std::uint32_t i = 0; i < count; ++i) {
                const Outcome<void> written = write(side(self), answers[i], *replies[i]);
                if (!written) {
                    whole = written;
                }
            }
            return whole;
        });
    }

    // The payload goes through unread: it is the largest thing that crosses, and only its reader needs it
    // parsed.
    static std::vector<JobRequest> read(const orch_job_request_t *const *requests,
                                        orch_job_reply_t *const *replies, std::uint32_t count) {
        if (requests == nullptr || replies == nullptr || count < 1 || count > 1000) {
            throw BadArgument{std::to_string(count) + " requests, not 1 to 1000"};
        }
        std::vector<JobRequest> asked;
        asked.reserve(count);
        for (std::uint32_t i = 0; i < count; ++i) {
            const orch_job_request_t &request = read_struct(requests[i], "a request");
            read_struct<orch_job_reply_t>(replies[i], "a reply");
            const std::string_view key = read_text(request.key, "a key");
            if (key.empty() || key.size() > 200) {
                throw BadArgument{"a key of " + std::to_string(key.size()) + " bytes, not 1 to 200"};
            }
            const std::string_view spool = read_text(request.spool, "a spool");
            if (spool == "." || spool == ".." || spool.find_first_of("/\\") != std::string_view::npos) {
                throw BadArgument{"a spool that is not the name of a folder"};
            }
            asked.push_back({std::string(key), std::string(read_text(request.trigger, "a trigger")),
                             std::string(read_text(request.payload, "a payload")), std::string(spool)});
        }
        return asked;
    }

    // A failure is for the call as a whole: this request has no outcome.
    static Outcome<void> write(Side &side, const JobReply &reply, orch_job_reply_t &c) {
        c.outcome = 0;
        if (reply.outcome == JobOutcome::unanswered) {
            return Failure{Status::failed, reply.words, {}, {}, reply.retry_after};
        }
        if (reply.taken() && reply.job.empty()) {
            return side.self_broke(start_call, "taken without a job id");
        }
        if (reply.job.size() > sizeof c.job) {
            return side.self_broke(start_call, "a job id of more than 64 bytes");
        }
        std::memcpy(c.job, reply.job.data(), reply.job.size());
        c.job_size = static_cast<std::uint32_t>(reply.job.size());
        const std::string_view words = cut(reply.words, sizeof c.words);
        std::memcpy(c.words, words.data(), words.size());
        c.words_size = static_cast<std::uint32_t>(words.size());
        c.retry_after_ms = advice_in_ms(reply.retry_after);
        c.outcome = static_cast<std::int32_t>(reply.outcome);
        return {};
    }
};

} // namespace orch::sdk::abi
