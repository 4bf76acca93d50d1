#include <regex>

#include "base/files.hpp"
#include "base/problem.hpp"
#include "base/utf8.hpp"
#include "http/job_mail.hpp"
#include "http/mail_html.hpp"
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

// One that must be there.
std::filesystem::path file_of(JobQueue &queue, const JobRow &job, const nlohmann::json &path) {
    auto file = kept_file(queue, job, path);
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

Response attachment(Database &database, JobQueue &queue, const Request &request) {
    const auto job = find_job(database, request);
    const auto mail = mail_of(job, request);
    const auto index = index_of(request.name("number"));
    const auto list = mail.value("attachments", nlohmann::json::array());
    if (!list.is_array() || index >= list.size() || !list[index].is_object()) {
        throw not_found("the job has no attachment number " + request.name("number"));
    }
    const auto &one = list[index];
    return download(file_of(queue, job, one.value("path", nlohmann::json())),
                    text_of(one, "name", "attachment"), text_of(one, "mediaType", "application/octet-stream"));
}

// To be shown in a frame of the page: nothing in it acts, and nothing is fetched for it.
Response html(Database &database, JobQueue &queue, const Request &request) {
    const auto job = find_job(database, request);
    const auto mail = mail_of(job, request);
    const auto text = mail.is_object() ? text_of(mail, "html", "") : "";
    if (text.empty()) throw not_found("the mail has no HTML");
    Response response;
    response.content_type = "text/html; charset=utf-8";
    response.headers = {{"Content-Security-Policy", "sandbox; default-src 'none'; style-src 'unsafe-inline'; "
                                                    "img-src data:; frame-ancestors 'self'"},
                        {"Referrer-Policy", "no-referrer"}};
    response.body = with_pictures(text, mail.value("attachments", nlohmann::json()),
                                  [&](const nlohmann::json &path) { return kept_file(queue, job, path); });
    return response;
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
        return download(file_of(queue, job, mail.value("raw", nlohmann::json())), "message.eml",
                        "message/rfc822");
    });
    router.add("GET", "/api/jobs/{job}/html", Access::signed_in,
               [&](const Request &request) { return html(database, queue, request); });
    router.add("GET", "/api/jobs/{job}/attachments/{number}", Access::signed_in,
               [&](const Request &request) { return attachment(database, queue, request); });
}

} // namespace host::http
