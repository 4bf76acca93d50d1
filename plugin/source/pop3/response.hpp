// What a server says, as values, and what its lines say. [pure]
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace roe::pop3 {

// +OK or -ERR.
struct Status {
    bool ok = false;
    std::string code; // [IN-USE] and the like (RFC 2449 §8, RFC 3206), upper case; empty: none
    std::string text;
};

// Empty: the line is neither.
std::optional<Status> parse_status(std::string_view line);

// "+ challenge" within AUTH (RFC 5034 §4).
std::optional<std::string_view> parse_challenge(std::string_view line);

// "7 something" in the answers to LIST and UIDL.
struct Numbered {
    std::uint32_t number = 0;
    std::string_view rest; // may be empty
};
std::optional<Numbered> parse_numbered(std::string_view line);

// Of LIST. 0 for what is no size.
std::int64_t parse_size(std::string_view words);

// The timestamp of a greeting, for APOP (RFC 1939 §7). Empty: none.
std::string timestamp_in(std::string_view greeting);

// "-ERR [CODE] text", cleaned.
std::string words_of(const Status &status);

// The kind of fault that a -ERR means; `otherwise` when it says nothing particular.
Fault fault_of(const Status &status, Fault otherwise);

// Another session has the mailbox: by code, or by the words of servers that have no codes.
bool is_locked(const Status &status);

// The server does not know the command, or not in this state.
bool is_unknown_command(const Status &status);

} // namespace roe::pop3
