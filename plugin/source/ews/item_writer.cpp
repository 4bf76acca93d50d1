#include "source/ews/item_writer.hpp"

#include <algorithm>
#include <utility>

#include "source/words.hpp"

namespace roe::ews {

namespace {

constexpr std::size_t most_changed_at_once = 100;

} // namespace

Result<void> ItemWriter::dispose(std::span<const MailRef> refs, const Disposal &what) {
    refusal_.reset();
    FolderId to;
    if (!what.remove && !what.move_to.empty()) {
        auto target = this->target(what.move_to);
        if (!target) return std::move(target.error());
        to = *std::move(target);
    }
    while (!refs.empty()) {
        std::vector<ItemId> items;
        for (const auto &ref : refs.first(std::min(most_changed_at_once, refs.size())))
            items.push_back({ref.uid, {}});
        refs = refs.subspan(items.size());
        if (what.remove) {
            auto removed =
                change([&](const Caller &caller) { return delete_items(caller, items); }, items.size());
            if (!removed) return removed;
            continue;
        }
        if (auto marked = mark(items, what.keyword); !marked) return marked;
        if (what.move_to.empty()) continue;
        auto moved = change([&](const Caller &caller) { return move_items(caller, items, to); }, items.size());
        if (!moved) return moved;
    }
    if (refusal_) return *refusal_;
    return {};
}

Result<FolderId> ItemWriter::target(const std::string &name) {
    if (name != target_name_) {
        auto found = folders_.find(name);
        session_.doing("dispose", "moving mail to " + clean_words(name));
        if (!found) {
            // The session goes on: the jobs have started, and the folder may be made yet.
            if (found.error().fault == Fault::no_folder) found.error().fault = Fault::refused;
            return std::move(found.error());
        }
        target_ = std::move(found->folder);
        target_name_ = name;
    }
    // A mail that is moved to where it is gets a new name, and would look like another mail.
    if (target_.id == folder_.id)
        return session_.error(Fault::refused, "that is the folder that is watched",
                              "Choose another folder for \"Move to\".");
    return target_;
}

Result<void> ItemWriter::mark(std::span<const ItemId> items, const std::string &category) {
    auto updates = updates_of(items, category);
    if (!updates) return std::move(updates.error());
    if (updates->empty()) return {};
    return change([&](const Caller &caller) { return update_items(caller, *updates); }, updates->size());
}

// Categories are written as a whole, so the mail's others must be known.
Result<std::vector<ItemUpdate>> ItemWriter::updates_of(std::span<const ItemId> items,
                                                       const std::string &category) {
    std::vector<ItemUpdate> updates;
    if (category.empty()) {
        for (const auto &item : items)
            updates.push_back({item, true, {}});
        return updates;
    }
    const auto take = [&](Message message) -> Result<void> {
        if (message.position >= items.size())
            return session_.error(Fault::protocol, "the server answers for more mails than it was asked for");
        if (!message.outcome.ok) {
            auto error = session_.error_of(message.outcome);
            if (error.fault == Fault::gone) return {};
            if (error.fault != Fault::refused) return error;
            remember(std::move(error));
            return {};
        }
        const auto *page = std::get_if<ItemPage>(&message.content);
        if (page == nullptr || page->items.empty()) return {};
        ItemUpdate update{items[message.position], true, {}};
        auto categories = page->items.front().categories;
        if (std::ranges::find(categories, category) == categories.end()) {
            categories.push_back(category);
            update.categories = std::move(categories);
        }
        updates.push_back(std::move(update));
        return {};
    };
    auto ran = session_.run([&](const Caller &caller) { return get_item_categories(caller, items); },
                            Session::Repeat::harmless, take);
    if (!ran) return std::move(ran.error());
    return updates;
}

Result<void> ItemWriter::change(const Session::Request &request, std::size_t expected) {
    std::size_t answered = 0;
    auto ran = session_.run(request, Session::Repeat::harmless, [&](Message message) -> Result<void> {
        ++answered;
        if (message.outcome.ok) return {};
        auto error = session_.error_of(message.outcome);
        if (error.fault == Fault::gone) return {};
        if (error.fault != Fault::refused && error.fault != Fault::no_folder) return error;
        remember(std::move(error));
        return {};
    });
    if (!ran) return ran;
    if (answered < expected)
        return session_.error(Fault::protocol, "the server does not answer for every mail");
    return {};
}

void ItemWriter::remember(Error error) {
    error.fault = Fault::refused;
    if (!refusal_) refusal_ = std::move(error);
}

} // namespace roe::ews
