#include "net/http_client.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "base/ascii.hpp"
#include "base/wipe.hpp"
#include "net/base64.hpp"
#include "net/host_name.hpp"
#include "net/http_connection.hpp"
#include "net/http_cookies.hpp"
#include "net/http_sign_in.hpp"
#include "net/stream_handle.hpp"

namespace roe::net {

namespace {

// The longest way in: asked without a login, a ticket refused, then NTLM's three, with a renewal between.
constexpr unsigned most_turns = 8;

constexpr std::string_view proxy_advice =
    "Give the proxy's login and password in the setting HttpProxy of the plugin's configuration, or in "
    "HTTPS_PROXY "
    "or HTTP_PROXY of the environment: http://user:password@host:port. The proxy must take Basic.";

std::string peer_of(const std::string &host, std::uint16_t port) {
    return (host.find(':') == std::string::npos ? host : "[" + host + "]") + ":" + std::to_string(port);
}

// As the wire has it.
HttpAddress ascii_address(HttpAddress address) {
    address.host = ascii_host(address.host).value_or(address.host);
    return address;
}

// Nothing in a name or value can end a field.
bool fit_for_field(std::string_view text) {
    return text.find_first_of(std::string_view("\r\n\0", 3)) == std::string_view::npos;
}

void add_field(std::string &text, std::string_view name, std::string_view value) {
    if (!value.empty() && fit_for_field(name) && fit_for_field(value))
        text.append(name).append(": ").append(value).append("\r\n");
}

} // namespace

class HttpClient::Exchanges {
  public:
    Exchanges(HttpAddress server, Trust trust, HttpUser user, std::shared_ptr<Connector> connector,
              std::shared_ptr<const Clock> clock, HttpLimits limits, StepObserver *observer)
        : server_(ascii_address(std::move(server))), trust_(std::move(trust)), tokens_(user.tokens),
          connector_(std::move(connector)), clock_(std::move(clock)), limits_(limits), observer_(observer),
          proxy_(connector_->proxy_for(server_.host, server_.encrypted)),
          sign_in_(std::move(user), server_.host, peer_of(server_.host, server_.port), observer,
                   handle_.token()) {}
    ~Exchanges() {
        close();
        wipe(trust_.client_certificate);
        if (proxy_) wipe(proxy_->password);
    }
    Exchanges(const Exchanges &) = delete;
    Exchanges &operator=(const Exchanges &) = delete;

    Result<HttpHead> post(const HttpRequest &request, SteadyTime deadline);
    Result<std::size_t> read(char *to, std::size_t size, SteadyTime deadline);
    Result<std::string> read_all(std::size_t most, SteadyTime deadline);
    [[nodiscard]] bool pending() const { return connection_ && connection_->pending(); }
    [[nodiscard]] int descriptor() const { return connection_ ? connection_->stream().descriptor() : -1; }

    void cancel() {
        if (tokens_) tokens_->cancel();
        handle_.cancel();
    }

    void close() {
        if (connection_) connection_->stream().close();
        connection_.reset();
    }

    void forget_lapsed() {
        if (connection_ && connection_->ready() && connection_->lapsed()) close();
    }

  private:
    Result<void> open(SteadyTime deadline);
    Result<void> tunnel(const std::shared_ptr<Stream> &stream, SteadyTime deadline);
    Result<HttpHead> exchange(const HttpRequest &request, const HttpSignIn::Leg &leg, SteadyTime deadline);
    [[nodiscard]] std::string written(const HttpRequest &request, const HttpSignIn::Leg &leg) const;
    [[nodiscard]] std::string proxy_authorization() const;
    [[nodiscard]] bool forwards() const { return proxy_ && !server_.encrypted; }
    [[nodiscard]] std::string reaching() const;
    [[nodiscard]] Error refused_by_proxy(const HttpHead &head) const;
    Error given_up(Error error) {
        close();
        return error;
    }

    const HttpAddress server_;
    Trust trust_;
    const std::shared_ptr<TokenSource> tokens_;
    const std::shared_ptr<Connector> connector_;
    const std::shared_ptr<const Clock> clock_;
    const HttpLimits limits_;
    StepObserver *const observer_;
    std::optional<HttpProxy> proxy_;
    StreamHandle handle_;
    HttpSignIn sign_in_;
    HttpCookies cookies_;
    std::optional<HttpConnection> connection_;
};

Result<HttpHead> HttpClient::Exchanges::post(const HttpRequest &request, SteadyTime deadline) {
    bool repeated = false;
    for (unsigned turn = 0; turn < most_turns; ++turn) {
        const bool kept = connection_ && connection_->ready() && !connection_->lapsed();
        if (!kept)
            if (auto opened = open(deadline); !opened) return given_up(std::move(opened.error()));
        auto leg = sign_in_.leg();
        if (!leg) return given_up(std::move(leg.error()));
        auto head = exchange(request, *leg, deadline);
        const bool whole = leg->whole;
        wipe(leg->authorization);
        if (!head) {
            const bool lapsed = kept && connection_->silent() && head.error().fault == Fault::unreachable;
            close();
            if (lapsed && request.repeatable && !std::exchange(repeated, true)) continue;
            return std::move(head.error());
        }
        cookies_.take(head->fields, request.path, clock_->wall());
        if (forwards() && head->status == 407) return given_up(refused_by_proxy(*head));
        if (head->status != 401 || !sign_in_.authenticates()) {
            if (auto passed = sign_in_.passed(*head); !passed) return given_up(std::move(passed.error()));
            if (whole) return head;
            if (!connection_->skip(deadline)) close();
            continue;
        }
        const bool stays = connection_->skip(deadline);
        if (!stays) close();
        if (auto again = sign_in_.challenged(*head, stays); !again) return given_up(std::move(again.error()));
    }
    return given_up(Error{.fault = Fault::protocol,
                          .step = "login",
                          .doing = "signing in to " + peer_of(server_.host, server_.port),
                          .server_text = "the server never comes to an end with the login",
                          .advice = ""});
}

Result<void> HttpClient::Exchanges::open(SteadyTime deadline) {
    close();
    const auto bound = [&](std::chrono::milliseconds limit) {
        return std::min(deadline, clock_->steady() + limit);
    };
    const std::string &host = proxy_ ? proxy_->host : server_.host;
    const std::uint16_t port = proxy_ ? proxy_->port : server_.port;
    auto stream = connector_->connect(host, port, bound(limits_.connect), handle_.token(), observer_);
    if (!stream) {
        if (proxy_) stream.error().doing = reaching();
        return std::move(stream.error());
    }
    std::shared_ptr<Stream> held = handle_.hold(std::move(*stream));
    if (proxy_ && server_.encrypted)
        if (auto through = tunnel(held, bound(limits_.connect)); !through) return through;
    if (server_.encrypted) {
        const auto facts = held->start_tls(server_.host, trust_, bound(limits_.tls));
        if (observer_ != nullptr && facts)
            observer_->encrypted(*facts);
        else if (observer_ != nullptr && facts.error().fault == Fault::untrusted)
            observer_->distrusted(held->refused_certificate());
        if (!facts) return facts.error();
    }
    connection_.emplace(std::move(held), peer_of(server_.host, server_.port), *clock_);
    sign_in_.begin_connection(server_.encrypted);
    return {};
}

// RFC 9110 §9.3.6
Result<void> HttpClient::Exchanges::tunnel(const std::shared_ptr<Stream> &stream, SteadyTime deadline) {
    HttpConnection proxy(stream, peer_of(proxy_->host, proxy_->port), *clock_);
    const std::string target = peer_of(server_.host, server_.port);
    std::string request = "CONNECT " + target + " HTTP/1.1\r\nHost: " + target + "\r\n";
    std::string authorization = proxy_authorization();
    add_field(request, "Proxy-Authorization", authorization);
    request += "\r\n";
    auto sent = proxy.send(request, deadline);
    wipe(request);
    wipe(authorization);
    if (!sent) return sent;
    const auto head = proxy.receive(deadline, HttpConnection::To::tunnel);
    if (!head) return head.error();
    if (head->status >= 300) return refused_by_proxy(*head);
    // Whoever wrote that was not the server, which has been told nothing yet.
    if (proxy.pending())
        return Error{.fault = Fault::protocol,
                     .step = "connect",
                     .doing = reaching(),
                     .server_text = "it says more than that the tunnel stands",
                     .advice = ""};
    return {};
}

Result<HttpHead> HttpClient::Exchanges::exchange(const HttpRequest &request, const HttpSignIn::Leg &leg,
                                                 SteadyTime deadline) {
    std::string text = written(request, leg);
    auto sent = connection_->send(text, deadline);
    wipe(text);
    if (!sent) return std::move(sent.error());
    const bool first = observer_ != nullptr && !connection_->greeted();
    using enum HttpConnection::Coding;
    auto head =
        connection_->receive(deadline, HttpConnection::To::server, request.takes_gzip ? gzip : identity);
    if (first && head) observer_->greeted();
    return head;
}

std::string HttpClient::Exchanges::written(const HttpRequest &request, const HttpSignIn::Leg &leg) const {
    const std::string_view body = leg.whole ? std::string_view(request.body) : std::string_view();
    std::string cookies = cookies_.for_path(request.path, clock_->wall());
    std::string authorization = forwards() ? proxy_authorization() : std::string();
    std::string text;
    // So that no part of it is left behind in memory when it grows.
    std::size_t size = 512 + server_.host.size() + request.path.size() + cookies.size() + body.size() +
                       leg.authorization.size() + authorization.size();
    for (const auto &[name, value] : request.fields)
        size += name.size() + value.size() + 4;
    text.reserve(size);
    text.append("POST ");
    if (forwards()) text.append("http://").append(authority_of(server_));
    text.append(fit_for_field(request.path) ? std::string_view(request.path) : "/").append(" HTTP/1.1\r\n");
    add_field(text, "Host", authority_of(server_));
    // Said though it goes without saying: some servers keep only the connections for which they are asked to,
    // and without a word any compressed answer would be as welcome (RFC 9110 §12.5.3).
    add_field(text, "Connection", "Keep-Alive");
    add_field(text, "Accept-Encoding", request.takes_gzip ? "gzip" : "identity");
    for (const auto &[name, value] : request.fields)
        add_field(text, name, value);
    add_field(text, "Content-Length", std::to_string(body.size()));
    add_field(text, "Cookie", cookies);
    add_field(text, "Authorization", leg.authorization);
    add_field(text, "Proxy-Authorization", authorization);
    text.append("\r\n").append(body);
    wipe(cookies);
    wipe(authorization);
    return text;
}

std::string HttpClient::Exchanges::proxy_authorization() const {
    if (proxy_->login.empty() && proxy_->password.empty()) return {};
    std::string pair = proxy_->login + ":" + proxy_->password;
    std::string authorization = "Basic " + base64(pair);
    wipe(pair);
    return authorization;
}

std::string HttpClient::Exchanges::reaching() const {
    return "reaching " + peer_of(server_.host, server_.port) + " through the proxy " +
           peer_of(proxy_->host, proxy_->port);
}

Error HttpClient::Exchanges::refused_by_proxy(const HttpHead &head) const {
    // Tinyproxy says 401 to a login that is wrong.
    const bool login = head.status == 407 || head.status == 401;
    const bool passing = head.status >= 500;
    return Error{.fault = passing ? Fault::unreachable : Fault::refused,
                 .step = "connect",
                 .doing = reaching(),
                 .server_text = head.words(),
                 .advice = login ? std::string(proxy_advice)
                           : passing
                               ? "The proxy does not reach the server: check server name and port, and what "
                                 "the proxy is allowed."
                               : "Have the proxy let this machine reach the server, or except the server "
                                 "from it (NO_PROXY).",
                 .retry_after = head.retry_after};
}

Result<std::size_t> HttpClient::Exchanges::read(char *to, std::size_t size, SteadyTime deadline) {
    if (!connection_)
        return Error{.fault = Fault::unreachable,
                     .step = "connect",
                     .doing = "reading the answer of " + peer_of(server_.host, server_.port),
                     .server_text = "the connection is closed",
                     .advice = ""};
    auto got = connection_->read(to, size, deadline);
    if (!got && got.error().fault != Fault::timed_out) close();
    return got;
}

Result<std::string> HttpClient::Exchanges::read_all(std::size_t most, SteadyTime deadline) {
    std::string body;
    std::array<char, 8192> piece{};
    for (;;) {
        const auto got = read(piece.data(), piece.size(), deadline);
        if (!got) return got.error();
        if (*got == 0) return body;
        if (body.size() + *got > most)
            return Error{.fault = Fault::protocol,
                         .step = "connect",
                         .doing = "reading the answer of " + authority_of(server_),
                         .server_text = "its answer is too long",
                         .advice = ""};
        body.append(piece.data(), *got);
    }
}

HttpClient::HttpClient(HttpAddress server, Trust trust, HttpUser user, std::shared_ptr<Connector> connector,
                       std::shared_ptr<const Clock> clock, HttpLimits limits, StepObserver *observer)
    : exchanges_(std::make_unique<Exchanges>(std::move(server), std::move(trust), std::move(user),
                                             std::move(connector), std::move(clock), limits, observer)) {}

HttpClient::~HttpClient() = default;

Result<HttpHead> HttpClient::post(const HttpRequest &request, SteadyTime deadline) {
    return exchanges_->post(request, deadline);
}

Result<std::size_t> HttpClient::read(char *to, std::size_t size, SteadyTime deadline) {
    return exchanges_->read(to, size, deadline);
}

Result<std::string> HttpClient::read_all(std::size_t most, SteadyTime deadline) {
    return exchanges_->read_all(most, deadline);
}

bool HttpClient::pending() const {
    return exchanges_->pending();
}

int HttpClient::descriptor() const {
    return exchanges_->descriptor();
}

void HttpClient::forget_lapsed() {
    exchanges_->forget_lapsed();
}

void HttpClient::cancel() {
    exchanges_->cancel();
}

void HttpClient::close() {
    exchanges_->close();
}

} // namespace roe::net
