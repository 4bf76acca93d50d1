#include <charconv>
#include <regex>

#include "base/files.hpp"
#include "base/problem.hpp"
#include "base/utf8.hpp"
#include "http/resources.hpp"
#include "http/row_shapes.hpp"
#include "jobs/job_folder.hpp"

namespace host::http {
namespace {

nlohmann::json to_json_whole(const JobRow &job, const std::filesystem::path &jobs_folder) {
    auto document = to_json(job);
    document["project"] = job.project;
    document["payload"] = job.payload ? nlohmann::json::parse(*job.payload) : nlohmann::json(nullptr);
    if (job.ended_at) {
        document["output"] = job.output.value_or("");
    } else {
        document["output"] = valid_utf8(read_tail(JobFolder(jobs_folder, job.id).output(), output_limit));
    }
    return document;
}

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

// The document of one mail: the payload itself, or with ?mail=n one of those of a pass.
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

// A payload names paths; only those below the job's own spool are handed out.
std::filesystem::path kept_file(JobQueue &queue, const JobRow &job, const nlohmann::json &path) {
    if (job.spool.empty() || !path.is_string()) throw not_found("the job has no such file");
    auto file = file_below(queue.spool_folder(job.plugin) / job.spool, path.get<std::string>());
    if (!file) throw not_found("the job has no such file");
    return *std::move(file);
}

// RFC 6266 with RFC 8187: every name, in a header that is ASCII.
std::string disposition(const std::string &name) {
    static constexpr std::string_view digits = "0123456789ABCDEF";
    std::string encoded;
    for (const char c : name) {
        const auto byte = static_cast<unsigned char>(c);
        if ((byte >= '0' && byte <= '9') || (byte >= 'A' && byte <= 'Z') || (byte >= 'a' && byte <= 'z') ||
            byte == '.' || byte == '-' || byte == '_') {
            encoded.push_back(c);
        } else {
            encoded.push_back('%');
            encoded.push_back(digits[byte >> 4U]);
            encoded.push_back(digits[byte & 0x0FU]);
        }
    }
    return "attachment; filename*=UTF-8''" + encoded;
}

Response download(std::filesystem::path file, const std::string &name, const std::string &media_type) {
    static const std::regex plain_media_type("[A-Za-z0-9!#$&^_.+-]{1,100}/[A-Za-z0-9!#$&^_.+-]{1,100}");
    Response response;
    response.content_type =
        std::regex_match(media_type, plain_media_type) ? media_type : "application/octet-stream";
    response.headers.emplace_back("Content-Disposition", disposition(name));
    // What came by mail must not act in the browser of the one who looks at it.
    response.headers.emplace_back("Content-Security-Policy", "sandbox; default-src 'none'");
    response.file = std::move(file);
    return response;
}

std::string text_of(const nlohmann::json &object, const char *key, const std::string &otherwise) {
    const auto found = object.find(key);
    return found != object.end() && found->is_string() ? found->get<std::string>() : otherwise;
}

Response attachment(Database &database, JobQueue &queue, const Request &request) {
    const auto job = find_job(database, request);
    const auto mail = mail_of(job, request);
    const auto index = index_of(request.name("number"));
    const auto list = mail.value("attachments", nlohmann::json::array());
    if (!list.is_array() || index >= list.size() || !list[index].is_object()) {
        throw not_found("the job has no attachment number " + request.name("number"));
    }
    const auto &one = list[index];
    return download(kept_file(queue, job, one.value("path", nlohmann::json())),
                    text_of(one, "name", "attachment"), text_of(one, "mediaType", "application/octet-stream"));
}

} // namespace

void add_job_calls(Router &router, Database &database, JobQueue &queue,
                   const std::filesystem::path &jobs_folder) {
    router.add("GET", "/api/jobs", Access::signed_in, [&](const Request &request) {
        const auto page = request.page();
        const JobFilter filter{request.tenant, request.parameter("task"), request.parameter("trigger"),
                               request.parameter("state")};
        const auto rows = database.read([&](Session &session) { return jobs::list(session, filter, page); });
        return Response::of(list_of(rows, page, [](const JobRow &row) { return to_json(row); }));
    });
    router.add("GET", "/api/jobs/{job}", Access::signed_in, [&, jobs_folder](const Request &request) {
        return Response::of(to_json_whole(find_job(database, request), jobs_folder));
    });
    router.add("POST", "/api/jobs/{job}/retry", Access::administrators,
               [&, jobs_folder](const Request &request) {
                   return Response::of(
                       to_json_whole(queue.retry(request.actor(), request.name("job")), jobs_folder), 201);
               });
    router.add("GET", "/api/jobs/{job}/raw", Access::signed_in, [&](const Request &request) {
        const auto job = find_job(database, request);
        const auto mail = mail_of(job, request);
        return download(kept_file(queue, job, mail.value("raw", nlohmann::json())), "message.eml",
                        "message/rfc822");
    });
    router.add("GET", "/api/jobs/{job}/attachments/{number}", Access::signed_in,
               [&](const Request &request) { return attachment(database, queue, request); });
}

} // namespace host::http
