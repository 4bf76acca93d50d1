// What a server says, as values.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/clock.hpp"
#include "source/imap/uid_set.hpp"

namespace roe::imap {

enum class Condition : std::uint8_t { ok, no, bad, bye, preauth };

// [NAME words...] before the text of a status (RFC 9051 §7.1, RFC 5530). Lists inside are flattened.
struct ResponseCode {
    std::string name; // upper case; empty: none
    std::vector<std::string> words;
    std::uint64_t number = 0; // the first word, where it is a number
};

struct Status {
    std::string tag; // empty: untagged
    Condition condition = Condition::ok;
    ResponseCode code;
    std::string text;
};

struct Continuation {
    std::string text;
};

struct CapabilityList {
    std::vector<std::string> words;
};

struct Enabled {
    std::vector<std::string> words;
};

struct ListedFolder {
    std::vector<std::string> attributes;
    std::string delimiter; // empty: flat
    std::string name;      // as sent: modified UTF-7 or UTF-8
};

// SEARCH and ESEARCH (RFC 4731) alike; several of them may answer one command.
struct SearchResult {
    UidSet uids; // normalized
};

struct FolderCounts { // STATUS
    std::string name;
    std::optional<std::uint64_t> messages{};
    std::optional<std::uint64_t> uid_next{};
    std::optional<std::uint64_t> uid_validity{};
};

struct Exists {
    std::uint32_t count = 0;
};

struct Recent {
    std::uint32_t count = 0;
};

struct Expunge {
    std::uint32_t sequence = 0;
};

// The most that is asked of a message's first bytes (BODY.PEEK[]<0.n>), and that is kept of an answer.
inline constexpr std::size_t opening_bytes = 64U << 10U;

// Only what the server sent is there: it may send a FETCH at any time, with flags only.
struct Fetch {
    std::uint32_t sequence = 0;
    std::uint32_t uid = 0; // 0: not said (yet)
    std::optional<bool> seen{};
    std::optional<WallTime> received_at{};
    std::optional<std::int64_t> size{};
    std::optional<std::string> header{}; // as sent, with its empty line; bounded
    bool header_truncated = false;
    std::optional<std::string> opening{}; // BODY[]<0>: the first bytes of the message; bounded
    bool body_passed = false;             // BODY[] went to the BodySink
    bool garbled = false;                 // the response broke off where it made no sense
};

using Response = std::variant<Status, Continuation, CapabilityList, Enabled, ListedFolder, SearchResult,
                              FolderCounts, Exists, Recent, Expunge, Fetch>;

// Where BODY[] goes while it is read. False from any of them stops the parser for good.
class BodySink {
  public:
    virtual ~BodySink() = default;
    // `so_far` is what stood before the body in the same response: without the UID if the server sends it last.
    virtual bool begin(const Fetch &so_far, std::uint64_t size) = 0;
    virtual bool write(std::string_view bytes) = 0;
    virtual bool end() = 0;
};

} // namespace roe::imap
