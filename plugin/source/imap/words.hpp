// The words of a status, made fit for people, and what kind of fault they mean. [pure]
#pragma once

#include <string>

#include "base/result.hpp"
#include "source/imap/response.hpp"
#include "source/words.hpp"

namespace roe::imap {

// "NO [CODE] text", cleaned.
std::string words_of(const Status &status);

// The kind of fault that a NO, BAD or BYE means; `otherwise` when it says nothing particular.
Fault fault_of(const Status &status, Fault otherwise);

} // namespace roe::imap
