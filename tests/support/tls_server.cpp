#include "support/tls_server.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <stdexcept>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

namespace roe::test {
namespace {

[[noreturn]] void over(const char *what) {
    throw std::runtime_error(what);
}

} // namespace

Peer::~Peer() {
    ssl_.reset();
    ::close(descriptor_);
}

void Peer::start_tls(const TlsWish &wish) {
    context_.reset(SSL_CTX_new(TLS_server_method()));
    SSL_CTX *context = context_.get();
    SSL_CTX_set_max_proto_version(context, wish.newest_version);
    if (wish.newest_version < TLS1_2_VERSION) {
        SSL_CTX_set_min_proto_version(context, TLS1_VERSION);
        SSL_CTX_set_cipher_list(context, "ALL:@SECLEVEL=0");
    }
    SSL_CTX_set_num_tickets(context, 0); // a test asks for one when it means one
    SSL_CTX_use_certificate(context, wish.identity.certificate());
    SSL_CTX_use_PrivateKey(context, wish.identity.key());
    for (const Identity &one : wish.chain)
        SSL_CTX_add1_chain_cert(context, one.certificate());
    if (wish.client_authority) {
        X509_STORE_add_cert(SSL_CTX_get_cert_store(context), wish.client_authority->certificate());
        SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
    }
    ssl_.reset(SSL_new(context));
    SSL_set_fd(ssl_.get(), descriptor_);
    if (SSL_accept(ssl_.get()) != 1) over("handshake");
    if (const char *name = SSL_get_servername(ssl_.get(), TLSEXT_NAMETYPE_host_name)) server_name_ = name;
}

void Peer::write(std::string_view bytes) {
    if (!ssl_) return write_raw(bytes);
    if (SSL_write(ssl_.get(), bytes.data(), static_cast<int>(bytes.size())) <= 0) over("write");
}

void Peer::write_raw(std::string_view bytes) {
    while (!bytes.empty()) {
        const auto sent = ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent <= 0) over("write");
        bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
}

std::string Peer::read_some() {
    std::array<char, 16384> buffer{};
    const auto got = ssl_ ? SSL_read(ssl_.get(), buffer.data(), static_cast<int>(buffer.size()))
                          : static_cast<int>(::recv(descriptor_, buffer.data(), buffer.size(), 0));
    return got > 0 ? std::string(buffer.data(), static_cast<std::size_t>(got)) : std::string();
}

std::string Peer::read_line() {
    std::string line;
    for (;;) {
        char c = 0;
        const auto got = ssl_ ? SSL_read(ssl_.get(), &c, 1) : static_cast<int>(::recv(descriptor_, &c, 1, 0));
        if (got <= 0) over("end");
        if (c == '\n') return line;
        if (c != '\r') line += c;
    }
}

void Peer::wait_for_end() {
    while (!read_some().empty()) {
    }
}

template <class Speak>
std::string Peer::records_of(Speak speak) {
    BIO *socket = SSL_get_wbio(ssl_.get());
    BIO_up_ref(socket);
    BIO *memory = BIO_new(BIO_s_mem());
    SSL_set0_wbio(ssl_.get(), memory);
    const bool spoken = speak();
    const char *bytes = nullptr;
    const long size = BIO_get_mem_data(memory, &bytes);
    std::string records(bytes, static_cast<std::size_t>(size));
    SSL_set0_wbio(ssl_.get(), socket);
    if (!spoken) over("sealing");
    return records;
}

std::string Peer::sealed(std::string_view text) {
    return records_of([&] { return SSL_write(ssl_.get(), text.data(), static_cast<int>(text.size())) > 0; });
}

void Peer::send_ticket() {
    // Not straight to the socket: OpenSSL takes no notice when a ticket can't be sent, and may try for ever.
    write_raw(records_of(
        [this] { return SSL_new_session_ticket(ssl_.get()) == 1 && SSL_do_handshake(ssl_.get()) == 1; }));
}

std::string Peer::server_name() const {
    return server_name_;
}

Server::Server(Handler handler) : handler_(std::move(handler)) {
    listening_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    if (::bind(listening_, reinterpret_cast<sockaddr *>(&address), size) != 0 ||
        ::listen(listening_, 64) != 0 ||
        ::getsockname(listening_, reinterpret_cast<sockaddr *>(&address), &size) != 0) {
        over("listen");
    }
    port_ = ntohs(address.sin_port);
    acceptor_ = std::thread([this] { accept_connections(); });
}

Server::~Server() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
        ::shutdown(listening_, SHUT_RDWR);
        for (const int one : open_)
            ::shutdown(one, SHUT_RDWR);
    }
    acceptor_.join();
    for (std::thread &one : threads_)
        one.join();
    ::close(listening_);
}

void Server::accept_connections() {
    for (;;) {
        const int connection = ::accept4(listening_, nullptr, nullptr, SOCK_CLOEXEC);
        const std::lock_guard lock(mutex_);
        if (stopping_ || connection < 0) {
            if (connection >= 0) ::close(connection);
            return;
        }
        open_.push_back(connection);
        threads_.emplace_back([this, connection] { serve(connection); });
    }
}

void Server::serve(int connection) {
    // OpenSSL writes without MSG_NOSIGNAL; this thread is ours alone.
    sigset_t broken_pipe{};
    sigemptyset(&broken_pipe);
    sigaddset(&broken_pipe, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &broken_pipe, nullptr);
    const int on = 1;
    ::setsockopt(connection, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);

    auto peer = std::make_unique<Peer>(connection);
    try {
        handler_(*peer);
    } catch (const std::exception &) {
        // The connection is over; what that means is the test's business.
    }
    const std::lock_guard lock(mutex_);
    open_.remove(connection);
    peer.reset();
}

} // namespace roe::test
