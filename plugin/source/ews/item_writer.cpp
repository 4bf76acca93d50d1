#include "source/ews/item_writer.hpp"

#include <algorithm>
#include <utility>

#include "source/words.hpp"

namespace roe::ews {

namespace {

constexpr std::size_t most_changed_at_once = 250;

const std::string &name_in(const ItemId &item) {
    return item.id;
}

const std::string &name_in(const ItemUpdate &update) {
    return update.item.id;
}

} // namespace

Result<void> ItemWriter::dispose(std::span<const MailRef> refs, const Disposal &what) {
    refusal_.reset();
    refused_.clear();
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
            if (auto removed = change(items, delete_items); !removed) return removed;
            continue;
        }
        if (auto marked = mark(items, what.keyword); !marked) return marked;
        if (what.move_to.empty()) continue;
        auto moved = change(items, [&](const Caller &caller, std::span<const ItemId> some) {
            return move_items(caller, some, to);
        });
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

Result<void> ItemWriter::mark(const std::vector<ItemId> &items, const std::string &category) {
    auto updates = updates_of(items, category);
    if (!updates) return std::move(updates.error());
    return ask<ItemUpdate>(*std::move(updates), update_items, {});
}

// Categories are written as a whole, so the mail's others must be known.
Result<std::vector<ItemUpdate>> ItemWriter::updates_of(const std::vector<ItemId> &items,
                                                       const std::string &category) {
    std::vector<ItemUpdate> updates;
    if (category.empty()) {
        for (const auto &item : items)
            updates.push_back({item, true, {}});
        return updates;
    }
    const auto add_category = [&](const ItemId &item, Message message) {
        const auto *page = std::get_if<ItemPage>(&message.content);
        if (page == nullptr || page->items.empty()) return;
        ItemUpdate update{item, true, {}};
        auto categories = page->items.front().categories;
        if (std::ranges::find(categories, category) == categories.end()) {
            categories.push_back(category);
            update.categories = std::move(categories);
        }
        updates.push_back(std::move(update));
    };
    auto asked = ask<ItemId>(items, get_item_categories, add_category);
    if (!asked) return std::move(asked.error());
    return updates;
}

Result<void> ItemWriter::change(const std::vector<ItemId> &items, const Asking<ItemId> &request) {
    return ask<ItemId>(items, request, {});
}

template <class Thing>
Result<void> ItemWriter::ask(std::vector<Thing> things, const Asking<Thing> &request, const Well<Thing> &well) {
    while (!things.empty()) {
        const auto now = std::span<const Thing>(things).first(batch_size_.of(things.size()));
        Batch batch(session_, now.size());
        const auto take = [&](Message message) -> Result<void> {
            const auto dealt_with = batch.take(message);
            if (!dealt_with) return dealt_with.error();
            if (!*dealt_with) return {};
            if (message.outcome.ok) {
                const auto &thing = now[message.position];
                if (well) well(thing, std::move(message));
                return {};
            }
            auto error = session_.error_of(message.outcome);
            if (error.fault != Fault::gone) remember(std::move(error), name_in(now[message.position]));
            return {};
        };
        auto ran = session_.run([&](const Caller &caller) { return request(caller, now); }, take);
        if (!ran) return ran;
        const auto left = batch.left(batch_size_);
        if (!left) return left.error();
        things = still_to_ask(things, now.size(), *left);
    }
    return {};
}

std::optional<std::vector<std::string>> ItemWriter::refused() const {
    if (refused_.empty()) return std::nullopt;
    return refused_;
}

void ItemWriter::remember(Error error, std::string name) {
    refused_.push_back(std::move(name));
    // It may be made anew, under another id.
    if (error.fault == Fault::no_folder) target_name_.clear();
    error.fault = Fault::refused;
    if (!refusal_) refusal_ = std::move(error);
}

} // namespace roe::ews
