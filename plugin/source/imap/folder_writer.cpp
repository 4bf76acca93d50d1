#include "source/imap/folder_writer.hpp"

#include <algorithm>
#include <utility>
#include <variant>

#include "source/ascii.hpp"
#include "source/imap/folder_reader.hpp"
#include "source/imap/modified_utf7.hpp"

namespace roe::imap {
namespace {

Error no_keywords(const Session &session) {
    return session.error(Fault::refused, "the server keeps no keywords of one's own in this folder",
                         "Leave \"Keyword\" empty.");
}

} // namespace

Result<void> FolderWriter::dispose(const UidSet &uids, const Disposal &what) {
    if (!what.keyword.empty() && !session_.folder().keeps(what.keyword)) return no_keywords(session_);
    auto plan = this->plan(what);
    if (!plan) return std::move(plan.error());
    only_marks_ = only_marks_ || plan->leaving == Leaving::mark;
    for (const std::string &piece : uids.texts(set_bytes, static_cast<std::size_t>(uids.count()) + 1)) {
        auto answer = apply(*plan, piece);
        if (!answer) return std::move(answer.error());
        if (answer->condition == Condition::ok) continue;
        if (auto settled = settle(uids, *answer, what, plan->undone); !settled) return settled;
    }
    return {};
}

Result<FolderWriter::Plan> FolderWriter::plan(const Disposal &what) {
    if (what.remove) return plan_to_remove(what.keyword);
    const std::string flags = what.keyword.empty() ? "\\Seen" : "\\Seen " + what.keyword;
    if (!what.move_to.empty()) return plan_to_move(flags, as_sent(what.move_to));
    const std::string undone = what.keyword.empty() ? "UNSEEN" : "OR UNSEEN UNKEYWORD " + what.keyword;
    return Plan{.flags = flags, .copy_to = {}, .leaving = Leaving::stay, .undone = undone};
}

Result<FolderWriter::Plan> FolderWriter::plan_to_remove(std::string flags) {
    const Capabilities &offered = session_.capabilities();
    // In Gmail a folder is a label: EXPUNGE strips it off, and the mail stays (jstedfast/MailKit #726).
    const bool labels = offered.has("X-GM-EXT-1");
    const bool expunge = offered.has("UIDPLUS");
    Plan plan{.flags = std::move(flags), .copy_to = {}, .leaving = Leaving::expunge, .undone = {}};
    if (offered.has("MOVE") && (labels || !expunge)) {
        auto there = trash();
        if (!there) return std::move(there.error());
        plan.copy_to = std::move(*there);
    }
    if (!plan.copy_to.empty())
        plan.leaving = Leaving::move;
    else if (!expunge)
        plan.leaving = Leaving::mark;
    if (plan.leaving == Leaving::mark) plan.undone = "UNDELETED";
    return plan;
}

FolderWriter::Plan FolderWriter::plan_to_move(std::string flags, const std::string &folder) {
    const Capabilities &offered = session_.capabilities();
    Plan plan{.flags = std::move(flags), .copy_to = folder, .leaving = Leaving::mark, .undone = "UNDELETED"};
    if (!offered.has("MOVE") && !offered.has("UIDPLUS")) return plan;
    plan.leaving = offered.has("MOVE") ? Leaving::move : Leaving::expunge;
    plan.undone.clear();
    return plan;
}

std::string FolderWriter::as_sent(const std::string &folder) const {
    return session_.utf8() ? folder : to_modified_utf7(folder);
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
    trash_ = found == as_sent(folder_) ? std::string() : std::move(found);
    return *trash_;
}

Result<Status> FolderWriter::apply(const Plan &plan, const std::string &uids) {
    if (plan.leaving == Leaving::stay) return store(uids, plan.flags);
    if (!plan.copy_to.empty()) {
        // One after the other: what is refused here must not be marked as deleted behind it.
        if (!plan.flags.empty())
            if (auto stored = store(uids, plan.flags); !stored || stored->condition != Condition::ok)
                return stored;
        const std::string_view verb = plan.leaving == Leaving::move ? "UID MOVE " : "UID COPY ";
        auto there = put_into(verb, uids, plan.copy_to);
        if (!there || there->condition != Condition::ok || plan.leaving == Leaving::move) return there;
    }
    return delete_here(plan, uids);
}

Result<Status> FolderWriter::put_into(std::string_view verb, const std::string &uids,
                                      const std::string &folder) {
    Command command(std::string(verb) + uids, session_.dialect());
    command.string(folder);
    return session_.run(command, Session::Patience::patient);
}

Result<Status> FolderWriter::store(const std::string &uids, const std::string &flags) {
    return session_.run(Command("UID STORE " + uids + " +FLAGS.SILENT (" + flags + ")"),
                        Session::Patience::patient);
}

Result<Status> FolderWriter::delete_here(const Plan &plan, const std::string &uids) {
    const std::string flags =
        plan.copy_to.empty() && !plan.flags.empty() ? plan.flags + " \\Deleted" : "\\Deleted";
    if (plan.leaving == Leaving::mark) return store(uids, flags);
    const std::string marking = session_.queue(Command("UID STORE " + uids + " +FLAGS.SILENT (" + flags + ")"));
    const std::string removal = session_.queue(Command("UID EXPUNGE " + uids));
    auto marked = session_.await(marking, Session::Patience::patient);
    if (!marked) return marked;
    auto removed = session_.await(removal, Session::Patience::patient);
    if (!removed || marked->condition == Condition::ok) return removed;
    return marked;
}

// A refusal may only mean that some of the mails are gone ([EXPUNGEISSUED]): what counts is what is left to do.
Result<void> FolderWriter::settle(const UidSet &uids, const Status &answer, const Disposal &what,
                                  std::string_view undone) {
    if (concerns_server(answer)) return session_.refusal(answer, Fault::refused);
    auto left = FolderReader(session_).existing(uids, undone);
    if (!left) return std::move(left.error());
    if (left->empty()) return {};
    std::string advice = "Check what rights the account has in this folder.";
    if (session_.folder().read_only)
        advice = "The account may read this folder but not change it: give it the right to.";
    else if (!what.move_to.empty())
        advice =
            "Check that there is a folder \"" + what.move_to + "\" and that the account may put mail into it.";
    auto refused = session_.refusal(answer, Fault::refused, std::move(advice));
    // [TRYCREATE] is about the folder to move to (RFC 9051 §6.4.7); the watched one is open.
    if (refused.fault == Fault::no_folder) refused.fault = Fault::refused;
    return refused;
}

} // namespace roe::imap
