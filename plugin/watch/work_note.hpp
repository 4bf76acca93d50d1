// A mail under work, as bytes that the next process reads when this one dies of it.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "ledger/ledger.hpp"

namespace roe::watch {

// At most so many bytes, so that each note has its place in a file.
inline constexpr std::size_t longest_work_note = 64UL * 1024;

// What the mail says is left out where it is too much; empty: it is too much even so.
std::string written_note(const ledger::InterruptedMail &mail);

// The mail of the note that `bytes` begin with. Empty: there is none, or it was not written to its end.
std::optional<ledger::InterruptedMail> read_note(std::string_view bytes);

} // namespace roe::watch
