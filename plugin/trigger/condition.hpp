// A condition of MoreFilters, as plain values. [any thread]
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace roe::trigger {

struct Condition {
    enum class Field {
        to,
        cc,
        body,
        has_attachment,
        attachment_name,
        size,
        header,
        sender_authenticated,
        auto_reply,
    } field = Field::to;
    enum class Op { contains, equals, regex, gt, lt, is } op = Op::contains;
    std::string name;        // of the header field, for `header`
    std::string text;        // of contains, equals and regex
    std::int64_t number = 0; // bytes, of `size`
    bool flag = true;        // of `is`
    bool negated = false;
};

using Conditions = std::vector<Condition>; // a mail must meet all of them

// As the form names them.
std::string_view name_of(Condition::Field field);
std::string_view name_of(Condition::Op op);
// The operators that go with a field, in the form's order.
const std::vector<Condition::Op> &ops_of(Condition::Field field);

// "header List-Id contains "orders"", "not: size gt 1000".
std::string in_words(const Condition &condition);

} // namespace roe::trigger
