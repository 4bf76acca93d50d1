// Text as both databases take it and give it back: valid UTF-8 without NUL.
//
// PostgreSQL refuses anything else (a mail's odd byte would stop its whole pass for ever), and Poco reads a
// SQLite text only up to its first NUL. [any thread]
#pragma once

#include <string>

namespace roe::ledger::sql {

// Each byte that can't be kept becomes U+FFFD.
std::string storable(std::string text);

} // namespace roe::ledger::sql
