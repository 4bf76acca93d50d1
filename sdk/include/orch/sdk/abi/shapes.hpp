// The JSON of the interface, as C++ values: one pair of functions for each shape, used on both sides.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "orch/sdk/abi/incoming.hpp"
#include "orch/sdk/job_outcomes.hpp"
#include "orch/sdk/journal.hpp"
#include "orch/sdk/notifications.hpp"
#include "orch/sdk/settings_page.hpp"
#include "orch/sdk/tenants.hpp"
#include "orch/sdk/trigger_provider.hpp"

namespace orch::sdk::abi {

using Json = nlohmann::json;

// What goes out. Bytes that are no UTF-8 (an id from a request's path) become U+FFFD, which matches nothing.
inline std::string wire(const Json &json) {
    return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

// Runs a reader of members; a member that is missing or of another type is the caller's breach.
template <class Reader>
auto read_members(std::string_view name, Reader &&reader) {
    try {
        return reader();
    } catch (const Json::exception &fault) {
        throw BadArgument{std::string(name) + " has another shape: " + fault.what()};
    }
}

inline std::optional<std::string> optional_text(const Json &object, const char *member) {
    const auto found = object.find(member);
    if (found == object.end() || found->is_null()) {
        return std::nullopt;
    }
    return found->get<std::string>();
}

inline Json or_null(const std::optional<std::string> &text) {
    return text ? Json(*text) : Json(nullptr);
}

inline Json parameters_of(const Json &object, const char *member) {
    const Json &parameters = object.at(member);
    if (!parameters.is_object()) {
        throw BadArgument{std::string(member) + " is not a JSON object"};
    }
    return parameters;
}

inline Json write_draft(const TriggerDraft &draft) {
    return {{"type", draft.type}, {"tenant", draft.tenant}, {"parameters", draft.parameters}};
}

inline TriggerDraft read_draft(const Json &json) {
    return {json.at("type").get<std::string>(), json.at("tenant").get<std::string>(),
            parameters_of(json, "parameters")};
}

inline Json write_task(const TaskName &task) {
    return {{"id", task.id}, {"name", task.name}};
}

inline TaskName read_task(const Json &json) {
    return {json.at("id").get<std::string>(), json.at("name").get<std::string>()};
}

inline Json write_restored(const std::optional<Restored> &restored) {
    return restored ? Json{{"from", restored->from}, {"until", restored->until}} : Json(nullptr);
}

// Hosts of version 1.0 do not say it.
inline std::optional<Restored> read_restored(const Json &trigger) {
    const auto found = trigger.find("restored");
    if (found == trigger.end() || found->is_null()) {
        return std::nullopt;
    }
    return Restored{found->at("from").get<std::string>(), found->at("until").get<std::string>()};
}

inline Json write_trigger(const Trigger &trigger) {
    return {{"id", trigger.id},
            {"type", trigger.type},
            {"tenant", trigger.tenant},
            {"task", write_task(trigger.task)},
            {"parameters", trigger.parameters},
            {"restored", write_restored(trigger.restored)}};
}

inline Trigger read_trigger(const Json &json) {
    return {json.at("id").get<std::string>(),     json.at("type").get<std::string>(),
            json.at("tenant").get<std::string>(), read_task(json.at("task")),
            parameters_of(json, "parameters"),    read_restored(json)};
}

inline Json write_message_action(const MessageAction &action) {
    return {{"row", action.row}, {"action", action.action}, {"user", action.user}};
}

inline MessageAction read_message_action(const Json &json) {
    return {json.at("row").get<std::string>(), json.at("action").get<std::string>(),
            json.at("user").get<std::string>()};
}

inline std::uint32_t read_limit(const Json &json, std::uint32_t most) {
    const auto limit = json.at("limit").get<std::int64_t>();
    if (limit < 1 || limit > most) {
        throw BadArgument{"limit is " + std::to_string(limit) + ", not 1 to " + std::to_string(most)};
    }
    return static_cast<std::uint32_t>(limit);
}

inline Json write_query(const PageQuery &query) {
    return {{"after", or_null(query.after)}, {"limit", query.limit}};
}

inline PageQuery read_query(const Json &json) {
    return {optional_text(json, "after"), read_limit(json, 1000)};
}

inline Json write_caller(const Caller &caller) {
    return {{"tenant", caller.tenant}, {"user", caller.user}, {"locale", caller.locale}};
}

inline Caller read_caller(const Json &json) {
    return {json.at("tenant").get<std::string>(), json.at("user").get<std::string>(),
            json.at("locale").get<std::string>()};
}

inline Json write_action(const PageAction &action) {
    Json json{{"values", action.values}};
    if (action.item) {
        json["id"] = *action.item;
    }
    return json;
}

inline PageAction read_action(std::string_view name, const Json &json) {
    return {std::string(name), optional_text(json, "id"), parameters_of(json, "values")};
}

inline Json write_event(const JournalEvent &event) {
    return {{"code", event.code},
            {"name", event.name},
            {"tenant", event.tenant},
            {"user", or_null(event.user)},
            {"subject", {{"kind", event.subject.kind}, {"id", event.subject.id}, {"name", event.subject.name}}},
            {"details", event.details}};
}

inline JournalEvent read_event(const Json &json) {
    const Json &subject = json.at("subject");
    return {json.at("code").get<std::int32_t>(),
            json.at("name").get<std::string>(),
            json.at("tenant").get<std::string>(),
            optional_text(json, "user"),
            {subject.at("kind").get<std::string>(), subject.at("id").get<std::string>(),
             subject.at("name").get<std::string>()},
            parameters_of(json, "details")};
}

inline Json write_known_trigger(const KnownTrigger &trigger) {
    return {{"id", trigger.id},
            {"parameters", trigger.parameters},
            {"started", trigger.started},
            {"task", write_task(trigger.task)}};
}

inline KnownTrigger read_known_trigger(const Json &json) {
    return {json.at("id").get<std::string>(), parameters_of(json, "parameters"), json.at("started").get<bool>(),
            read_task(json.at("task"))};
}

inline Json write_tenant(const Tenant &tenant) {
    return {{"id", tenant.id},
            {"name", tenant.name},
            {"timeOffset", tenant.time_offset},
            {"incomingEmail", tenant.incoming_email}};
}

inline Tenant read_tenant(const Json &json) {
    const Json &mailbox = json.at("incomingEmail");
    if (!mailbox.is_null() && !mailbox.is_object()) {
        throw BadArgument{"incomingEmail is neither a JSON object nor null"};
    }
    return {json.at("id").get<std::string>(), json.at("name").get<std::string>(),
            json.at("timeOffset").get<double>(), mailbox};
}

inline constexpr std::size_t most_recipients = 100;

inline Json write_notification(const Notification &message) {
    return {{"to", message.to},
            {"subject", message.subject},
            {"text", message.text},
            {"inReplyTo", or_null(message.in_reply_to)},
            {"references", message.references}};
}

inline Notification read_notification(const Json &json) {
    Notification message{json.at("to").get<std::vector<std::string>>(), json.at("subject").get<std::string>(),
                         json.at("text").get<std::string>(), optional_text(json, "inReplyTo"),
                         json.at("references").get<std::vector<std::string>>()};
    if (message.to.empty() || message.to.size() > most_recipients) {
        throw BadArgument{"a message to " + std::to_string(message.to.size()) + " addresses, not 1 to " +
                          std::to_string(most_recipients)};
    }
    return message;
}

inline Json write_ended_job(const EndedJob &job) {
    return {{"id", job.id},
            {"key", job.key},
            {"retryOf", or_null(job.retry_of)},
            {"trigger", job.trigger},
            {"task", write_task(job.task)},
            {"state", job.state},
            {"exitCode", job.exit_code ? Json(*job.exit_code) : Json(nullptr)},
            {"startedAt", or_null(job.started_at)},
            {"endedAt", job.ended_at}};
}

inline EndedJob read_ended_job(const Json &json) {
    EndedJob job{json.at("id").get<std::string>(),
                 json.at("key").get<std::string>(),
                 optional_text(json, "retryOf"),
                 json.at("trigger").get<std::string>(),
                 read_task(json.at("task")),
                 json.at("state").get<std::string>(),
                 std::nullopt,
                 optional_text(json, "startedAt"),
                 json.at("endedAt").get<std::string>()};
    if (const Json &code = json.at("exitCode"); !code.is_null()) {
        job.exit_code = code.get<std::int64_t>();
    }
    if (job.state != "succeeded" && job.state != "failed" && job.state != "interrupted") {
        throw BadArgument{"a job in the state " + job.state + " has not ended"};
    }
    return job;
}

} // namespace orch::sdk::abi
