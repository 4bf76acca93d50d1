#include "source/ews/folder_sync.hpp"

#include <algorithm>
#include <span>
#include <utility>

#include "source/ews/response_code.hpp"

namespace roe::ews {

namespace {

// So many changes are put in order at once; of more, the pages' own order is kept.
constexpr std::size_t most_gathered = 20 * most_sync_changes;
constexpr std::size_t most_sizes = 2000;

} // namespace

Result<void> FolderSync::open() {
    auto standing = book_.open(folder_.id);
    if (!standing) return std::move(standing.error());
    standing_ = *std::move(standing);
    return run();
}

Result<void> FolderSync::run() {
    auto followed = follow_changes();
    if (followed || !refuses_state(session_.code()) || standing_.state.empty()) return followed;
    standing_.state.clear();
    return follow_changes();
}

Result<void> FolderSync::follow_changes() {
    gathered_.clear();
    auto state = standing_.state;
    for (;;) {
        auto page = next_page(state);
        if (!page) return std::move(page.error());
        gathered_.add(*page);
        const bool stuck = !page->last && page->state == state;
        if (stuck) return session_.error(Fault::protocol, "the server tells the same changes for ever");
        state = std::move(page->state);
        if (!page->last && gathered_.size() < most_gathered) continue;
        if (auto written = write(state, page->last); !written) return written;
        if (page->last) return {};
        gathered_.clear();
    }
}

Result<SyncChanges> FolderSync::next_page(const std::string &state) {
    auto answer = session_.ask(
        [&](const Caller &caller) { return sync_folder_items(caller, folder_, state, most_sync_changes); });
    if (!answer) return std::move(answer.error());
    auto *changes = std::get_if<SyncChanges>(&answer->content);
    if (changes == nullptr) return session_.error(Fault::protocol, "the server does not tell what has changed");
    return std::move(*changes);
}

Result<void> FolderSync::write(const std::string &state, bool last) {
    const bool from_nothing = standing_.state.empty();
    if (gathered_.size() == 0 && !from_nothing && standing_.whole) {
        // An older state is as good: what follows it is told again.
        standing_.state = state;
        return {};
    }
    const auto there = gathered_.there();
    const auto gone = gathered_.gone();
    auto standing = book_.take({from_nothing, there, gone, state, last});
    if (!standing) return std::move(standing.error());
    standing_ = *std::move(standing);
    sizes_.clear();
    for (const auto name : std::span(there).first(std::min(there.size(), most_sizes)))
        if (const auto size = gathered_.size_of(name); size > 0) sizes_.emplace(name, size);
    return {};
}

} // namespace roe::ews
