#include "source/imap/folder_reader.hpp"

#include <algorithm>
#include <deque>
#include <utility>
#include <variant>

#include "source/imap/body_pipe.hpp"
#include "source/imap/words.hpp"

namespace roe::imap {

namespace {

constexpr std::string_view head_items = "(UID FLAGS INTERNALDATE RFC822.SIZE BODY.PEEK[HEADER])";
constexpr std::string_view opening_items = "(UID FLAGS INTERNALDATE RFC822.SIZE BODY.PEEK[]<0.65536>)";
static_assert(opening_bytes == 65536);
constexpr std::string_view body_items = "(UID BODY.PEEK[])";
constexpr std::size_t heads_at_once = 500;
constexpr std::size_t bodies_at_once = 50;

Session::Handler into(HeadCollector &heads) {
    return [&heads](Response &response) {
        if (auto *fetch = std::get_if<Fetch>(&response)) heads.take(*fetch);
    };
}

UidSet without(const UidSet &uids, const std::function<bool(std::uint32_t)> &known) {
    UidSet rest;
    for (const std::uint32_t uid : uids.lowest(static_cast<std::size_t>(uids.count()))) {
        if (!known(uid)) rest.add(uid);
    }
    return rest;
}

} // namespace

bool concerns_server(const Status &status) {
    return status.code.name == "UNAVAILABLE" || fault_of(status, Fault::refused) == Fault::throttled;
}

Result<UidSet> FolderReader::search(std::string_view criteria) {
    UidSet found;
    const auto collect = [&found](Response &response) {
        const auto *result = std::get_if<SearchResult>(&response);
        if (result == nullptr) return;
        for (const UidSet::Range range : result->uids.ranges())
            found.add(range);
    };
    const bool compact = session_.capabilities().has("ESEARCH");
    for (const std::string_view how : {"UID SEARCH RETURN (ALL) ", "UID SEARCH "}) {
        if (!compact && how.find("RETURN") != std::string_view::npos) continue;
        Command command(how);
        command.raw(criteria);
        auto answer = session_.run(command, Session::Patience::patient, collect);
        if (!answer) return std::move(answer.error());
        if (answer->condition == Condition::ok) {
            found.normalize();
            return found;
        }
        // An ESEARCH that is offered but not done well falls back to what every server can.
        if (how == "UID SEARCH " || concerns_server(*answer)) return session_.refusal(*answer, Fault::refused);
        found = {};
    }
    return found;
}

Result<UidSet> FolderReader::existing(const UidSet &uids, std::string_view criteria) {
    UidSet found;
    for (const std::string &piece : uids.texts(set_bytes, static_cast<std::size_t>(uids.count()) + 1)) {
        auto part = search("UID " + piece + (criteria.empty() ? "" : " ") + std::string(criteria));
        if (!part) return part;
        for (const UidSet::Range range : part->ranges())
            found.add(range);
    }
    found.normalize();
    // Whatever else the server names was not asked about.
    return common(found, uids);
}

Result<UidSet> FolderReader::unread() {
    auto found = search("UNSEEN");
    if (found || found.error().fault != Fault::refused) return found;
    UidSet unseen;
    if (session_.folder().count == 0) return unseen;
    std::uint64_t room = session_.folder().count + most_arrived_meanwhile + 1;
    const auto collect = [&](Response &response) {
        const auto *fetch = std::get_if<Fetch>(&response);
        if (fetch == nullptr || fetch->uid == 0 || fetch->seen != false || room == 0) return;
        unseen.add(fetch->uid);
        --room;
    };
    auto answer = session_.run(Command("UID FETCH 1:* (UID FLAGS)"), Session::Patience::patient, collect);
    if (!answer) return std::move(answer.error());
    if (answer->condition != Condition::ok) return found;
    unseen.normalize();
    return unseen;
}

Result<Status> FolderReader::heads_after(std::int64_t after, bool probe, Bodies bodies, HeadCollector &heads) {
    const std::string noop = probe ? session_.queue(Command("NOOP")) : std::string();
    const std::string_view items = bodies == Bodies::with_heads ? opening_items : head_items;
    const std::string tag =
        session_.queue(Command("UID FETCH " + std::to_string(after + 1) + ":* " + std::string(items)));
    session_.folder().arrivals = 0;
    if (probe) {
        auto alive = session_.await(noop, Session::Patience::patient, into(heads));
        if (!alive) return alive;
    }
    auto answer = session_.await(tag, Session::Patience::patient, into(heads));
    if (answer && answer->condition != Condition::ok && concerns_server(*answer)) {
        return session_.refusal(*answer, Fault::refused);
    }
    return answer;
}

Result<void> FolderReader::heads_of(const UidSet &uids, HeadCollector &heads) {
    const auto has = [&heads](std::uint32_t uid) { return heads.has(uid); };
    heads.only_these(uids);
    auto refused = fetch(uids.texts(set_bytes, heads_at_once), head_items, into(heads));
    if (!refused) return std::move(refused.error());
    UidSet missing = without(uids, has);
    for (const bool last : {false, true}) {
        if (missing.empty()) return {};
        auto there = existing(missing);
        if (!there) return std::move(there.error());
        if (last) {
            for (const std::uint32_t uid : there->lowest(static_cast<std::size_t>(missing.count()))) {
                heads.add_without_header(uid);
            }
            return {};
        }
        // One command each, so that one that the server can't read does not hide the others.
        auto each = fetch(there->texts(set_bytes, 1), head_items, into(heads));
        if (!each) return std::move(each.error());
        missing = without(*there, has);
    }
    return {};
}

Result<void> FolderReader::bodies_of(const UidSet &uids, RawSink &sink) {
    BodyPipe pipe(uids, sink);
    const auto has = [&pipe](std::uint32_t uid) { return pipe.delivered(uid); };
    session_.set_body_sink(&pipe);
    const auto done = [this](Result<void> result) {
        session_.set_body_sink(nullptr);
        return result;
    };
    const auto failed = [&](const Error &error) { return done(pipe.error() ? *pipe.error() : error); };

    auto refused = fetch(uids.texts(set_bytes, bodies_at_once), body_items, {});
    if (!refused) return failed(refused.error());
    UidSet missing = without(uids, has);
    if (missing.empty()) return done({});

    auto there = existing(missing);
    if (!there) return failed(there.error());
    std::optional<Status> last_refusal;
    for (const std::uint32_t uid : there->lowest(static_cast<std::size_t>(missing.count()))) {
        pipe.expect_only(uid);
        const std::string text = std::to_string(uid);
        auto answer = fetch(std::span(&text, 1), body_items, {});
        if (!answer) return failed(answer.error());
        if (*answer) last_refusal = std::move(**answer);
    }
    missing = without(*there, has);
    if (missing.empty()) return done({});
    there = existing(missing);
    if (!there) return failed(there.error());
    if (there->empty()) return done({});
    const std::string advice =
        "The server has the mail but does not hand it out; look at it in a mail program.";
    const Error why = last_refusal ? session_.refusal(*last_refusal, Fault::refused, advice)
                                   : session_.error(Fault::refused, "the server did not send the mail", advice);
    for (const std::uint32_t uid : there->lowest(static_cast<std::size_t>(missing.count())))
        sink.withheld({uid, std::to_string(uid)}, why);
    return done({});
}

Result<std::uint32_t> FolderReader::last_uid() {
    if (session_.folder().count == 0) return std::uint32_t{0};
    std::uint32_t last = 0;
    auto answer =
        session_.run(Command("UID FETCH * (UID)"), Session::Patience::patient, [&last](Response &response) {
            const auto *fetch = std::get_if<Fetch>(&response);
            if (fetch != nullptr) last = std::max(last, fetch->uid);
        });
    if (!answer) return std::move(answer.error());
    if (answer->condition != Condition::ok) return session_.refusal(*answer, Fault::refused);
    return last;
}

Result<std::optional<Status>> FolderReader::fetch(std::span<const std::string> pieces, std::string_view items,
                                                  const Session::Handler &handler) {
    // More under way would not be faster, and a server that is busy sending reads no further commands.
    constexpr std::size_t most_under_way = 2;
    std::deque<std::string> under_way;
    std::optional<Status> refused;
    while (!pieces.empty() || !under_way.empty()) {
        while (under_way.size() < most_under_way && !pieces.empty()) {
            under_way.push_back(
                session_.queue(Command("UID FETCH " + pieces.front() + " " + std::string(items))));
            pieces = pieces.subspan(1);
        }
        auto answer = session_.await(under_way.front(), Session::Patience::patient, handler);
        if (!answer) return std::move(answer.error());
        under_way.pop_front();
        if (answer->condition == Condition::ok) continue;
        if (concerns_server(*answer)) return session_.refusal(*answer, Fault::refused);
        refused = std::move(*answer);
    }
    return refused;
}

} // namespace roe::imap
