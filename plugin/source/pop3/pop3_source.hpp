// The front door: the mailbox of a POP3 server as a MailSource with one folder.
//
// Whatever the server offers is used and nothing is required but USER, PASS, LIST, RETR, DELE and QUIT: STLS,
// SASL, APOP, CAPA, UIDL, TOP, PIPELINING, UTF8, LANG, RESP-CODES.
//
// A session shows the mailbox as it was when it began, so each look wants a session of its own
// (FolderStatus::snapshot). Deleting ends it: what was deleted counts only once QUIT is answered (RFC 1939 §6).
#pragma once

#include <memory>

#include "base/clock.hpp"
#include "net/step_observer.hpp"
#include "net/stream.hpp"
#include "source/account.hpp"
#include "source/arrival_book.hpp"
#include "source/limits.hpp"
#include "source/mail_source.hpp"

namespace roe::pop3 {

// `book` may be null: then mails are numbered as they stand, for who only looks once. `observer` may be null;
// else it outlives the source.
std::unique_ptr<MailSource> make_source(Account account, std::shared_ptr<net::Connector> connector,
                                        std::shared_ptr<const Clock> clock, std::shared_ptr<ArrivalBook> book,
                                        Limits limits = {}, net::StepObserver *observer = nullptr);

} // namespace roe::pop3
