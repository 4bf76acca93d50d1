// HTTP/1.1 to one server for one user, over a stream of ours: the same trust, deadlines, `cancel` and steps as
// a session with a mail server.
//
// Messages are written and read by Poco's classes, the exchange is ours and not HTTPClientSession's: see
// docs/decisions/0015-http-over-our-streams.md.
//
// No redirect is followed, as what is sent may be a secret.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "net/http_address.hpp"
#include "net/http_head.hpp"
#include "net/http_user.hpp"
#include "net/step_observer.hpp"
#include "net/stream.hpp"

namespace roe::net {

struct HttpRequest {
    std::string path; // as in HttpAddress
    HttpFields
        fields{}; // beside Host, Content-Length, Cookie and what signs in; values that are empty are left out
    std::string body{};
    // Its answer may come compressed. Not for one that is read while it goes on: it would be held back.
    bool takes_gzip = false;
    // It may be sent once more on a new connection when a kept one turns out to be closed, without a byte of an
    // answer: doing it twice harms nothing.
    bool repeatable = false;
};

struct HttpLimits {
    std::chrono::milliseconds connect{15'000};
    std::chrono::milliseconds tls{15'000};
};

// [one thread], but for `cancel`. Its connection is kept from one exchange to the next. After an error the next
// `post` opens a new one, unless it was cancelled.
class HttpClient {
  public:
    // `server.path` is not used. `observer` may be null. Goes through the proxy that the connector names.
    HttpClient(HttpAddress server, Trust trust, HttpUser user, std::shared_ptr<Connector> connector,
               std::shared_ptr<const Clock> clock, HttpLimits limits = {}, StepObserver *observer = nullptr);
    ~HttpClient();
    HttpClient(const HttpClient &) = delete;
    HttpClient &operator=(const HttpClient &) = delete;

    // Connects and signs in where need be, sends, and reads the head of the answer. A body of the answer before
    // that was not read to its end is given up, with its connection.
    //
    // A wrong password costs one failed login: Fault::login_refused, step `login`, and no other mechanism is
    // tried with it. Fault::consent_needed: a fresh access token was not taken. A server without any way to
    // sign in that fits: Fault::refused, or not_encrypted.
    Result<HttpHead> post(const HttpRequest &request, SteadyTime deadline);

    // The next bytes of that answer's body; 0: its end, after which nothing more is waited for. A body that
    // breaks off is an error. Fault::timed_out at the deadline loses nothing: ask again. A deadline in the past
    // takes what is there. How much there may be in all is the caller's to bound.
    Result<std::size_t> read(char *to, std::size_t size, SteadyTime deadline);

    // All of that answer's body; Fault::protocol when it is longer than `most` bytes.
    Result<std::string> read_all(std::size_t most, SteadyTime deadline);

    // Bytes wait inside, so the descriptor will not wake for them: do not park.
    [[nodiscard]] bool pending() const;
    // For the parking lot only. -1 without a connection.
    [[nodiscard]] int descriptor() const;

    // Gives up a connection that the server has closed since the last exchange. Does not wait.
    void forget_lapsed();

    // [any thread] Breaks the call that is under way and every later one: Fault::cancelled.
    void cancel();
    // Gives the connection up.
    void close();

  private:
    class Exchanges;
    std::unique_ptr<Exchanges> exchanges_;
};

} // namespace roe::net
