// The tables, and how an older ledger gets them: numbered migrations, forward only.
//
//   mailbox, mailbox_secret   what the settings page keeps
//   folder                    a folder that is or was watched, and the validity of its mails' names
//   mark, pending             per trigger: up to where all is decided, and the exceptions
//   decision                  the message log
//   outbox                    starts that the host has not accepted; parked ones too
//   fired                     what keeps a mail from starting twice: by identity, by fingerprint
//   author                    who is told what became of a start
//   disposal                  what is to be done to mails once their starts are accepted
//   trigger_time, lease
#pragma once

#include "base/result.hpp"
#include "ledger/sql/database.hpp"

namespace roe::ledger {

// Brings the schema up to this program's version, in one transaction; two processes may do it at once.
// Fails, and changes nothing, when the ledger is newer than this program.
Result<void> migrate(sql::Database &database);

} // namespace roe::ledger
