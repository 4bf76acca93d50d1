#include "source/ews/folders.hpp"

#include <algorithm>
#include <array>
#include <unordered_map>
#include <utility>

#include "base/ascii.hpp"
#include "base/unicode.hpp"
#include "source/words.hpp"

namespace roe::ews {

namespace {

constexpr std::string_view inbox_name = "INBOX";
constexpr std::string_view archive_prefix = "archive:";
constexpr std::size_t page_size = 1000;
constexpr std::size_t most_folders = 20'000;
constexpr std::size_t most_shown = 20;
// Exchange allows 300 levels; a server that goes round in circles has none.
constexpr int deepest = 300;

// DistinguishedFolderIdNameType, as far as they hold mails.
constexpr std::array<std::string_view, 9> well_known{"deleteditems",
                                                     "drafts",
                                                     "junkemail",
                                                     "msgfolderroot",
                                                     "outbox",
                                                     "sentitems",
                                                     "recoverableitemsdeletions",
                                                     "archiveinbox",
                                                     "archivedeleteditems"};

bool holds_mails(const Folder &folder) {
    return folder.item_class.empty() || folder.item_class.starts_with("IPF.Note");
}

// Exchange lets no two folders differ by case alone.
bool same_path(std::string_view one, std::string_view other) {
    return one == other || unicode::folded_address(one) == unicode::folded_address(other);
}

} // namespace

FolderId Folders::distinguished(std::string name) const {
    FolderId id;
    id.distinguished = std::move(name);
    id.mailbox = mailbox_;
    return id;
}

Result<Folder> Folders::ask(const FolderId &folder) {
    auto answer = session_.ask([&](const Caller &caller) { return get_folder(caller, {&folder, 1}); });
    if (!answer) return std::move(answer.error());
    auto *page = std::get_if<FolderPage>(&answer->content);
    if (page == nullptr || page->folders.empty() || page->folders.front().folder.id.empty())
        return session_.error(Fault::protocol, "the server does not say which folder it is");
    return std::move(page->folders.front());
}

Result<std::vector<Folder>> Folders::all(const FolderId &root) {
    std::vector<Folder> folders;
    for (std::size_t offset = 0; folders.size() < most_folders;) {
        auto answer =
            session_.ask([&](const Caller &caller) { return find_folder(caller, root, offset, page_size); });
        if (!answer) return std::move(answer.error());
        auto *page = std::get_if<FolderPage>(&answer->content);
        if (page == nullptr || page->folders.empty()) break;
        const bool last = page->last;
        const auto next = std::max(page->next_offset, offset + page->folders.size());
        std::move(page->folders.begin(), page->folders.end(), std::back_inserter(folders));
        if (last) break;
        offset = next;
    }
    return folders;
}

Result<std::vector<Folders::Named>> Folders::tree(bool archive) {
    auto folders = all(distinguished(archive ? "archivemsgfolderroot" : "msgfolderroot"));
    if (!folders) return std::move(folders.error());
    std::string inbox;
    if (!archive) {
        const auto known = ask(distinguished("inbox"));
        if (!known) return known.error();
        inbox = known->folder.id;
    }
    std::unordered_map<std::string_view, const Folder *> by_id;
    for (const auto &folder : *folders)
        by_id.emplace(folder.folder.id, &folder);
    std::vector<Named> named;
    named.reserve(folders->size());
    for (const auto &folder : *folders) {
        Named one;
        const auto *at = &folder;
        for (int depth = 0; at != nullptr && depth < deepest; ++depth) {
            const auto below = one.own_path.empty() ? "" : "/" + one.own_path;
            if (at->folder.id == inbox) one.inbox_path = std::string(inbox_name) + below;
            one.own_path = at->name + below;
            const auto parent = by_id.find(at->parent);
            at = parent == by_id.end() ? nullptr : parent->second;
        }
        one.folder = folder;
        named.push_back(std::move(one));
    }
    return named;
}

Result<Folder> Folders::find(std::string_view name) {
    session_.doing("folder", "opening the folder " + clean_words(name));
    if (name.empty() || same_word(name, inbox_name)) return ask(distinguished("inbox"));
    const bool archive = same_word(name.substr(0, archive_prefix.size()), archive_prefix);
    const auto path = archive ? name.substr(archive_prefix.size()) : name;
    auto named = tree(archive);
    if (!named) return std::move(named.error());
    const auto found = std::ranges::find_if(*named, [&](const Named &one) {
        return same_path(one.own_path, path) || (!one.inbox_path.empty() && same_path(one.inbox_path, path));
    });
    if (found != named->end()) return std::move(found->folder);
    const auto *const known =
        std::ranges::find_if(well_known, [&](auto word) { return same_word(word, path); });
    if (known != well_known.end()) return ask(distinguished(std::string(*known)));
    return not_there(path, *named);
}

Error Folders::not_there(std::string_view name, const std::vector<Named> &tree) const {
    std::string names;
    std::size_t shown = 0;
    for (const auto &one : tree) {
        if (!holds_mails(one.folder)) continue;
        if (++shown > most_shown) {
            names += ", …";
            break;
        }
        names += (shown == 1 ? "" : ", ") + clean_words(one.own_path);
    }
    auto error = session_.error(Fault::no_folder, "there is no folder \"" + clean_words(name) + "\"",
                                "Check the folder's name.");
    if (!names.empty()) error.advice += " The mailbox has: " + names;
    return error;
}

Result<std::vector<std::string>> Folders::names() {
    session_.doing("folder", "listing the folders");
    auto named = tree(false);
    if (!named) return std::move(named.error());
    std::vector<std::string> names;
    for (auto &one : *named) {
        if (!holds_mails(one.folder)) continue;
        names.push_back(std::move(one.inbox_path.empty() ? one.own_path : one.inbox_path));
    }
    std::ranges::sort(names);
    const auto rest = std::unique(names.begin(), names.end());
    names.erase(rest, names.end());
    std::stable_partition(names.begin(), names.end(),
                          [](const std::string &name) { return name == inbox_name; });
    return names;
}

} // namespace roe::ews
