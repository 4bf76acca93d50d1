#include "source/imap/capabilities.hpp"

#include <algorithm>
#include <array>

#include "base/ascii.hpp"

namespace roe::imap {

namespace {

constexpr std::array<std::string_view, 9> implied_by_rev2{"ENABLE",    "ESEARCH", "IDLE",    "LITERAL-", "MOVE",
                                                          "NAMESPACE", "SASL-IR", "UIDPLUS", "UNSELECT"};

} // namespace

Capabilities::Capabilities(std::span<const std::string> words) {
    for (const std::string &word : words)
        words_.insert(upper(word));
}

bool Capabilities::has(std::string_view name) const {
    const std::string wanted = upper(name);
    if (words_.contains(wanted)) return true;
    return words_.contains("IMAP4REV2") && std::ranges::find(implied_by_rev2, wanted) != implied_by_rev2.end();
}

std::string Capabilities::mechanisms() const {
    constexpr std::string_view prefix = "AUTH=";
    std::string names;
    for (const std::string &word : words_) {
        if (!word.starts_with(prefix)) continue;
        if (!names.empty()) names += ", ";
        names += word.substr(prefix.size());
    }
    return names;
}

} // namespace roe::imap
