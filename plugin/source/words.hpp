// A server's words, made fit for people, and what kind of fault they mean where there is no code. [pure]
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace roe {

// One line of valid UTF-8 without control characters, of bounded length.
std::string clean_words(std::string_view server_text);

// The words with `secret` struck out, should the server have echoed it.
std::string strike_out(std::string words, std::string_view secret);

// Throttled or passing, if the words say so.
std::optional<Fault> fault_in_words(std::string_view server_text);

// "Request is throttled. Suggested Backoff Time: 299961 milliseconds" (Exchange, also on its IMAP).
std::optional<std::chrono::milliseconds> backoff_hint(std::string_view server_text);

} // namespace roe
