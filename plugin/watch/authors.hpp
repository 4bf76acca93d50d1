// Whom the outcome of a mail's job is told. [pure]
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "ledger/ledger.hpp"
#include "message/payload.hpp"
#include "trigger/filter.hpp"

namespace roe::watch {

// The senders whom the filter's From names, a few at most: so nobody gets a mail because somebody else put his
// address into From beside a wanted one. Nobody, where the mail is itself an answer of a program (RFC 3834 §2),
// or has no return path; never the mailbox itself.
//
// Where From says to answer elsewhere (Reply-To), that is not followed: the filter has judged From, and an
// answer to an address that it has not seen would make the robot a relay to strangers.
std::vector<ledger::Author> authors_to_tell(const trigger::Filter &filter, const message::Envelope &envelope,
                                            std::string_view header, const std::string &mailbox_address);

} // namespace roe::watch
