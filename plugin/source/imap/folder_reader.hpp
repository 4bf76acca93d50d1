// Reading the open folder: searches, heads, bodies. Batched and pipelined, and never trusting silence: a mail
// that was asked for and did not come is looked for before it counts as gone.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "source/imap/head_collector.hpp"
#include "source/imap/session.hpp"
#include "source/imap/uid_set.hpp"
#include "source/mail_source.hpp"

namespace roe::imap {

// The members of a set in pieces that fit a command line: RFC 7162 §4 asks clients to stay below 8192 bytes.
inline constexpr std::size_t set_bytes = 7000;

// How many more mails an answer may name than there were when it was asked for.
inline constexpr std::uint64_t most_arrived_meanwhile = 10'000;

class FolderReader {
  public:
    explicit FolderReader(Session &session) : session_(session) {}

    // UID SEARCH, with ESEARCH where offered.
    Result<UidSet> search(std::string_view criteria);
    // The unread ones: searched for, or found by their flags where the server refuses to search.
    Result<UidSet> unread();
    // Those of the set that exist, and fit `criteria` where there are any.
    Result<UidSet> existing(const UidSet &uids, std::string_view criteria = {});

    // "UID FETCH n:*" for everything after `after`, in one round trip with a NOOP ahead of it if `probe`.
    // A refusal of the server's that concerns single mails is a value.
    Result<Status> heads_after(std::int64_t after, bool probe, Bodies bodies, HeadCollector &heads);
    // The heads of these; with those that only come one by one, and those that don't come at all marked so.
    Result<void> heads_of(const UidSet &uids, HeadCollector &heads);

    // The bodies of these, each to the sink. Fault::refused when the server has a mail but does not give it;
    // the others have been delivered then.
    Result<void> bodies_of(const UidSet &uids, RawSink &sink);

    // The highest UID there is now; 0 for an empty folder.
    Result<std::uint32_t> last_uid();

  private:
    // Fetches `items` of each piece, two commands under way at a time. Returns the first refusal.
    Result<std::optional<Status>> fetch(std::span<const std::string> pieces, std::string_view items,
                                        const Session::Handler &handler);

    Session &session_;
};

// Whether a refusal is the server's trouble and not that of the mails asked for.
bool concerns_server(const Status &status);

} // namespace roe::imap
