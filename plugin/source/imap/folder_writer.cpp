#include "source/imap/folder_writer.hpp"

#include <algorithm>
#include <utility>
#include <variant>

#include "base/ascii.hpp"
#include "source/imap/folder_reader.hpp"
#include "source/imap/modified_utf7.hpp"

namespace roe::imap {
namespace {

std::string with_flag(std::string flags, std::string_view flag) {
    if (!flags.empty() && !flag.empty()) flags += ' ';
    return flags.append(flag);
}

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
        if (auto settled = settle(uids, *answer, what, plan->leaving); !settled) return settled;
    }
    return {};
}

Result<FolderWriter::Plan> FolderWriter::plan(const Disposal &what) {
    Plan plan{.flags = with_flag(what.remove ? "" : "\\Seen", what.keyword)};
    if (!what.leaves_folder()) return plan;
    auto target = what.remove ? bin() : Result(as_sent(what.move_to));
    if (!target) return std::move(target.error());
    plan.target = std::move(*target);
    const Capabilities &offered = session_.capabilities();
    if (!plan.target.empty() && offered.has("MOVE"))
        plan.leaving = Leaving::move;
    else
        plan.leaving = offered.has("UIDPLUS") ? Leaving::expunge : Leaving::mark;
    return plan;
}

Result<std::string> FolderWriter::bin() {
    const Capabilities &offered = session_.capabilities();
    // In Gmail a folder is a label: EXPUNGE strips it off, and the mail stays (jstedfast/MailKit #726).
    const bool expunges = offered.has("UIDPLUS") && !offered.has("X-GM-EXT-1");
    return offered.has("MOVE") && !expunges ? trash() : Result(std::string());
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
    if (plan.target.empty()) return delete_here(plan.leaving, uids, with_flag(plan.flags, "\\Deleted"));
    // One after the other: what is refused here must not be marked as deleted behind it.
    if (!plan.flags.empty())
        if (auto stored = store(uids, plan.flags); !stored || stored->condition != Condition::ok) return stored;
    const bool moves = plan.leaving == Leaving::move;
    auto there = put_into(moves ? "UID MOVE " : "UID COPY ", uids, plan.target);
    if (!there || there->condition != Condition::ok || moves) return there;
    return delete_here(plan.leaving, uids, "\\Deleted");
}

Result<Status> FolderWriter::put_into(std::string_view verb, const std::string &uids,
                                      const std::string &folder) {
    Command command(std::string(verb) + uids, session_.dialect());
    command.string(folder);
    return session_.run(command, Session::Patience::patient);
}

Command FolderWriter::storing(const std::string &uids, const std::string &flags) {
    return Command("UID STORE " + uids + " +FLAGS.SILENT (" + flags + ")");
}

Result<Status> FolderWriter::store(const std::string &uids, const std::string &flags) {
    return session_.run(storing(uids, flags), Session::Patience::patient);
}

Result<Status> FolderWriter::delete_here(Leaving leaving, const std::string &uids, const std::string &flags) {
    if (leaving == Leaving::mark) return store(uids, flags);
    const std::string marking = session_.queue(storing(uids, flags));
    const std::string removal = session_.queue(Command("UID EXPUNGE " + uids));
    auto marked = session_.await(marking, Session::Patience::patient);
    if (!marked) return marked;
    auto removed = session_.await(removal, Session::Patience::patient);
    if (!removed || marked->condition == Condition::ok) return removed;
    return marked;
}

// A search for those of the mails that were not done with; empty: any that is still here.
std::string FolderWriter::undone(const Disposal &what, Leaving leaving) {
    if (leaving == Leaving::mark) return "UNDELETED";
    if (leaving != Leaving::stay) return {};
    return what.keyword.empty() ? "UNSEEN" : "OR UNSEEN UNKEYWORD " + what.keyword;
}

// A refusal may only mean that some of the mails are gone ([EXPUNGEISSUED]): what counts is what is left to do.
Result<void> FolderWriter::settle(const UidSet &uids, const Status &answer, const Disposal &what,
                                  Leaving leaving) {
    if (concerns_server(answer)) return session_.refusal(answer, Fault::refused);
    auto left = FolderReader(session_).existing(uids, undone(what, leaving));
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
