// LIST and SELECT, and what to tell a person when the folder is not there.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "source/imap/session.hpp"

namespace roe::imap {

// The folders that there are and can be opened, their names in UTF-8; INBOX first, then as the server sorts
// them.
Result<std::vector<std::string>> list_folders(Session &session);

// Opens the folder (its name in UTF-8) and returns the highest UID that a mail in it may have.
Result<std::int64_t> open_folder(Session &session, const std::string &folder, const std::string &host);

} // namespace roe::imap
