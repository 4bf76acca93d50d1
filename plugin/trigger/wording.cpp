#include "trigger/wording.hpp"

#include "base/unicode.hpp"

namespace roe::trigger {

namespace {

constexpr std::size_t longest_shown = 200;

std::string one_line(const message::Address &address) {
    if (address.name.empty() || address.address.empty()) return address.name + address.address;
    return std::string(address.name).append(" <").append(address.address).append(">");
}

} // namespace

std::string shown(std::string_view text) {
    const std::string_view beginning = unicode::beginning(text, longest_shown);
    return std::string(beginning).append(beginning.size() < text.size() ? "…" : "");
}

std::string shown(const std::vector<message::Address> &addresses) {
    std::string list;
    for (const message::Address &address : addresses) {
        if (list.size() > longest_shown) break;
        list.append(list.empty() ? "" : ", ").append(one_line(address));
    }
    return list.empty() ? "missing" : shown(list);
}

std::string in_quotes(std::string_view text) {
    return "\"" + shown(text) + "\"";
}

} // namespace roe::trigger
