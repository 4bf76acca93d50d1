// A conversation with a mail server as a file: what was asked of the source, what went over the wire, what came
// out.
//
//   account login=ann password=secret security=starttls folder=INBOX protocol=IMAP   (words with defaults; see
//   Setting) > look 4 100            an action on the source (actions.hpp) N:                      the client
//   connects S: * OK ready           the server's line; CR LF is added S. 10 bytes of          the server's
//   text without an end of line C: A1 NOOP              the client's line, exactly T:                      the
//   handshake succeeds           T! text   it fails with that text X:                      the server closes =
//   complete_to 5         a line of the action's outcome # a comment
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace roe::replay {

struct Wire {
    enum class Kind : std::uint8_t { connect, server, client, handshake, failed_handshake, close };
    Kind kind = Kind::server;
    std::string bytes;
};

struct Exchange {
    std::string action;
    std::vector<Wire> wire;
    std::vector<std::string> outcome;
};

struct Transcript {
    std::string account;
    std::vector<Exchange> exchanges;
};

// Throws std::runtime_error that names the line.
Transcript read_transcript(const std::string &path);

} // namespace roe::replay
