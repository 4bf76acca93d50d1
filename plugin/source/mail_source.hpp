// The one interface between watching and the protocols: a folder of a mailbox on a server.
//
// A source belongs to one worker thread at a time (the one that runs its watch) and is never shared.
// It is built fresh for each connection; after any error but Fault::gone, Fault::no_folder and
// Fault::refused it is thrown away, never revived.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"

namespace roe {

// A message in a folder. `order` grows with arrival, so that a mark "everything up to here is decided"
// makes sense; for IMAP it is the UID. `uid` is the protocol's own name for it, as text.
struct MailRef {
    std::int64_t order = 0;
    std::string uid;

    friend bool operator==(const MailRef &, const MailRef &) = default;
};

// What the folder is, as of now.
struct FolderStatus {
    std::string validity;               // UIDVALIDITY; another value means that every MailRef is void
    std::int64_t newest = 0;            // every mail there now has `order` <= newest
    std::int64_t count = 0;             // mails there
    bool can_push = false;              // the server tells of new mail by itself while parked
    std::string mode;                   // for people: "IMAP IDLE", "polling"
    bool snapshot = false;              // the session goes on showing what was there when it began
    std::chrono::seconds least_pause{}; // the server wants as much between two sessions
};

// What a decision needs of a mail: its header block, undecoded.
struct MailHead {
    MailRef ref;
    std::string header; // raw bytes up to and without the empty line; bounded by Limits
    bool header_truncated = false;
    bool header_withheld = false; // the mail is there, but the server gives no header: nothing can be decided
    WallTime received_at{};       // IMAP INTERNALDATE; 0 where the server does not say
    std::int64_t size = 0;        // bytes of the whole message, as the server says; 0: it does not
    bool seen = false;            // somebody has read it
};

// New mails in ascending order. Every mail with `order` <= complete_to that was there is in `heads`
// or has been looked at before.
struct Look {
    std::vector<MailHead> heads;
    std::int64_t complete_to = 0;
    bool more = false; // the window was too small: look again at once
};

// Whether a look should bring the bodies along.
enum class Bodies : std::uint8_t {
    later,      // they are fetched when their mails have been decided on
    with_heads, // every mail will be fetched: small ones may come at once, which saves a round trip
};

// Where the bytes of a whole message go, piece by piece. Called from within `fetch`.
class RawSink {
  public:
    virtual ~RawSink() = default;
    // `size` is what the server says; by POP3 it may be wrong.
    virtual Result<void> begin(const MailRef &ref, std::int64_t size) = 0;
    virtual Result<void> write(std::string_view bytes) = 0;
    virtual Result<void> end(const MailRef &ref) = 0;
    // The server has the mail and does not hand it out. The others come all the same.
    virtual void withheld(const MailRef &ref, const Error &why) = 0;
};

// What is done to a mail when its jobs are accepted.
struct Disposal {
    bool remove = false;   // else mark as read
    std::string move_to{}; // a folder, in UTF-8; empty: it stays where it is. Never with `remove`
    std::string keyword{}; // an IMAP atom; empty: none

    [[nodiscard]] bool leaves_folder() const { return remove || !move_to.empty(); }
};

enum class Parking : std::uint8_t {
    parked,
    look_first, // something has come already: do not park
    deaf,       // the server has turned out not to push: poll
};

class MailSource {
  public:
    virtual ~MailSource() = default;

    // Connects, signs in and opens the folder.
    virtual Result<FolderStatus> open() = 0;

    // Connects and signs in if need be, without opening a folder: the names of those that may be opened, in
    // UTF-8; bounded.
    virtual Result<std::vector<std::string>> folders() = 0;

    // The same for one of them, by any name that `open` and `dispose` take.
    virtual Result<bool> has_folder(std::string_view name) = 0;

    // The folder as of now: a round trip to the server.
    virtual Result<FolderStatus> status() = 0;

    // The mails with `order` > after, at most `window` of them. Never changes a flag. Bodies that came along
    // are kept, within a bound, for the next `fetch`.
    virtual Result<Look> look(std::int64_t after, std::size_t window, Bodies bodies) = 0;

    // The latest mails that are there now, at most `most` of them, in ascending order. Never changes a flag.
    virtual Result<std::vector<MailHead>> latest(std::size_t most) = 0;

    // The lowest of the mails with `order` > after, by name only: nothing of them is read.
    virtual Result<std::vector<MailRef>> list(std::int64_t after, std::size_t most) = 0;

    // The heads of these mails; a mail that is gone is left out.
    virtual Result<std::vector<MailHead>> heads(std::span<const MailRef> refs) = 0;

    // The mails that are there unread. Used once, for StartFrom `unread`.
    virtual Result<std::vector<MailRef>> unread() = 0;

    // Whole mails, streamed to the sink in any order; a mail that is gone is left out, one that the server does
    // not hand out is named by `withheld`. Never changes a flag.
    virtual Result<void> fetch(std::span<const MailRef> refs, RawSink &sink) = 0;

    // Marks, moves or deletes; what the protocol has no means for is left out. A mail that is gone already
    // counts as done.
    virtual Result<void> dispose(std::span<const MailRef> refs, Disposal what) = 0;

    // After a Fault::refused of `dispose`: the names of the mails that it is about, where the server tells;
    // with the others it went well. Nothing: it is about all.
    [[nodiscard]] virtual std::optional<std::vector<std::string>> refused() const { return std::nullopt; }

    // Tells the server that we wait, where it can push; afterwards the descriptor of `descriptor()` may be
    // given to the parking lot.
    virtual Result<Parking> park() = 0;

    // Takes a parked session up again, because its descriptor woke or its time came.
    // true: look now. false: nothing happened, still waiting: park the descriptor again.
    virtual Result<bool> unpark(bool woken) = 0;

    // The session can do no more: whoever wants more builds a new one.
    [[nodiscard]] virtual bool spent() const { return false; }

    // The socket, for the parking lot only. -1 when not connected.
    [[nodiscard]] virtual int descriptor() const = 0;

    // When a parked session must be taken up again at the latest (renewal of IDLE).
    [[nodiscard]] virtual std::chrono::milliseconds park_limit() const = 0;

    // [any thread] Breaks whatever call is under way; it returns Fault::cancelled.
    virtual void cancel() = 0;

    // Says goodbye if that costs no wait, and closes.
    virtual void close() = 0;
};

} // namespace roe
