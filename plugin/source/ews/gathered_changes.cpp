#include "source/ews/gathered_changes.hpp"

#include <algorithm>
#include <utility>

namespace roe::ews {

void GatheredChanges::add(const SyncChanges &page) {
    for (const auto &item : page.deleted)
        mails_[item.id] = {};
    Moment before{};
    // A mail whose page names it as both is asked for, and turns out to be gone if it is.
    for (const auto &item : page.created) {
        knows_times_ = knows_times_ || item.received_at != WallTime{};
        // One that the server says no time of was received when its neighbour was.
        const auto received_at =
            item.received_at == WallTime{} ? before : Moment(item.received_at) + item.received_more;
        if (before != Moment{} && received_at < before) ++to_older_;
        if (before != Moment{} && received_at > before) ++to_newer_;
        before = received_at;
        mails_[item.item.id] = {true, received_at, item.size, ++places_};
    }
}

void GatheredChanges::clear() {
    mails_.clear();
    places_ = 0;
}

std::vector<std::string_view> GatheredChanges::there() const {
    std::vector<std::pair<std::string_view, const Mail *>> mails;
    for (const auto &[name, mail] : mails_)
        if (mail.there) mails.emplace_back(name, &mail);
    const bool oldest_first = to_newer_ > to_older_ || !knows_times_;
    std::ranges::sort(mails, [&](const auto &one, const auto &other) {
        const auto &[a, b] = std::pair(one.second, other.second);
        if (a->received_at != b->received_at) return a->received_at < b->received_at;
        return oldest_first ? a->place < b->place : a->place > b->place;
    });
    std::vector<std::string_view> names;
    names.reserve(mails.size());
    for (const auto &mail : mails)
        names.push_back(mail.first);
    return names;
}

std::vector<std::string_view> GatheredChanges::gone() const {
    std::vector<std::string_view> names;
    for (const auto &[name, mail] : mails_)
        if (!mail.there) names.push_back(name);
    return names;
}

std::int64_t GatheredChanges::size_of(std::string_view name) const {
    const auto at = mails_.find(name);
    return at == mails_.end() ? 0 : at->second.size;
}

} // namespace roe::ews
