// One session with the mail server that sends the host's mails (RFC 5321, 3207, 4954).
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>

#include <Poco/Net/Context.h>
#include <Poco/Net/StreamSocket.h>

#include "config/notifications.hpp"

namespace host {

// The server can't be spoken to, or does not want us: no mail's own fault.
struct SmtpTrouble : std::runtime_error {
    using std::runtime_error::runtime_error;
};

// Whose certificates count. Null without encryption. Throws ConfigurationRefused.
Poco::Net::Context::Ptr smtp_trust(const SmtpSettings &settings);

// Breaks off a session from another thread.
class SmtpCut {
  public:
    // [any thread] The session under way ends at once, and every later one.
    void cut();

  private:
    friend class SmtpSession;
    void watch(const Poco::Net::StreamSocket &socket); // throws SmtpTrouble when cut already
    void forget();

    std::mutex mutex_;
    bool cut_ = false;
    std::optional<Poco::Net::StreamSocket> socket_;
};

// What the server said to one mail.
struct SmtpVerdict {
    enum class Kind { taken, later, refused } kind = Kind::taken;
    std::string words; // the server's own, unless it was taken
};

// [one thread]
class SmtpSession {
  public:
    // Connects, encrypts and signs in with `password` in clear. Throws SmtpTrouble. `cut` outlives it.
    SmtpSession(const SmtpSettings &settings, const Poco::Net::Context::Ptr &trust, const std::string &password,
                SmtpCut &cut);
    ~SmtpSession();
    SmtpSession(const SmtpSession &) = delete;
    SmtpSession &operator=(const SmtpSession &) = delete;

    // Without an address that bounces would go to (RFC 3834 §3.3, RFC 5321 §4.5.5). Throws SmtpTrouble; then
    // nothing is known of this mail.
    SmtpVerdict send(const std::string &recipient, const std::string &content);

  private:
    class Dialog;
    template <class Work>
    auto or_abandon(Work work);

    std::unique_ptr<Dialog> dialog_;
    SmtpCut &cut_;
};

} // namespace host
