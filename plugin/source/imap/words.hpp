// A server's words, made fit for people, and what kind of fault they mean. [pure]
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "source/imap/response.hpp"

namespace roe::imap {

// One line of valid UTF-8 without control characters, of bounded length.
std::string clean_words(std::string_view server_text);

// The words with `secret` struck out, should the server have echoed it.
std::string strike_out(std::string words, std::string_view secret);

// "NO [CODE] text", cleaned.
std::string words_of(const Status &status);

// The kind of fault that a NO, BAD or BYE means; `otherwise` when it says nothing particular.
Fault fault_of(const Status &status, Fault otherwise);

// "Request is throttled. Suggested Backoff Time: 299961 milliseconds" (Exchange, also on its IMAP).
std::optional<std::chrono::milliseconds> backoff_hint(std::string_view server_text);

} // namespace roe::imap
