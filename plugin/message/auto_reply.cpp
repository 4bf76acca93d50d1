#include "message/auto_reply.hpp"

#include <algorithm>
#include <array>
#include <cstddef>

#include "base/unicode.hpp"
#include "message/content_fields.hpp"
#include "message/header_field.hpp"

namespace roe::message {

namespace {

// Without comments and parameters, in lower case: "auto-replied" of "Auto-Replied (vacation); owner-email=x".
std::string bare_value(const HeaderField &field) {
    return parse_parameterized(field.raw, {}).value;
}

bool is_sign(const HeaderField &field) {
    if (same_name(field.name, "Auto-Submitted")) {
        const std::string value = bare_value(field);
        return !value.empty() && value != "no";
    }
    if (same_name(field.name, "Precedence")) {
        constexpr std::array<std::string_view, 3> automatic = {"bulk", "junk", "auto_reply"};
        return std::ranges::find(automatic, bare_value(field)) != automatic.end();
    }
    if (same_name(field.name, "Return-Path")) {
        std::string path = unfolded(field.raw);
        std::erase_if(path, [](char c) { return c == ' ' || c == '\t'; });
        return path == "<>";
    }
    return same_name(field.name, "Content-Type") && bare_value(field) == "multipart/report";
}

} // namespace

std::string automatic_sign(std::string_view header) {
    constexpr std::size_t longest = 100;
    const auto fields = split_header(header);
    const auto sign = std::ranges::find_if(fields, is_sign);
    if (sign == fields.end()) return {};
    const std::string value = decoded_text(sign->raw, {});
    return std::string(sign->name).append(": ").append(unicode::beginning(value, longest));
}

} // namespace roe::message
