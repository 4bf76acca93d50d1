#include "source/imap/folder_writer.hpp"

#include <algorithm>
#include <utility>
#include <variant>

#include "source/ascii.hpp"
#include "source/imap/folder_reader.hpp"
#include "source/imap/modified_utf7.hpp"

namespace roe::imap {

Result<void> FolderWriter::dispose(const UidSet &uids, Disposal what) {
    auto way = way_to(what);
    if (!way) return std::move(way.error());
    only_marks_ = only_marks_ || *way == Way::mark;
    for (const std::string &piece : uids.texts(set_bytes, static_cast<std::size_t>(uids.count()) + 1)) {
        auto answer = apply(*way, piece);
        if (!answer) return std::move(answer.error());
        if (answer->condition == Condition::ok) continue;
        const std::string_view undone = *way == Way::read ? "UNSEEN" : *way == Way::mark ? "UNDELETED" : "";
        if (auto settled = settle(uids, *answer, undone); !settled) return settled;
    }
    return {};
}

Result<FolderWriter::Way> FolderWriter::way_to(Disposal what) {
    if (!what.remove) return Way::read;
    const Capabilities &offered = session_.capabilities();
    // In Gmail a folder is a label: EXPUNGE strips it off, and the mail stays (jstedfast/MailKit #726).
    const bool labels = offered.has("X-GM-EXT-1");
    const bool expunge = offered.has("UIDPLUS");
    if (offered.has("MOVE") && (labels || !expunge)) {
        auto there = trash();
        if (!there) return std::move(there.error());
        if (!there->empty()) return Way::move;
    }
    return expunge ? Way::expunge : Way::mark;
}

Result<std::string> FolderWriter::trash() {
    if (trash_) return *trash_;
    std::string found;
    // RFC 6154 §2: without the selection a server may keep the attributes to itself. Gmail tells them always.
    const bool select = session_.capabilities().has("SPECIAL-USE");
    auto answer = session_.run(
        Command(select ? R"(LIST (SPECIAL-USE) "" "*")" : R"(LIST "" "*")"), Session::Patience::patient,
        [&found](Response &response) {
            const auto *listed = std::get_if<ListedFolder>(&response);
            if (listed == nullptr || !found.empty()) return;
            if (std::ranges::any_of(listed->attributes, [](auto &a) { return same_word(a, "\\Trash"); }))
                found = listed->name;
        });
    if (!answer) return std::move(answer.error());
    const std::string own = session_.utf8() ? folder_ : to_modified_utf7(folder_);
    trash_ = found == own ? std::string() : std::move(found);
    return *trash_;
}

Result<Status> FolderWriter::apply(Way way, const std::string &uids) {
    if (way == Way::move) {
        Command command("UID MOVE " + uids, session_.dialect());
        command.string(*trash_);
        return session_.run(command, Session::Patience::patient);
    }
    const std::string store = session_.queue(
        Command("UID STORE " + uids + " +FLAGS.SILENT (" + (way == Way::read ? "\\Seen" : "\\Deleted") + ")"));
    const std::string removal =
        way == Way::expunge ? session_.queue(Command("UID EXPUNGE " + uids)) : std::string();
    auto stored = session_.await(store, Session::Patience::patient);
    if (!stored || removal.empty()) return stored;
    auto removed = session_.await(removal, Session::Patience::patient);
    if (!removed || stored->condition == Condition::ok) return removed;
    return stored;
}

// A refusal may only mean that some of the mails are gone ([EXPUNGEISSUED]): what counts is what is left to do.
Result<void> FolderWriter::settle(const UidSet &uids, const Status &answer, std::string_view undone) {
    if (concerns_server(answer)) return session_.refusal(answer, Fault::refused);
    auto left = FolderReader(session_).existing(uids, undone);
    if (!left) return std::move(left.error());
    if (left->empty()) return {};
    return session_.refusal(answer, Fault::refused,
                            session_.folder().read_only
                                ? "The account may read this folder but not change it: give it the right to."
                                : "Check what rights the account has in this folder.");
}

} // namespace roe::imap
