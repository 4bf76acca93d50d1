// What a job keeps of its mails, for the calls that hand it out.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include <nlohmann/json.hpp>

#include "http/exchange.hpp"
#include "jobs/queue.hpp"
#include "store/database.hpp"
#include "store/jobs.hpp"

namespace host::http {

// The {job} of the call, with its payload. Throws Problem 404.
JobRow find_job(Database &database, const Request &request);

// A position in a list, as it stands in a call. Throws Problem 404.
std::size_t index_of(const std::string &text);

// The document of one mail: the payload itself, or with ?mail=n one of those of a pass. Throws Problem 404, or
// 410 when it is no longer kept.
nlohmann::json mail_of(const JobRow &job, const Request &request);

// A payload names paths; only a file below the job's own spool is given, else none.
std::optional<std::filesystem::path> kept_file(JobQueue &queue, const JobRow &job, const nlohmann::json &path);

// A text of an object, or the other when there is none.
std::string text_of(const nlohmann::json &object, const char *key, const std::string &otherwise);

} // namespace host::http
