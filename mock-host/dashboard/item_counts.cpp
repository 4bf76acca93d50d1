#include "dashboard/item_counts.hpp"

#include <optional>

namespace host {
namespace {

using nlohmann::json;

// What a plugin tells is bounded, as it is kept for long.
constexpr int most_pieces = 1000;
constexpr std::size_t most_states = 32;
constexpr std::size_t longest_state = 64;
constexpr std::uint32_t items_at_once = 1000;

void add(const json &items, std::map<std::string, std::int64_t> &counts) {
    for (const auto &item : items) {
        if (!item.is_object()) continue;
        const auto state = item.find("state");
        if (state == item.end() || !state->is_string()) continue;
        const auto &name = state->get_ref<const std::string &>();
        if (name.size() > longest_state || (counts.size() >= most_states && !counts.contains(name))) continue;
        ++counts[name];
    }
}

// Empty: it can't be read.
std::optional<std::map<std::string, std::int64_t>>
count_page(orch::sdk::SettingsPage &plugin, const std::string &page, const std::string &tenant) {
    std::map<std::string, std::int64_t> counts;
    orch::sdk::PageQuery query{std::nullopt, items_at_once};
    for (int piece = 0; piece < most_pieces; ++piece) {
        const auto list = plugin.list(page, {.tenant = tenant, .user = ""}, query);
        if (!list || !list->is_object()) return std::nullopt;
        if (const auto items = list->find("items"); items != list->end()) add(*items, counts);
        const auto next = list->value("next", json());
        if (!next.is_string()) break;
        query.after = next.get<std::string>();
    }
    return counts;
}

} // namespace

ItemCounts count_items(orch::sdk::SettingsPage &plugin, const std::vector<std::string> &pages,
                       const std::string &tenant) {
    ItemCounts counts;
    for (const auto &page : pages) {
        if (auto of_page = count_page(plugin, page, tenant)) counts[page] = *std::move(of_page);
    }
    return counts;
}

} // namespace host
