// How one user signs in to one web server: what goes along with each request, and what a 401 means.
//
// The best of what the server offers is taken: an access token, else a Kerberos ticket, else NTLM, else Basic.
// A password that is wrong must cost one failed login, as accounts get locked: a 401 to a password in full, by
// Basic or at the end of NTLM's handshake, is the end, and stays it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "net/http_head.hpp"
#include "net/http_user.hpp"
#include "net/step_observer.hpp"

namespace roe::net {

class SpnegoExchange;

// The challenges of a 401, "Negotiate", "NTLM TlRMTVNTUAAC…", "Basic realm=…": each scheme in lower case with
// what follows it. [pure]
std::vector<std::pair<std::string, std::string>> http_challenges(const HttpHead &head);

// [one thread]
class HttpSignIn {
  public:
    // `host` as the person named it; `peer` for people. `observer` may be null. `stop` ends waiting for others
    // than the server.
    HttpSignIn(HttpUser user, std::string host, std::string peer, StepObserver *observer, std::stop_token stop);
    ~HttpSignIn();
    HttpSignIn(const HttpSignIn &) = delete;
    HttpSignIn &operator=(const HttpSignIn &) = delete;

    // What goes along with the next request.
    struct Leg {
        std::string authorization; // the field; empty: none. A secret.
        bool whole = true;         // false: only the handshake is under way, and the request's body is spared
    };

    // Nobody has signed in on this connection yet.
    void begin_connection(bool encrypted);
    Result<Leg> leg();
    // The server answered the last leg with something else than 401.
    Result<void> passed(const HttpHead &head);
    // It answered with 401. An error: that is the end; else there is another leg. `open`: the connection stays.
    Result<void> challenged(const HttpHead &head, bool open);

    [[nodiscard]] bool authenticates() const { return user_.authenticate; }

  private:
    enum class Scheme : std::uint8_t { none, bearer, negotiate, ntlm, basic };
    enum class Stage : std::uint8_t { outside, greeted, answered, inside };

    [[nodiscard]] static std::string_view name_of(Scheme scheme);
    [[nodiscard]] bool has_password() const { return !user_.password.empty(); }
    [[nodiscard]] bool offered(std::string_view scheme) const;

    Result<Leg> bearer_leg();
    Result<Leg> negotiate_leg();
    Result<Leg> ntlm_leg();
    Result<Leg> basic_leg();
    Result<void> bearer_refused(const HttpHead &head);
    Result<void> negotiate_challenged(const HttpHead &head, const std::string &token, bool open);
    Result<void> ntlm_challenged(const HttpHead &head, const std::string &token, bool open);
    // Takes the best scheme that is left.
    Result<void> choose();
    Result<void> without_ticket(Error failed);
    // Before a secret that can be read is sent.
    Result<void> may_be_read();

    [[nodiscard]] std::string doing() const;
    [[nodiscard]] Error error(Fault fault, std::string words, std::string advice) const;
    [[nodiscard]] Error refused(const HttpHead &head);
    [[nodiscard]] Error nothing_fits() const;
    [[nodiscard]] Error cut_off() const;

    HttpUser user_;
    const std::string host_;
    const std::string peer_;
    StepObserver *const observer_;
    const std::stop_token stop_;

    bool encrypted_ = false;
    Scheme scheme_ = Scheme::none;
    Stage stage_ = Stage::outside;
    std::vector<std::string> offers_; // of the last 401 that was not part of a handshake
    bool ticket_failed_ = false;
    bool ntlm_failed_ = false;
    bool each_time_ = false;     // the server wants the ticket with each request
    std::string next_;           // what the handshake goes on with
    std::string token_;          // the access token sent last
    bool token_refused_ = false; // and the next is to be another
    bool renewed_ = false;       // that was done once already
    std::unique_ptr<SpnegoExchange> ticket_;
    std::optional<Error> ticket_refused_;
    std::optional<Error> refused_; // for good
};

} // namespace roe::net
