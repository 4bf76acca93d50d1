// Actions on a MailSource by their words, and what came of them in words: what a transcript is driven by.
//
//   open | folders | latest MOST | status | unread | look AFTER WINDOW [whole] | list AFTER MOST | heads UID… |
//   fetch UID… | seen UID… | remove UID… | park | unpark woken|due | close
#pragma once

#include <string>
#include <vector>

#include "base/clock.hpp"
#include "source/imap/imap_source.hpp"
#include "source/mail_source.hpp"

namespace roe::replay {

// "login=ann password=secret security=starttls": what is not said is plain, INBOX, ann and secret.
Account account_of(const std::string &words);

std::vector<std::string> perform(MailSource &source, const std::string &action);

// Stands still, so that outcomes repeat.
class StillClock final : public Clock {
  public:
    [[nodiscard]] SteadyTime steady() const override { return SteadyTime{std::chrono::hours{1}}; }
    [[nodiscard]] WallTime wall() const override { return WallTime{std::chrono::seconds{1'700'000'000}}; }
};

} // namespace roe::replay
