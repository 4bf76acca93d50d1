// A folder of a mailbox on an Exchange server, by EWS.
#pragma once

#include <memory>

#include "net/step_observer.hpp"
#include "net/stream.hpp"
#include "source/account.hpp"
#include "source/change_book.hpp"
#include "source/limits.hpp"
#include "source/mail_source.hpp"

namespace roe::ews {

// Without a book for who looks but once: then only the latest mails are to be asked for, and nothing is told of
// new ones. `observer` may be null.
std::unique_ptr<MailSource> make_source(Account account, std::shared_ptr<net::Connector> connector,
                                        std::shared_ptr<const Clock> clock, std::shared_ptr<ChangeBook> book,
                                        Limits limits = {}, net::StepObserver *observer = nullptr);

} // namespace roe::ews
