#include "net/socket_stream.hpp"

#include <algorithm>
#include <cerrno>
#include <system_error>

#include <Poco/Net/IPAddress.h>
#include <Poco/Net/SSLException.h>
#include <Poco/Net/Session.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include "net/host_name.hpp"
#include "net/socket.hpp"
#include "net/tls_error.hpp"
#include "net/verification.hpp"

namespace roe::net {
namespace {

using Poco::Net::SecureStreamSocket;

// One TLS record at a time, so that between two of them the deadline and `cancel` are looked at.
constexpr std::size_t most_at_once = 16384;

int clipped(std::size_t size) {
    return static_cast<int>(std::min(size, most_at_once));
}

bool would_block(const Poco::Exception &failure) {
    return failure.code() == EAGAIN || failure.code() == EWOULDBLOCK || failure.code() == EINTR;
}

void add_session_facts(SecureStreamSocket &socket, TlsFacts &facts) {
    const Poco::Net::Session::Ptr session = socket.currentSession();
    if (!session) return;
    const SSL_SESSION *raw = session->sslSession();
    const int version = SSL_SESSION_get_protocol_version(raw);
    facts.protocol = version == TLS1_3_VERSION ? "TLSv1.3" : version == TLS1_2_VERSION ? "TLSv1.2" : "TLS";
    if (const SSL_CIPHER *cipher = SSL_SESSION_get0_cipher(raw)) facts.cipher = SSL_CIPHER_get_name(cipher);
}

} // namespace

SocketStream::SocketStream(const Poco::Net::StreamSocket &socket, std::string peer,
                           std::shared_ptr<TrustContexts> contexts)
    : peer_(std::move(peer)), contexts_(std::move(contexts)), plain_(socket),
      descriptor_(plain_.impl()->sockfd()) {}

SocketStream::~SocketStream() {
    close();
}

Result<std::size_t> SocketStream::read(char *to, std::size_t size, SteadyTime deadline) {
    auto got = persist(Deed::reading, deadline, [&] {
        return secure_ ? secure_->receiveBytes(to, clipped(size)) : plain_.receiveBytes(to, clipped(size));
    });
    if (!got && got.error().fault != Fault::timed_out) close();
    return got;
}

Result<void> SocketStream::write(std::string_view bytes, SteadyTime deadline) {
    while (!bytes.empty()) {
        // The same bytes again after a wait, as SSL_write demands.
        const auto sent = persist(Deed::writing, deadline, [&] {
            return secure_ ? secure_->sendBytes(bytes.data(), clipped(bytes.size()))
                           : send_without_signal(plain_, bytes.data(), clipped(bytes.size()));
        });
        if (!sent) {
            close();
            return sent.error();
        }
        bytes.remove_prefix(*sent);
    }
    return {};
}

Result<TlsFacts> SocketStream::start_tls(const std::string &host, const Trust &trust, SteadyTime deadline) {
    auto facts = shake_hands(host, trust, deadline);
    if (!facts) close();
    return facts;
}

Result<TlsFacts> SocketStream::shake_hands(const std::string &name, const Trust &trust, SteadyTime deadline) {
    // Certificates and SNI have it in ASCII (RFC 6066 §3, RFC 6125 §6.4.2).
    const std::string host = ascii_host(name).value_or(name);
    auto context = contexts_->context_for(trust);
    if (!context) return context.error();

    Verification verification(host, trust);
    try {
        Poco::Net::IPAddress literal;
        // RFC 6066 section 3: literal addresses are not permitted in SNI, where Poco would put them.
        secure_ = Poco::Net::IPAddress::tryParse(host, literal)
                      ? SecureStreamSocket::attach(plain_, *context)
                      : SecureStreamSocket::attach(plain_, host, *context);
    } catch (const Poco::Exception &failure) {
        return fault_of(failure, Deed::handshake);
    }
    const auto done = persist(Deed::handshake, deadline, [this] { return secure_->completeHandshake(); });
    if (verification.refused()) {
        refused_ = std::make_unique<const TlsFacts>(verification.facts());
        return verification.refusal(doing(Deed::handshake));
    }
    if (!done) return done.error();
    if (!verification.accepted()) {
        return Error{.fault = Fault::untrusted,
                     .step = "tls",
                     .doing = doing(Deed::handshake),
                     .server_text = "the server showed no certificate",
                     .advice = "Have a certificate set up on the server."};
    }
    secured_ = true;
    TlsFacts facts = verification.facts();
    add_session_facts(*secure_, facts);
    return facts;
}

template <class Attempt>
Result<std::size_t> SocketStream::persist(Deed deed, SteadyTime deadline, Attempt attempt) {
    const auto error = [&](Fault fault, std::string words, std::string advice) {
        return Error{.fault = fault,
                     .step = deed == Deed::handshake ? "tls" : "connect",
                     .doing = doing(deed),
                     .server_text = std::move(words),
                     .advice = std::move(advice)};
    };
    if (descriptor_ < 0)
        return error(cancelled_ ? Fault::cancelled : Fault::unreachable, "the connection is closed", "");
    try {
        for (;;) {
            if (cancelled_) return error(Fault::cancelled, "", "");
            // OpenSSL blames stale errors of this thread on the next call (SSL_get_error), and Poco repeats a
            // call for ever while a stale errno says EINTR (SecureSocketImpl::mustRetry).
            ERR_clear_error();
            errno = 0;
            int result = 0;
            try {
                std::optional<BrokenPipeShield> shield;
                if (secure_) shield.emplace();
                result = attempt();
            } catch (const Poco::Exception &failure) {
                if (cancelled_) return error(Fault::cancelled, "", "");
                if (!would_block(failure)) return fault_of(failure, deed);
                result = -1;
            }
            // After a cancel the end of the stream is our own doing.
            if (cancelled_) return error(Fault::cancelled, "", "");
            if (result > 0 || (result == 0 && deed == Deed::reading)) return static_cast<std::size_t>(result);
            if (result == 0) return fault_of(Poco::Net::SSLConnectionUnexpectedlyClosedException(), deed);

            Watched socket{descriptor_};
            const bool wants_to_write =
                secure_ ? result == SecureStreamSocket::ERR_SSL_WANT_WRITE : deed == Deed::writing;
            if (wants_to_write) socket.what = Watched::For::writing;
            // The clock decides, not readiness: a server that keeps dripping is always ready.
            const bool ready = wait_for({&socket, 1}, deadline);
            if (cancelled_) return error(Fault::cancelled, "", "");
            if (!ready || std::chrono::steady_clock::now() >= deadline) {
                return error(Fault::timed_out, "no answer in time",
                             deed == Deed::handshake
                                 ? "The server accepts connections but does not go on. Check that "
                                   "the port is one for TLS, and the server's health."
                                 : "");
            }
        }
    } catch (const std::exception &failure) {
        return error(Fault::unreachable, failure.what(), "");
    }
}

bool SocketStream::pending() const {
    // OpenSSL reads one record at a time (no read-ahead), so what it holds is decrypted and counted here.
    return descriptor_ >= 0 && secured_ && secure_->available() > 0;
}

void SocketStream::cancel() {
    cancelled_ = true;
    const std::lock_guard lock(closing_);
    if (descriptor_ >= 0) shut_down(descriptor_);
}

void SocketStream::close() {
    {
        const std::lock_guard lock(closing_);
        if (descriptor_ < 0) return;
        descriptor_ = -1;
    }
    const BrokenPipeShield shield;
    ERR_clear_error();
    errno = 0;
    // Sends TLS's close_notify, if there is room for it at once.
    if (secure_) secure_->close();
    plain_.close();
    ERR_clear_error();
}

std::string SocketStream::doing(Deed deed) const {
    switch (deed) {
    case Deed::handshake:
        return "setting up TLS with " + peer_;
    case Deed::reading:
        return "reading from " + peer_;
    case Deed::writing:
        break;
    }
    return "writing to " + peer_;
}

Error SocketStream::fault_of(const Poco::Exception &failure, Deed deed) const {
    if (secure_ || deed == Deed::handshake) return tls_error(failure, doing(deed), deed == Deed::handshake);
    return Error{.fault = Fault::unreachable,
                 .step = "connect",
                 .doing = doing(deed),
                 .server_text = failure.code() != 0 ? std::generic_category().message(failure.code())
                                                    : failure.displayText(),
                 .advice = ""};
}

} // namespace roe::net
