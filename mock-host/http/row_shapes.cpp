#include "http/row_shapes.hpp"

#include "http/exchange.hpp"

namespace host::http {

nlohmann::json to_json(const JobRow &job) {
    return {{"id", job.id},
            {"task", job.task},
            {"taskName", job.task_name},
            {"trigger", job.trigger},
            {"tenant", job.tenant},
            {"idempotencyKey", or_null(job.idempotency_key)},
            {"state", job.state},
            {"receivedAt", time_or_null(job.received_at)},
            {"mails", or_null(job.mails)},
            {"subject", or_null(job.subject)},
            {"createdAt", rfc3339(job.created_at)},
            {"startedAt", time_or_null(job.started_at)},
            {"endedAt", time_or_null(job.ended_at)},
            {"exitCode", or_null(job.exit_code)},
            {"retryOf", or_null(job.retry_of)},
            {"error", or_null(job.error)}};
}

nlohmann::json to_json(const TaskRow &task) {
    auto triggers = nlohmann::json::array();
    for (const auto &trigger : task.triggers) {
        triggers.push_back({{"id", trigger.id},
                            {"type", trigger.type},
                            {"parameters", nlohmann::json::parse(trigger.parameters)}});
    }
    return {{"id", task.id},
            {"tenant", task.tenant},
            {"name", task.name},
            {"project", task.project},
            {"state", task.started ? "started" : "stopped"},
            {"triggers", std::move(triggers)},
            {"createdAt", rfc3339(task.created_at)},
            {"changedAt", rfc3339(task.changed_at)}};
}

nlohmann::json to_json(const JournalRow &row) {
    return {{"id", std::to_string(row.seq)},
            {"at", rfc3339(row.at)},
            {"code", row.code},
            {"name", row.name},
            {"plugin", row.plugin},
            {"tenant", row.tenant},
            {"user", or_null(row.user)},
            {"subject", nlohmann::json::parse(row.subject)},
            {"details", nlohmann::json::parse(row.details)}};
}

} // namespace host::http
