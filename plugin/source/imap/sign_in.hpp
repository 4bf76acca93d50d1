// From nothing to a session that is signed in: connect, encrypt, greeting, login.
#pragma once

#include <memory>
#include <string>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "source/connecting.hpp"
#include "source/imap/session.hpp"

namespace roe::imap {

class SignIn final : Connecting {
  public:
    SignIn(Account &account, net::Connector &connector, std::shared_ptr<const Clock> clock,
           const Limits &limits, net::StreamHandle &handle, net::StepObserver *observer)
        : Connecting(account, connector, *clock, limits, handle, observer), account_(account),
          clock_(std::move(clock)), limits_(limits), observer_(observer) {}

    // Overwrites the account's password when the login succeeded.
    Result<std::unique_ptr<Session>> run();

  private:
    void begin(std::shared_ptr<net::Stream> stream) override;
    Result<bool> greet() override;
    Result<bool> upgrade(bool preauthenticated, bool required) override;
    Result<void> learn_capabilities();

    Result<void> log_in();
    Result<void> after_login();
    void doing_login();

    Account &account_;
    std::shared_ptr<const Clock> clock_;
    const Limits &limits_;
    net::StepObserver *const observer_; // may be null
    std::string mechanism_ = "PREAUTH"; // how we were signed in, for people
    std::unique_ptr<Session> session_;
};

} // namespace roe::imap
