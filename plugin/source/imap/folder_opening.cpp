#include "source/imap/folder_opening.hpp"

#include <algorithm>
#include <optional>
#include <utility>
#include <variant>
#include <vector>

#include "base/ascii.hpp"
#include "source/imap/folder_reader.hpp"
#include "source/imap/modified_utf7.hpp"
#include "source/imap/words.hpp"

namespace roe::imap {

namespace {

constexpr std::size_t most_listed = 5000;
constexpr std::size_t most_named = 10;

Command with_folder(Session &session, std::string_view words, const std::string &folder) {
    Command command(words, session.dialect());
    command.string(session.utf8() ? folder : to_modified_utf7(folder));
    return command;
}

struct Listing {
    std::string name; // UTF-8
    std::string last; // its last part, upper case
};

std::string last_part(std::string_view name, std::string_view delimiter) {
    const std::size_t at = delimiter.empty() ? std::string_view::npos : name.rfind(delimiter);
    return upper(at == std::string_view::npos ? name : name.substr(at + delimiter.size()));
}

bool can_be_opened(const ListedFolder &folder) {
    // RFC 9051 §7.3.1; \NonExistent is RFC 5258's.
    return std::ranges::none_of(folder.attributes, [](const std::string &attribute) {
        return same_word(attribute, "\\Noselect") || same_word(attribute, "\\NonExistent");
    });
}

Result<std::vector<Listing>> list(Session &session) {
    std::vector<Listing> listings;
    auto answer = session.run(Command(R"(LIST "" "*")"), Session::Patience::patient, [&](Response &response) {
        const auto *listed = std::get_if<ListedFolder>(&response);
        if (listed == nullptr || listings.size() >= most_listed || !can_be_opened(*listed)) return;
        std::string name = session.utf8() ? listed->name : from_modified_utf7(listed->name);
        std::string last = last_part(name, listed->delimiter);
        listings.push_back({std::move(name), std::move(last)});
    });
    if (!answer) return std::move(answer.error());
    if (answer->condition != Condition::ok) return session.refusal(*answer, Fault::refused);
    return listings;
}

// The folders that there are, those first whose last part is the one asked for: many servers keep all folders
// below "INBOX.".
Result<std::string> name_folders(Session &session, const std::string &wanted) {
    auto listings = list(session);
    if (!listings) return std::move(listings.error());
    const std::string last = upper(wanted.substr(wanted.find_last_of("/.\\") + 1));
    std::stable_partition(listings->begin(), listings->end(),
                          [&last](const Listing &listing) { return listing.last == last; });
    std::string names;
    for (std::size_t i = 0; i < std::min(listings->size(), most_named); ++i) {
        names += (i == 0 ? "" : ", ") + clean_words((*listings)[i].name);
    }
    if (listings->size() > most_named) names += ", …";
    return names;
}

Result<std::int64_t> refuse(Session &session, const std::string &folder, const Status &answer) {
    Error refused = session.refusal(answer, Fault::no_folder);
    if (refused.fault != Fault::no_folder) return refused;
    // The listing is a courtesy: what goes wrong with it does not hide the first fault.
    const auto names = name_folders(session, folder);
    refused.advice = "Check the folder's name.";
    if (names && !names.value().empty()) refused.advice += " The mailbox has: " + names.value();
    return refused;
}

// Servers that leave UIDVALIDITY or UIDNEXT out of SELECT mostly have them in STATUS.
Result<void> ask_status(Session &session, const std::string &folder) {
    Command command = with_folder(session, "STATUS", folder);
    command.raw(" (UIDNEXT UIDVALIDITY)");
    Folder &open = session.folder();
    auto answer = session.run(command, Session::Patience::patient, [&open](Response &response) {
        const auto *counts = std::get_if<FolderCounts>(&response);
        if (counts == nullptr) return;
        if (open.validity == 0) open.validity = counts->uid_validity.value_or(0);
        if (open.uid_next == 0) open.uid_next = counts->uid_next.value_or(0);
    });
    if (!answer) return std::move(answer.error());
    return {};
}

} // namespace

Result<std::vector<std::string>> list_folders(Session &session) {
    auto listings = list(session);
    if (!listings) return std::move(listings.error());
    std::vector<std::string> names;
    names.reserve(listings->size());
    for (Listing &listing : *listings)
        names.push_back(std::move(listing.name));
    std::ranges::sort(names);
    const auto rest = std::unique(names.begin(), names.end());
    names.erase(rest, names.end());
    std::stable_partition(names.begin(), names.end(),
                          [](const std::string &name) { return same_word(name, "INBOX"); });
    return names;
}

Result<std::int64_t> open_folder(Session &session, const std::string &folder, const std::string &host) {
    session.doing("folder", "opening " + clean_words(folder) + " on " + clean_words(host));
    session.folder() = {};
    auto answer = session.run(with_folder(session, "SELECT", folder), Session::Patience::patient);
    if (!answer) return std::move(answer.error());
    if (answer->condition != Condition::ok) return refuse(session, folder, *answer);
    Folder &open = session.folder();
    if (open.validity == 0) {
        if (auto asked = ask_status(session, folder); !asked) return std::move(asked.error());
    }
    if (open.validity == 0) {
        return session.error(
            Fault::protocol, "the server gives its mails no lasting numbers (no UIDVALIDITY)",
            "Use POP3 for this mailbox: without lasting numbers no mail can be told from another.");
    }
    if (open.uid_next > 0) return static_cast<std::int64_t>(open.uid_next) - 1;
    auto last = FolderReader(session).last_uid();
    if (!last) return std::move(last.error());
    return *last;
}

} // namespace roe::imap
