// The front door: a folder on an IMAP server as a MailSource.
//
// Whatever the server offers is used and nothing is required but RFC 3501: IDLE, UIDPLUS, ESEARCH, LITERAL+,
// SASL-IR, ENABLE UTF8=ACCEPT, ID. Mail is only ever looked at with BODY.PEEK; flags change in `dispose` alone.
//
// A mail that exists although the server gives no header for it, whatever we ask, is handed out with
// `header_withheld` set: passed over it must not be, and it must not block the others.
#pragma once

#include <memory>

#include "base/clock.hpp"
#include "net/step_observer.hpp"
#include "net/stream.hpp"
#include "source/account.hpp"
#include "source/limits.hpp"
#include "source/mail_source.hpp"

namespace roe::imap {

// `observer` may be null; else it outlives the source.
std::unique_ptr<MailSource> make_source(Account account, std::shared_ptr<net::Connector> connector,
                                        std::shared_ptr<const Clock> clock, Limits limits = {},
                                        net::StepObserver *observer = nullptr);

} // namespace roe::imap
