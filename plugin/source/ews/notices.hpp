// The server's notices of new mail in a folder (streaming notifications), on a connection of their own. They
// are a hint: what has come is asked for elsewhere, and a notice that is lost is made up for by the next look.
#pragma once

#include <chrono>
#include <memory>
#include <random>
#include <string>
#include <utility>

#include "base/result.hpp"
#include "source/ews/session.hpp"
#include "source/mail_source.hpp"

namespace roe::ews {

class Notices {
  public:
    // A session of its own, as an answer that goes on and on keeps its connection busy.
    Notices(std::unique_ptr<Session> session, FolderId folder);

    // Parking::parked: the server tells from now on.
    Result<Parking> listen();
    // What has come by now, or nothing within `patience`. True: look. False: go on waiting.
    Result<bool> hear(std::chrono::milliseconds patience);
    // A new answer takes the place of the one that is under way. True: look.
    Result<bool> renew();
    // When that is to be done.
    [[nodiscard]] SteadyTime due() const;
    [[nodiscard]] int descriptor() const { return session_->descriptor(); }
    void cancel() { session_->cancel(); }
    void close() { session_->close(); }

  private:
    enum class Listening { yes, deaf };

    Result<Listening> subscribe();
    Result<Listening> open();
    // False: the answer is over, or the subscription.
    Result<bool> take_in(SteadyTime deadline);
    Result<void> take(const Message &message);
    void note_end();
    bool take_news() { return std::exchange(news_, false); }

    const std::unique_ptr<Session> session_;
    const FolderId folder_;
    const std::chrono::minutes span_;
    std::string subscription_;
    bool open_ = false; // an answer is under way
    SteadyTime opened_at_{};
    SteadyTime heard_at_{};              // the last sign of life
    std::chrono::milliseconds spread_{}; // how much later it is renewed than need be
    int short_lived_ = 0;                // answers in a row that ended at once
    bool refused_ = false;               // the server wants no more of it
    bool news_ = false;
    std::minstd_rand random_;
};

} // namespace roe::ews
