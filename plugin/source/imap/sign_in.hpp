// From nothing to a session that is signed in: connect, encrypt, greeting, login.
#pragma once

#include <memory>
#include <mutex>
#include <stop_token>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "net/step_observer.hpp"
#include "net/stream.hpp"
#include "source/imap/imap_source.hpp"
#include "source/imap/limits.hpp"
#include "source/imap/session.hpp"

namespace roe::imap {

// The stream in use, so that it can be broken from another thread, whichever it is by then.
class StreamHandle {
  public:
    // Ends a connection that is still being made.
    [[nodiscard]] std::stop_token token() const { return stop_.get_token(); }
    // Cancelled already: the stream is broken at once.
    std::shared_ptr<net::Stream> hold(std::unique_ptr<net::Stream> stream);
    // [any thread]
    void cancel();

  private:
    std::mutex mutex_;
    std::shared_ptr<net::Stream> stream_;
    std::stop_source stop_;
};

class SignIn {
  public:
    SignIn(Account &account, net::Connector &connector, std::shared_ptr<const Clock> clock,
           const Limits &limits, StreamHandle &handle, net::StepObserver *observer)
        : account_(account), connector_(connector), clock_(std::move(clock)), limits_(limits), handle_(handle),
          observer_(observer) {}

    // Overwrites the account's password when the login succeeded.
    Result<std::unique_ptr<Session>> run();

  private:
    // Connects, encrypts as the account wants, reads the greeting. True: signed in already (PREAUTH).
    Result<bool> connect();
    Result<void> open_stream(bool encrypt);
    Result<bool> read_greeting();
    // STARTTLS. True: signed in already, and that is allowed.
    Result<bool> upgrade(bool preauthenticated, bool required);
    Result<void> learn_capabilities();

    Result<void> log_in();
    Result<void> after_login();

    void observe_encryption(const Result<net::TlsFacts> &facts, const net::Stream &stream);

    void doing_login();

    Account &account_;
    net::Connector &connector_;
    std::shared_ptr<const Clock> clock_;
    Limits limits_;
    StreamHandle &handle_;
    net::StepObserver *const observer_; // may be null
    std::string mechanism_ = "PREAUTH"; // how we were signed in, for people
    std::unique_ptr<Session> session_;
};

} // namespace roe::imap
