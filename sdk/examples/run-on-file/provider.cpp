#include "provider.hpp"

#include <charconv>
#include <limits>
#include <utility>

namespace run_on_file {

using nlohmann::json;
using orch::sdk::Failure;
using orch::sdk::FieldError;
using orch::sdk::Outcome;
using orch::sdk::Status;

namespace {

constexpr const char *type_id = "run-on-file";

Outcome<Wish> read_wish(const json &parameters) {
    std::vector<FieldError> errors;
    for (const auto &[field, value] : parameters.items()) {
        if (field != "Folder" && field != "Suffix") {
            errors.push_back({field, "There is no such field."});
        } else if (!value.is_string()) {
            errors.push_back({field, "This is a text."});
        }
    }
    if (!errors.empty()) {
        return orch::sdk::invalid(std::move(errors));
    }
    Wish wish{parameters.value("Folder", ""), parameters.value("Suffix", "")};
    if (!wish.folder.is_absolute()) {
        return orch::sdk::invalid({{"Folder", "Give the whole path of a folder, as /srv/incoming."}});
    }
    return wish;
}

json or_null(const std::string &text) {
    return text.empty() ? json(nullptr) : json(text);
}

} // namespace

Outcome<json> Provider::describe(std::string_view /*tenant*/, std::string_view /*locale*/) {
    json type = {{"id", type_id}, {"title", {{"en", "Run on File"}, {"ru", "Запуск при появлении файла"}}}};
    type["schema"] = {
        {"$schema", "https://json-schema.org/draft/2020-12/schema"},
        {"type", "object"},
        {"required", {"Folder"}},
        {"additionalProperties", false},
        {"properties",
         {{"Folder", {{"type", "string"}, {"minLength", 1}, {"title", {{"en", "Folder"}, {"ru", "Папка"}}}}},
          {"Suffix",
           {{"type", "string"},
            {"default", ""},
            {"title", {{"en", "Name ends in"}, {"ru", "Имя оканчивается на"}}}}}}}};
    type["uiSchema"] = {{"type", "VerticalLayout"},
                        {"elements",
                         {{{"type", "Control"}, {"scope", "#/properties/Folder"}},
                          {{"type", "Control"}, {"scope", "#/properties/Suffix"}}}}};
    return json::array({std::move(type)});
}

Outcome<json> Provider::validate(const orch::sdk::TriggerDraft &draft) {
    const auto wish = read_wish(draft.parameters);
    if (!wish) {
        return wish.failure();
    }
    return json{{"Folder", wish->folder.string()}, {"Suffix", wish->suffix}};
}

Outcome<void> Provider::start(const orch::sdk::Trigger &trigger) {
    auto wish = read_wish(trigger.parameters);
    if (!wish) {
        return wish.failure();
    }
    if (trigger.restored) {
        // Only the host knows which files have started their jobs, and it has forgotten the last of them.
        return Failure{Status::unsupported, "a backup of " + trigger.restored->from +
                                                " was restored: take the files that were dealt with out of " +
                                                wish->folder.string() +
                                                ", then replace this trigger by a new one"};
    }
    watch_->start(trigger.id, std::move(*wish));
    return {};
}

Outcome<void> Provider::stop(std::string_view trigger) {
    watch_->stop(std::string(trigger));
    return {};
}

Outcome<void> Provider::forget(std::string_view trigger) {
    return stop(trigger);
}

Outcome<json> Provider::state(std::string_view trigger) {
    const auto standing = watch_->standing(std::string(trigger));
    const Standing is = standing.value_or(Standing{});
    return json{{"id", trigger},
                {"state", !standing           ? "stopped"
                          : !is.error.empty() ? "error"
                          : is.looked         ? "started"
                                              : "starting"},
                {"since", or_null(is.since)},
                {"lastFired", or_null(is.last_fired)},
                {"error", is.error.empty() ? json(nullptr) : json{{"serverText", is.error}}}};
}

// The cursor is the number of the last row given.
Outcome<json> Provider::messages(std::string_view trigger, const orch::sdk::PageQuery &query) {
    std::uint64_t before = std::numeric_limits<std::uint64_t>::max();
    if (query.after) {
        const char *end = query.after->data() + query.after->size();
        if (std::from_chars(query.after->data(), end, before).ptr != end) {
            return orch::sdk::invalid({{"after", "This is not a cursor of this list."}});
        }
    }
    const std::vector<LogRow> rows = watch_->rows(std::string(trigger), before, query.limit + std::size_t{1});
    const bool more = rows.size() > query.limit;
    json items = json::array();
    for (std::size_t i = 0; i < rows.size() && i < query.limit; ++i) {
        const LogRow &row = rows[i];
        items.push_back({{"id", std::to_string(row.number)},
                         {"file", row.file.name},
                         {"triggered", !row.job.empty()},
                         {"reason",
                          {{"code", row.job.empty() ? "refused" : "matched"},
                           {"text", row.job.empty() ? row.words : "The file has appeared."}}},
                         {"jobId", or_null(row.job)}});
    }
    return json{{"items", std::move(items)},
                {"next", more ? json(std::to_string(rows[query.limit - 1].number)) : json(nullptr)}};
}

Outcome<json> Provider::message_action(std::string_view /*trigger*/, const orch::sdk::MessageAction &action) {
    return Failure{Status::unsupported, "Files know no action " + action.action + "."};
}

Outcome<json> Provider::preview(const orch::sdk::TriggerDraft &draft, std::uint32_t limit,
                                const orch::sdk::Cancellation &cancellation) {
    const auto wish = read_wish(draft.parameters);
    if (!wish) {
        return wish.failure();
    }
    const auto files = files_in(wish->folder, "");
    if (!files) {
        return files.failure();
    }
    json items = json::array();
    for (const File &file : *files) {
        if (cancellation.requested()) {
            return orch::sdk::cancelled();
        }
        if (items.size() == limit) {
            break;
        }
        const bool matches = file.name.ends_with(wish->suffix);
        items.push_back(
            {{"file", file.name},
             {"wouldStart", matches},
             {"reason", matches ? "The name matches." : "The name does not end in " + wish->suffix}});
    }
    return json{{"items", std::move(items)}};
}

} // namespace run_on_file
