// Actions on a MailSource by their words, and what came of them in words: what a transcript is driven by.
//
//   open | folders | latest MOST | status | unread | look AFTER WINDOW [whole] | list AFTER MOST | heads UID… |
//   fetch UID… | seen UID… | remove UID… | park | unpark woken|due | close
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "net/stream.hpp"
#include "source/account.hpp"
#include "source/mail_source.hpp"

namespace roe::replay {

// "login=ann password=secret security=starttls": what is not said is plain, INBOX, ann, secret and IMAP.
Account account_of(const std::string &words);
bool is_pop3(const std::string &words);
std::unique_ptr<MailSource> source_of(const std::string &words, std::shared_ptr<net::Connector> connector,
                                      std::shared_ptr<const Clock> clock);

// `pop3`: mails are named by what is given, and their sizes are not held against what was announced.
std::vector<std::string> perform(MailSource &source, const std::string &action, bool pop3 = false);

// Stands still, so that outcomes repeat.
class StillClock final : public Clock {
  public:
    [[nodiscard]] SteadyTime steady() const override { return SteadyTime{std::chrono::hours{1}}; }
    [[nodiscard]] WallTime wall() const override { return WallTime{std::chrono::seconds{1'700'000'000}}; }
};

} // namespace roe::replay
