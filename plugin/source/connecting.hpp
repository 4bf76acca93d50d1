// From nothing to a connection that is encrypted as the account wants, for every protocol that greets first and
// can be upgraded (STARTTLS, STLS).
#pragma once

#include <memory>
#include <stop_token>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "net/step_observer.hpp"
#include "net/stream.hpp"
#include "net/stream_handle.hpp"
#include "source/account.hpp"
#include "source/limits.hpp"

namespace roe {

class Connecting {
  public:
    Connecting(const Account &account, net::Connector &connector, const Clock &clock, const Limits &limits,
               net::StreamHandle &handle, net::StepObserver *observer)
        : account_(account), connector_(connector), clock_(clock), limits_(limits), handle_(handle),
          observer_(observer) {}
    virtual ~Connecting() = default;
    Connecting(const Connecting &) = delete;
    Connecting &operator=(const Connecting &) = delete;

  protected:
    // True: the server has signed us in already.
    Result<bool> connect();

    // The protocol's part: a session on a new stream, its greeting, and the upgrade of a plain one. A server
    // that refuses an upgrade that is not `required` is gone on with in clear.
    virtual void begin(std::shared_ptr<net::Stream> stream) = 0;
    virtual Result<bool> greet() = 0;
    virtual Result<bool> upgrade(bool signed_in, bool required) = 0;

    // Ends waiting for others than the server.
    [[nodiscard]] std::stop_token stop() const { return handle_.token(); }

    void observe_encryption(const Result<net::TlsFacts> &facts, const net::Stream &stream) const;

  private:
    Result<void> open(bool encrypt);

    const Account &account_;
    net::Connector &connector_;
    const Clock &clock_;
    const Limits &limits_;
    net::StreamHandle &handle_;
    net::StepObserver *const observer_; // may be null
};

} // namespace roe
