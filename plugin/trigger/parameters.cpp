#include "trigger/parameters.hpp"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "base/form.hpp"
#include "base/form_fields.hpp"
#include "trigger/condition_form.hpp"

namespace roe::trigger {

using nlohmann::json;

namespace {

constexpr int longest_interval = 600;
constexpr int largest_window = 10'000;
constexpr int most_brake_starts = 1'000'000;
constexpr int most_brake_minutes = 24 * 60;     // as long as the ledger counts starts
constexpr std::size_t longest_asset_name = 200; // orch/ext/assets.h

json email_field(const std::vector<std::string> &addresses) {
    auto field = labelled("string", "Email", "Email");
    // An empty enum is no valid JSON Schema, and nothing could be chosen anyway.
    if (!addresses.empty()) field["enum"] = addresses;
    return field;
}

json choice_field(const char *en, const char *ru, const json &options, const char *fallback) {
    auto field = labelled("string", en, ru);
    field["default"] = fallback;
    field["oneOf"] = options;
    return field;
}

json switch_field(const char *en, const char *ru) {
    auto field = labelled("boolean", en, ru);
    field["default"] = false;
    return field;
}

struct Range {
    int least = 1;
    int most = 0;
};

json ranged_field(const char *en, const char *ru, int fallback, Range range) {
    auto field = labelled("integer", en, ru);
    field["default"] = fallback;
    field["minimum"] = range.least;
    field["maximum"] = range.most;
    return field;
}

} // namespace

FormResult<Parameters> read_parameters(const json &form) {
    FormReader reader(form);
    Parameters result;
    result.email = reader.text("Email", {}, 320);
    if (result.email.empty()) reader.reject("Email", "is required: one of the tenant's mailboxes");
    result.from = reader.text("From");
    result.subject = reader.text("Subject");
    result.folder = reader.text("Folder");
    result.interval_seconds =
        static_cast<int>(reader.number("IntervalSeconds", result.interval_seconds, 1, longest_interval));
    result.window_size = static_cast<int>(reader.number("WindowSize", result.window_size, 1, largest_window));
    const auto start_from = reader.choice("StartFrom", {"new", "unread", "all"});
    result.start_from = start_from == "unread" ? StartFrom::unread
                        : start_from == "all"  ? StartFrom::all
                                               : StartFrom::new_mail;
    result.launch =
        reader.choice("Launch", {"perMail", "perPass"}) == "perPass" ? Launch::per_pass : Launch::per_mail;
    result.resource = reader.text("Resource", {}, longest_asset_name);
    result.notify_authors = reader.flag("NotifyAuthors", false);
    if (result.notify_authors && result.from.empty())
        reader.reject("From", "is required where the authors are notified: it says who may get a mail");
    result.brake_starts =
        static_cast<int>(reader.number("BrakeStarts", result.brake_starts, 0, most_brake_starts));
    result.brake_minutes =
        static_cast<int>(reader.number("BrakeMinutes", result.brake_minutes, 1, most_brake_minutes));
    result.more_filters = read_conditions(reader, form);
    auto errors = reader.finish();
    if (!errors.empty()) return errors;
    return result;
}

json to_json(const Parameters &parameters) {
    const auto text_or_null = [](const std::string &text) { return text.empty() ? json(nullptr) : json(text); };
    const char *const start_from = parameters.start_from == StartFrom::unread ? "unread"
                                   : parameters.start_from == StartFrom::all  ? "all"
                                                                              : "new";
    return {{"Email", parameters.email},
            {"From", text_or_null(parameters.from)},
            {"Subject", text_or_null(parameters.subject)},
            {"Folder", text_or_null(parameters.folder)},
            {"IntervalSeconds", parameters.interval_seconds},
            {"WindowSize", parameters.window_size},
            {"StartFrom", start_from},
            {"Launch", parameters.launch == Launch::per_pass ? "perPass" : "perMail"},
            {"Resource", text_or_null(parameters.resource)},
            {"NotifyAuthors", parameters.notify_authors},
            {"BrakeStarts", parameters.brake_starts},
            {"BrakeMinutes", parameters.brake_minutes},
            {"MoreFilters", to_json(parameters.more_filters)}};
}

json describe_trigger_type(const std::vector<std::string> &addresses, HostHas host) {
    json properties = {
        {"Email", email_field(addresses)},
        {"From", labelled("string", "From", "От")},
        {"Subject", labelled("string", "Subject", "Тема")},
        {"Folder", labelled("string", "Folder", "Папка")},
        {"IntervalSeconds", ranged_field("Poll interval, s", "Интервал опроса, с", 60, {1, longest_interval})},
        {"WindowSize", ranged_field("Mails at a time", "Писем за один раз", 100, {1, largest_window})},
        {"StartFrom",
         choice_field("Start from", "Начать с",
                      {option("new", "New mail only", "Только новые письма"),
                       option("unread", "Unread mail already there too", "Новые и уже имеющиеся непрочитанные"),
                       option("all", "All mail there", "Все письма, включая уже имеющиеся")},
                      "new")},
        {"Launch", choice_field("Launch", "Запуск",
                                {option("perMail", "A job per mail", "Запуск на каждое письмо"),
                                 option("perPass", "One job for all the mails of a pass",
                                        "Один запуск на все письма просмотра")},
                                "perMail")},
        {"Resource", labelled("string", "Resource", "Ресурс")},
        {"NotifyAuthors", switch_field("Notify the author(s)", "Оповестить автора(ов) письма")},
        {"BrakeStarts", ranged_field("Brake: starts", "Тормоз: число запусков", 0, {0, most_brake_starts})},
        {"BrakeMinutes",
         ranged_field("Brake: within, min", "Тормоз: за время, мин", 60, {1, most_brake_minutes})},
        {"MoreFilters", describe_conditions()}};
    json ui = {
        {"ui:order",
         {"Email", "From", "Subject", "Folder", "IntervalSeconds", "WindowSize", "StartFrom", "Launch",
          "Resource", "NotifyAuthors", "BrakeStarts", "BrakeMinutes", "MoreFilters"}},
        // What is offered are the mailboxes of the settings page.
        {"Email", {{"ui:addFrom", {{"page", "incoming-email"}, {"field", "Email"}}}}},
        {"MoreFilters", describe_conditions_ui()},
        {"From",
         {{"ui:help", both("An address, @domain, or a part of either; several separated by ; or ,",
                           "Адрес, @домен или их часть; несколько — через ; или ,")}}},
        {"Subject",
         {{"ui:help", both("A part of the subject, in any case", "Часть темы, без учёта регистра")}}},
        {"Folder",
         {{"ui:help",
           both("Another folder than the mailbox's own", "Если нужна не основная папка ящика, а другая")}}},
        {"Resource",
         {{"ui:help",
           both("The name of an asset that is there: the mail is written into it, as JSON, before its job "
                "starts",
                "Имя существующего ресурса: перед запуском в него записывается письмо в виде JSON")}}},
        {"BrakeStarts",
         {{"ui:help", both("When the task has started so many jobs within the minutes below, the next starts "
                           "are held until "
                           "a person lets them go; 0: no brake",
                           "Если за время, указанное ниже, у задания уже столько запусков, следующие "
                           "задерживаются, пока их не отпустит человек; 0 — без тормоза")}}},
        {"NotifyAuthors",
         {{"ui:help",
           both("The outcome of the job is mailed to those senders whom From names",
                "Результат запуска отправляется письмом тем авторам, которые названы в поле «От»")}}}};
    const auto leave_out = [&](const char *field) {
        properties.erase(field);
        ui.erase(field);
        auto &order = ui.at("ui:order");
        order.erase(std::find(order.begin(), order.end(), field));
    };
    if (!host.assets) leave_out("Resource");
    if (!host.mail) leave_out("NotifyAuthors");
    json schema = {{"$schema", "https://json-schema.org/draft/2020-12/schema"},
                   {"type", "object"},
                   {"required", {"Email"}},
                   {"additionalProperties", false},
                   {"properties", properties}};
    if (host.mail)
        schema["allOf"] = json::array(
            {{{"if", {{"properties", {{"NotifyAuthors", {{"const", true}}}}}, {"required", {"NotifyAuthors"}}}},
              {"then",
               {{"properties", {{"From", {{"type", "string"}, {"minLength", 1}}}}}, {"required", {"From"}}}}}});
    return {{"id", "run-on-email"},
            {"title", both("Run on Email", "Запуск при получении Email")},
            {"schema", schema},
            {"uiSchema", ui}};
}

} // namespace roe::trigger
