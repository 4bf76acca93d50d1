// Tries a mailbox step by step, with the errors that watching would show: dns, connect, tls, login, folder,
// count.
//
// A step is told when it has ended, so that whoever waits sees how far it got. The first that fails is the
// last. [one thread]
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "base/clock.hpp"
#include "net/step_observer.hpp"
#include "settings/mailbox.hpp"
#include "source/mail_source.hpp"

namespace roe::settings {

class ConnectionTest final : public net::StepObserver {
  public:
    // Takes {"name", "ok", "ms", "detail", "error", "advice", …} as a step ends.
    using OnStep = std::function<void(const nlohmann::json &step)>;

    ConnectionTest(const Mailbox &mailbox, const Clock &clock, OnStep on_step);

    // `source` is one of the mailbox, made with this observer, and not open yet. `speaks_tls` is asked when the
    // server accepts a connection and then makes no sense in plain text. Gives {"ok", "steps": […]}.
    nlohmann::json run(MailSource &source, const std::function<bool()> &speaks_tls);

    void resolved(const std::vector<std::string> &addresses) override;
    void connected(const std::string &address) override;
    void greeted() override;
    void encrypted(const net::TlsFacts &facts) override;
    void distrusted(const net::TlsFacts &facts) override;
    void in_clear(bool encryption_offered) override;
    void authorized(const std::string &endpoint, WallTime renew_at) override;
    void signed_in(std::string_view mechanism) override;

  private:
    enum class Step : std::size_t { dns, connect, tls, login, folder, count };

    // Why mail could not be moved to where it shall go.
    [[nodiscard]] std::optional<Error> target_missing(MailSource &source) const;

    void passed(Step step, const std::string &detail, const std::string &advice = {},
                nlohmann::json more = nlohmann::json::object());
    // The connection to an Exchange server is plain text.
    void exposed(const std::string &detail);
    void failed(Error error, const std::function<bool()> &speaks_tls);
    void tell(Step step, bool ok, nlohmann::json values);
    [[nodiscard]] Step step_of(const Error &error) const;
    [[nodiscard]] bool tls_comes_first() const;
    [[nodiscard]] std::string connection() const;

    const Mailbox &mailbox_;
    const Security security_;
    const Clock &clock_;
    const OnStep on_step_;

    std::size_t next_ = 0; // of the steps, the first that has not ended
    SteadyTime since_;
    std::string address_;  // of the server, once connected
    nlohmann::json token_; // where from, and for how long
    net::TlsFacts refused_;
    nlohmann::json steps_ = nlohmann::json::array();
};

} // namespace roe::settings
