#include "ledger/sql/storage_error.hpp"

#include <array>

namespace roe::ledger::sql {
namespace {

struct Cure {
    std::string_view sign;
    std::string_view advice;
};

// Words of SQLite's sqlite3ErrStr and of PostgreSQL's messages and libpq.
constexpr std::array cures{
    Cure{"disk is full", "Free some space on the disk that holds the ledger; it goes on by itself."},
    Cure{"No space left on device", "Free some space on the database server's disk; it goes on by itself."},
    Cure{"malformed",
         "The file is damaged. Stop the host, keep a copy of the file, and restore it from a backup "
         "or let sqlite3's .recover make a new one."},
    Cure{"not a database", "The file is damaged or something else. Stop the host, keep a copy of the file, and "
                           "restore it from a backup."},
    Cure{"readonly", "Let the host's user write the file and its folder."},
    Cure{"unable to open", "Check that the folder exists and that the host's user may write to it."},
    Cure{"locked", "Another process holds the ledger. Let only one host use this data folder."},
    Cure{"password authentication failed", "Check the user and the password in the setting Database."},
    Cure{"does not exist", "Create it, or correct the setting Database."},
    Cure{"permission denied",
         "Grant the user CREATE on the database, or create the schema run_on_email for it."},
    Cure{"onnection refused",
         "Check that the database server runs and that the setting Database names it rightly."},
    Cure{"could not translate host name", "Check the host's name in the setting Database."},
    Cure{"too many", "Raise max_connections of the database server, or let fewer programs connect."},
};

} // namespace

Error storage_error(std::string_view doing, std::string_view words, std::string_view where) {
    Error error;
    error.fault = Fault::storage;
    error.step = "ledger";
    error.doing = std::string(doing) + " (" + std::string(where) + ")";
    error.server_text = words;
    for (const Cure &cure : cures) {
        if (words.find(cure.sign) == std::string_view::npos) continue;
        error.advice = cure.advice;
        break;
    }
    return error;
}

} // namespace roe::ledger::sql
