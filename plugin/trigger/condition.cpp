#include "trigger/condition.hpp"

#include "trigger/wording.hpp"

namespace roe::trigger {

namespace {

using Field = Condition::Field;
using Op = Condition::Op;

std::string value_in_words(const Condition &condition) {
    if (condition.op == Op::is) return condition.flag ? "true" : "false";
    return condition.field == Field::size ? std::to_string(condition.number) : in_quotes(condition.text);
}

} // namespace

std::string_view name_of(Field field) {
    switch (field) {
    case Field::to:
        return "to";
    case Field::cc:
        return "cc";
    case Field::body:
        return "body";
    case Field::has_attachment:
        return "hasAttachment";
    case Field::attachment_name:
        return "attachmentName";
    case Field::size:
        return "size";
    case Field::header:
        return "header";
    case Field::sender_authenticated:
        return "senderAuthenticated";
    case Field::auto_reply:
        return "autoReply";
    }
    return "to";
}

std::string_view name_of(Op op) {
    switch (op) {
    case Op::contains:
        return "contains";
    case Op::equals:
        return "equals";
    case Op::regex:
        return "regex";
    case Op::gt:
        return "gt";
    case Op::lt:
        return "lt";
    case Op::is:
        return "is";
    }
    return "contains";
}

const std::vector<Op> &ops_of(Field field) {
    static const std::vector<Op> of_text = {Op::contains, Op::equals, Op::regex};
    static const std::vector<Op> of_number = {Op::gt, Op::lt, Op::equals};
    static const std::vector<Op> of_flag = {Op::is};
    switch (field) {
    case Field::size:
        return of_number;
    case Field::has_attachment:
    case Field::sender_authenticated:
    case Field::auto_reply:
        return of_flag;
    default:
        return of_text;
    }
}

std::string in_words(const Condition &condition) {
    std::string words = condition.negated ? "not: " : "";
    words.append(name_of(condition.field)).append(" ");
    if (condition.field == Field::header) words.append(shown(condition.name)).append(" ");
    return words.append(name_of(condition.op)).append(" ").append(value_in_words(condition));
}

} // namespace roe::trigger
