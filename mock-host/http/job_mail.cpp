#include "http/job_mail.hpp"

#include <charconv>

#include "base/files.hpp"
#include "base/problem.hpp"

namespace host::http {

JobRow find_job(Database &database, const Request &request) {
    auto job = database.read(
        [&](Session &session) { return jobs::find(session, request.tenant, request.name("job")); });
    if (!job) throw not_found("there is no job " + request.name("job"));
    return *std::move(job);
}

std::size_t index_of(const std::string &text) {
    std::size_t index = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), index);
    if (error != std::errc{} || end != text.data() + text.size()) throw not_found("there is no number " + text);
    return index;
}

nlohmann::json mail_of(const JobRow &job, const Request &request) {
    if (!job.payload) throw Problem(410, "expired", "the job's mail is no longer kept (Jobs.RetentionHours)");
    auto payload = nlohmann::json::parse(*job.payload);
    if (!payload.contains("mails")) return payload;
    const auto index = index_of(request.parameter("mail").value_or("0"));
    if (!payload["mails"].is_array() || index >= payload["mails"].size()) {
        throw not_found("the job has no mail number " + std::to_string(index));
    }
    return payload["mails"][index];
}

std::optional<std::filesystem::path> kept_file(JobQueue &queue, const JobRow &job, const nlohmann::json &path) {
    if (job.spool.empty() || !path.is_string()) return std::nullopt;
    return file_below(queue.spool_folder(job.plugin) / job.spool, path.get<std::string>());
}

std::string text_of(const nlohmann::json &object, const char *key, const std::string &otherwise) {
    const auto found = object.find(key);
    return found != object.end() && found->is_string() ? found->get<std::string>() : otherwise;
}

} // namespace host::http
