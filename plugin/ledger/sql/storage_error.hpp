// How a database's failure is told to people.
#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"

namespace roe::ledger::sql {

// `where` names the file or the server, never with a password. The advice goes by what the words say.
Error storage_error(std::string_view doing, std::string_view words, std::string_view where);

} // namespace roe::ledger::sql
