// A connection to a server as a stream of bytes with deadlines: the seam between protocols and sockets.
//
// Used by one thread at a time; `cancel` from any thread. After an error the stream is closed for good.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "net/http_proxy.hpp"

namespace roe::net {

// Whom a TLS connection trusts. Empty fields: the system's authorities.
struct Trust {
    std::string ca_pem;             // a private authority, beside the system's
    std::string pinned_sha256;      // hex; then only this certificate is trusted, whatever it says
    std::string client_certificate; // PEM with its key
};

struct CertificateFacts {
    std::string subject;
    std::string issuer;
    std::string not_before; // RFC 3339
    std::string not_after;
    std::string sha256; // fingerprint, lower-case hex
};

struct TlsFacts {
    std::string protocol; // "TLSv1.3"
    std::string cipher;
    CertificateFacts certificate;        // the server's own
    std::vector<CertificateFacts> above; // what the server sent with it, its issuers mostly; bounded
};

class StepObserver;

// The `server_text` of the Fault::tls error when the server answered the TLS greeting in plain text: on this
// port encryption, if any, starts with STARTTLS, on a new connection.
inline constexpr std::string_view plain_text_answer = "the server answered in plain text";

class Stream {
  public:
    virtual ~Stream() = default;

    // Waits for at least one byte; 0 means that the server closed. Fault::timed_out at the deadline: for a
    // plain or encrypted stream alike nothing is lost then, and the read may be repeated. A deadline in the
    // past takes what is there. Errors of read and write have the step `connect`; who knows better replaces it.
    virtual Result<std::size_t> read(char *to, std::size_t size, SteadyTime deadline) = 0;

    // Writes all of it.
    virtual Result<void> write(std::string_view bytes, SteadyTime deadline) = 0;

    // Turns the plain stream into an encrypted one, verified for `host` (SNI too), TLS 1.2 or newer. The caller
    // makes sure that nothing of the server's is left unread (STARTTLS injection).
    virtual Result<TlsFacts> start_tls(const std::string &host, const Trust &trust, SteadyTime deadline) = 0;

    [[nodiscard]] virtual bool encrypted() const = 0;

    // Decrypted bytes wait inside, so the descriptor will not wake for them: do not park.
    [[nodiscard]] virtual bool pending() const = 0;

    // After a `start_tls` that failed with Fault::untrusted: the certificate that was refused.
    [[nodiscard]] virtual TlsFacts refused_certificate() const { return {}; }

    // For the parking lot only. -1 when closed.
    [[nodiscard]] virtual int descriptor() const = 0;

    // [any thread] Breaks the call that is under way and every later one: Fault::cancelled.
    virtual void cancel() = 0;

    virtual void close() = 0;
};

// Opens plain streams. A seam, so that sessions are tested against transcripts.
class Connector {
  public:
    virtual ~Connector() = default;
    // [any thread] Looks the name up and connects to the first address that answers. Steps `dns` and `connect`.
    // `cancel` of the returned stream works from then on; before that, the deadline bounds the call.
    virtual Result<std::unique_ptr<Stream>> connect(const std::string &host, std::uint16_t port,
                                                    SteadyTime deadline) = 0;

    // The same, ended early by `stop`: Fault::cancelled. One that connects without waiting need not heed it.
    virtual Result<std::unique_ptr<Stream>> connect(const std::string &host, std::uint16_t port,
                                                    SteadyTime deadline, const std::stop_token & /*stop*/) {
        return connect(host, port, deadline);
    }

    // The same, observed. One that has no steps to tell of need not.
    virtual Result<std::unique_ptr<Stream>> connect(const std::string &host, std::uint16_t port,
                                                    SteadyTime deadline, const std::stop_token &stop,
                                                    StepObserver * /*observer: may be null*/) {
        return connect(host, port, deadline, stop);
    }

    // [any thread] The proxy through which a web server is to be reached; empty: directly. `connect` itself
    // never goes through one.
    [[nodiscard]] virtual std::optional<HttpProxy> proxy_for(const std::string & /*host*/,
                                                             bool /*encrypted*/) const {
        return std::nullopt;
    }
};

// The real thing, on Poco sockets. Its streams may outlive it; its destructor waits a moment for name lookups
// under way.
std::unique_ptr<Connector> make_connector(HttpProxies proxies = {});

} // namespace roe::net
