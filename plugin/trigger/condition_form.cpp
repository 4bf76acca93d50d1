#include "trigger/condition_form.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <string>

#include <nlohmann/json.hpp>

#include "base/form_fields.hpp"
#include "base/unicode.hpp"
#include "trigger/regular_expression.hpp"

namespace roe::trigger {

using nlohmann::json;

namespace {

using Field = Condition::Field;
using Op = Condition::Op;

constexpr std::size_t most_conditions = 50;
constexpr std::size_t longest_condition_text = 1000;
constexpr std::size_t longest_header_name = 100;
constexpr std::int64_t largest_size = 1'000'000'000'000;

constexpr std::array all_fields = {Field::to,
                                   Field::cc,
                                   Field::body,
                                   Field::has_attachment,
                                   Field::attachment_name,
                                   Field::size,
                                   Field::header,
                                   Field::sender_authenticated,
                                   Field::auto_reply};
constexpr std::array all_ops = {Op::contains, Op::equals, Op::regex, Op::gt, Op::lt, Op::is};

bool is_flag(Field field) {
    return ops_of(field).front() == Op::is;
}

// RFC 5322 §3.6.8: printable ASCII but for the colon.
bool is_header_name(std::string_view name) {
    return !name.empty() && std::ranges::all_of(name, [](char c) { return c > ' ' && c < 0x7f && c != ':'; });
}

std::string listed(const std::vector<Op> &ops) {
    std::string list;
    for (const Op op : ops)
        list.append(list.empty() ? "" : ", ").append(name_of(op));
    return list;
}

// A word of the form that has no default; nothing when it is missing or none of `all`.
template <class Value, std::size_t count>
std::optional<Value> read_word(FormReader &reader, std::string_view field,
                               const std::array<Value, count> &all) {
    const std::string given = reader.text(field);
    std::string list;
    for (const Value value : all) {
        if (name_of(value) == given) return value;
        list.append(list.empty() ? "" : ", ").append(name_of(value));
    }
    reader.reject(field, (given.empty() ? "is required: one of " : "must be one of ") + list);
    return std::nullopt;
}

// Nothing is left of some characters when texts are compared, and nothing is a part of everything.
bool is_blank_value(const json &form) {
    const auto value = form.find("value");
    if (value == form.end() || value->is_null()) return true;
    if (!value->is_string()) return false;
    return unicode::folded(value->get_ref<const std::string &>()).find_first_not_of(' ') == std::string::npos;
}

void read_text_value(FormReader &reader, const json &form, Condition &condition) {
    condition.text = reader.text("value", {}, longest_condition_text);
    if (is_blank_value(form)) reader.reject("value", "is required: the text to look for");
    if (condition.op != Op::regex) return;
    const RegularExpression expression(condition.text);
    if (!expression.fault().empty())
        reader.reject("value", "is no regular expression that can be used: " + expression.fault());
}

void read_value(FormReader &reader, const json &form, Condition &condition) {
    const bool missing = reader.absent("value");
    if (is_flag(condition.field)) {
        condition.flag = reader.flag("value", true);
        if (missing) reader.reject("value", "is required: true or false");
    } else if (condition.field == Field::size) {
        condition.number = reader.number("value", 0, 0, largest_size);
        if (missing) reader.reject("value", "is required: the size in bytes, as a number");
    } else {
        read_text_value(reader, form, condition);
    }
}

void read_header_name(FormReader &reader, Condition &condition) {
    if (condition.field != Field::header) {
        if (!reader.absent("name")) reader.reject("name", "is for the field header only");
        reader.ignore("name");
        return;
    }
    condition.name = reader.text("name", {}, longest_header_name);
    if (!is_header_name(condition.name))
        reader.reject("name", "is required: the name of a header field, as List-Id");
}

Condition read_condition(FormReader &reader, const json &form) {
    Condition condition;
    const auto field = read_word(reader, "field", all_fields);
    const auto op = read_word(reader, "op", all_ops);
    condition.negated = reader.flag("not", false);
    for (const auto *rest : {"name", "value"})
        reader.ignore(rest);
    if (!form.is_object() || !field || !op) return condition;
    condition.field = *field;
    condition.op = *op;
    const auto &ops = ops_of(*field);
    if (std::ranges::find(ops, *op) == ops.end()) {
        reader.reject("op", "must be one of " + listed(ops) + " for the field " + std::string(name_of(*field)));
        return condition;
    }
    read_header_name(reader, condition);
    read_value(reader, form, condition);
    return condition;
}

void pass_on(FormReader &reader, const std::string &path, FieldErrors errors) {
    for (auto &error : errors)
        reader.reject(error.field.empty() ? path : path + "." + error.field, std::move(error.message));
}

// What a field's conditions look like: {"if": the field is one of these, "then": …}.
json rule(const json &fields, json then) {
    return {{"if", {{"properties", {{"field", {{"enum", fields}}}}}, {"required", {"field"}}}},
            {"then", {{"properties", std::move(then)}}}};
}

json rules() {
    const json of_text = {"to", "cc", "body", "attachmentName", "header"};
    const json of_flag = {"hasAttachment", "senderAuthenticated", "autoReply"};
    const json text = {{"type", "string"}, {"minLength", 1}, {"maxLength", longest_condition_text}};
    const json number = {{"type", "integer"}, {"minimum", 0}, {"maximum", largest_size}};
    auto header = rule(json::array({"header"}), {{"name", {{"type", "string"}, {"minLength", 1}}}});
    header["then"]["required"] = json::array({"name"});
    header["else"] = {{"properties", {{"name", {{"type", "null"}}}}}};
    return json::array(
        {rule(of_text, {{"op", {{"enum", {"contains", "equals", "regex"}}}}, {"value", text}}),
         rule(json::array({"size"}), {{"op", {{"enum", {"gt", "lt", "equals"}}}}, {"value", number}}),
         rule(of_flag, {{"op", {{"const", "is"}}}, {"value", {{"type", "boolean"}}}}), std::move(header)});
}

json describe_condition() {
    auto field = labelled("string", "What", "Что");
    field["oneOf"] = {option("to", "To", "Кому"),
                      option("cc", "Cc", "Копия"),
                      option("body", "Text of the mail", "Текст письма"),
                      option("hasAttachment", "Has an attachment", "Есть вложение"),
                      option("attachmentName", "Name of an attachment", "Имя вложения"),
                      option("size", "Size, bytes", "Размер, байт"),
                      option("header", "Header field", "Поле заголовка"),
                      option("senderAuthenticated", "Sender authenticated", "Отправитель подтверждён"),
                      option("autoReply", "Automatic reply", "Автоматический ответ")};
    auto op = labelled("string", "How", "Как");
    op["oneOf"] = {option("contains", "contains", "содержит"),
                   option("equals", "equals", "равно"),
                   option("regex", "matches the regular expression", "подходит под регулярное выражение"),
                   option("gt", "is greater than", "больше"),
                   option("lt", "is less than", "меньше"),
                   option("is", "is (yes or no)", "да или нет")};
    const auto name = labelled({"string", "null"}, "Name of the header field", "Имя поля заголовка");
    const auto value = labelled({"string", "integer", "boolean"}, "Value", "Значение");
    auto negated = labelled("boolean", "Not", "Не");
    negated["default"] = false;
    return {{"type", "object"},
            {"required", {"field", "op", "value"}},
            {"additionalProperties", false},
            {"properties", {{"field", field}, {"op", op}, {"name", name}, {"value", value}, {"not", negated}}},
            {"allOf", rules()}};
}

} // namespace

Conditions read_conditions(FormReader &reader, const json &form) {
    reader.ignore(more_filters_field);
    if (reader.absent(more_filters_field)) return {};
    const std::string path(more_filters_field);
    const auto &given = form.at(path);
    FormReader whole(given);
    whole.ignore("all");
    pass_on(reader, path, whole.finish());
    if (!given.is_object() || !given.contains("all") || given.at("all").is_null()) return {};

    const auto &all = given.at("all");
    if (!all.is_array() || all.size() > most_conditions) {
        reader.reject(path + ".all",
                      "must be a list of " + std::to_string(most_conditions) + " conditions at most");
        return {};
    }
    Conditions conditions;
    for (std::size_t i = 0; i < all.size(); ++i) {
        FormReader one(all[i]);
        conditions.push_back(read_condition(one, all[i]));
        pass_on(reader, path + ".all." + std::to_string(i), one.finish());
    }
    return conditions;
}

json to_json(const Conditions &conditions) {
    if (conditions.empty()) return nullptr;
    json all = json::array();
    for (const Condition &condition : conditions) {
        json one = {
            {"field", name_of(condition.field)}, {"op", name_of(condition.op)}, {"not", condition.negated}};
        if (condition.field == Field::header) one["name"] = condition.name;
        if (is_flag(condition.field))
            one["value"] = condition.flag;
        else if (condition.field == Field::size)
            one["value"] = condition.number;
        else
            one["value"] = condition.text;
        all.push_back(std::move(one));
    }
    return {{"all", std::move(all)}};
}

json describe_conditions() {
    auto more = labelled({"object", "null"}, "More", "Дополнительно");
    more["additionalProperties"] = false;
    auto all = labelled("array", "A mail must meet all of these", "Письмо должно отвечать всем условиям");
    all["maxItems"] = most_conditions;
    all["items"] = describe_condition();
    more["properties"] = {{"all", std::move(all)}};
    return more;
}

json describe_conditions_ui() {
    return {
        {"ui:group", "more"},
        {"ui:help", both("Conditions beside From and Subject. Case does not count. The text and the "
                         "attachments are looked at "
                         "only in mails whose headers match",
                         "Условия помимо «От» и «Тема». Регистр не важен. Текст и вложения проверяются "
                         "только в письмах, заголовки которых подошли")},
        {"all",
         {{"items",
           {{"ui:order", {"field", "name", "op", "value", "not"}},
            {"value",
             {{"ui:help",
               both("Text; for the size a number of bytes; for yes-or-no conditions true or false. \"Sender "
                    "authenticated\" needs the mailbox's \"Trusted authserv-id\"",
                    "Текст; для размера — число байт; для условий «да или нет» — true или false. Для условия "
                    "«Отправитель подтверждён» в настройках ящика должен быть задан «Доверенный сервер "
                    "проверки»")}}}}}}}};
}

} // namespace roe::trigger
