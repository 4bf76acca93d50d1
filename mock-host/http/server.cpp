#include "http/server.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <fstream>
#include <mutex>
#include <stdexcept>
#include <utility>
#include <vector>

#include <Poco/Net/HTTPRequestHandler.h>
#include <Poco/Net/HTTPRequestHandlerFactory.h>
#include <Poco/Net/HTTPServerConnection.h>
#include <Poco/Net/HTTPServerParams.h>
#include <Poco/Net/HTTPServerRequestImpl.h>
#include <Poco/Net/HTTPServerResponse.h>
#include <Poco/Net/NetException.h>
#include <Poco/Net/TCPServer.h>
#include <Poco/StreamCopier.h>
#include <Poco/ThreadPool.h>
#include <Poco/URI.h>

#include "base/log.hpp"
#include "base/problem.hpp"
#include "http/connections.hpp"
#include "http/peer.hpp"
#include "http/problem_json.hpp"

namespace host::http {
namespace {

using Poco::Net::HTTPServerRequest;
using Poco::Net::HTTPServerResponse;

// Requests under way, so that a stop can wait for them.
class Traffic {
  public:
    bool enter() {
        const std::lock_guard lock(mutex_);
        if (stopping_) return false;
        ++inside_;
        return true;
    }
    void leave() {
        const std::lock_guard lock(mutex_);
        --inside_;
        left_.notify_all();
    }
    [[nodiscard]] bool stopping() const { return stopping_; }
    void drain() {
        std::unique_lock lock(mutex_);
        stopping_ = true;
        left_.wait(lock, [this] { return inside_ == 0; });
    }

  private:
    std::mutex mutex_;
    std::condition_variable left_;
    int inside_ = 0;
    std::atomic<bool> stopping_{false};
};

struct Service {
    const Router &router;
    RequestCounts &counts;
    ServerLimits limits;
    Traffic traffic;
    Connections connections;
};

std::string lower(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(),
                   [](unsigned char c) { return static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c); });
    return text;
}

// RFC 9112 §6.3: with neither there is none. Poco would read on until the connection ends.
bool has_body(const HTTPServerRequest &request) {
    return request.hasContentLength() || request.getChunkedTransferEncoding();
}

std::string read_body(HTTPServerRequest &from, const ServerLimits &limits) {
    if (!has_body(from)) return {};
    const Problem too_large(413, "too-large",
                            "the body may have " + std::to_string(limits.body_bytes) + " bytes");
    if (from.hasContentLength() && from.getContentLength64() > static_cast<Poco::Int64>(limits.body_bytes)) {
        throw too_large;
    }
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(limits.body_seconds);
    std::string body;
    std::vector<char> piece(std::size_t{64} * 1024);
    auto &stream = from.stream();
    while (stream.good()) {
        // A piece as it came, and not a full buffer: a client that drips must meet the deadline.
        const auto first = stream.peek();
        if (first == std::char_traits<char>::eof()) break;
        const auto got = stream.readsome(piece.data(), static_cast<std::streamsize>(piece.size()));
        body.append(piece.data(), static_cast<std::size_t>(got));
        if (body.size() > limits.body_bytes) throw too_large;
        if (std::chrono::steady_clock::now() > deadline)
            throw Problem(408, "too-slow", "the body came too slowly");
    }
    if (from.hasContentLength() && static_cast<Poco::Int64>(body.size()) != from.getContentLength64()) {
        throw Problem(400, "cut-body", "the body ended early");
    }
    return body;
}

Request read_request(HTTPServerRequest &from, Service &service) {
    Request request;
    request.method = from.getMethod();
    try {
        // The path is split before it is decoded, so that an id may hold a slash.
        const std::string &target = from.getURI();
        for (const auto &segment : split_path(std::string_view(target).substr(0, target.find('?')))) {
            std::string decoded;
            Poco::URI::decode(segment, decoded);
            request.path.push_back(std::move(decoded));
        }
        for (const auto &[key, value] : Poco::URI(target).getQueryParameters())
            request.query[key] = value;
    } catch (const Poco::Exception &error) {
        throw Problem(400, "bad-uri", error.displayText());
    }
    for (const auto &[key, value] : from)
        request.headers[lower(key)] = value;
    request.body = read_body(from, service.limits);
    request.address = from.clientAddress().host().toString();
    const int descriptor = descriptor_of(dynamic_cast<Poco::Net::HTTPServerRequestImpl &>(from).socket());
    request.given_up = [&traffic = service.traffic, descriptor] {
        return traffic.stopping() || peer_has_gone(descriptor);
    };
    return request;
}

void set_headers(HTTPServerResponse &to, const Response &response) {
    to.setStatusAndReason(static_cast<HTTPServerResponse::HTTPStatus>(response.status));
    if (response.status == 422) to.setReason("Unprocessable Content");
    to.set("Cache-Control", "no-store"); // unless the response says otherwise
    to.set("X-Content-Type-Options", "nosniff");
    if (!response.content_type.empty()) to.setContentType(response.content_type);
    for (const auto &[name, value] : response.headers)
        to.set(name, value);
}

// Text that is sent as it comes. The headers go out with the first piece.
void send_text(HTTPServerResponse &to, const Response &response) {
    std::ostream *out = nullptr;
    response.text([&](const std::string &piece) {
        if (out == nullptr) {
            set_headers(to, response);
            to.setChunkedTransferEncoding(true);
            out = &to.send();
        }
        *out << piece << std::flush;
        return out->good();
    });
}

void send_file(HTTPServerResponse &to, const Response &response, bool head) {
    std::ifstream in(*response.file, std::ios::binary);
    if (!in) throw not_found("the file is no longer kept");
    set_headers(to, response);
    to.setContentLength64(static_cast<Poco::Int64>(std::filesystem::file_size(*response.file)));
    auto &out = to.send();
    if (!head) Poco::StreamCopier::copyStream(in, out);
}

// The headers go out with the first line, so that what fails before it is answered as a problem of its own.
void send_lines(HTTPServerResponse &to, const Response &response) {
    std::ostream *out = nullptr;
    const SendLine send = [&](const nlohmann::json &value) {
        if (out == nullptr) {
            set_headers(to, response);
            to.setChunkedTransferEncoding(true);
            out = &to.send();
        }
        *out << value.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) << '\n' << std::flush;
        return out->good();
    };
    try {
        response.lines(send);
    } catch (const Problem &problem) {
        if (out == nullptr) throw;
        send({{"problem", to_json(problem)}});
    }
}

// What is sent as it comes may have no end: asked for by HEAD, it is not begun.
void send_head(HTTPServerResponse &to, const Response &response) {
    set_headers(to, response);
    to.setChunkedTransferEncoding(true);
    to.send();
}

// `head`: the same headers, and nothing after them (RFC 9110 §9.3.2).
void send(HTTPServerResponse &to, const Response &response, bool head = false) {
    if (response.file) return send_file(to, response, head);
    if (head && (response.lines || response.text)) return send_head(to, response);
    if (response.lines) return send_lines(to, response);
    if (response.text) return send_text(to, response);
    set_headers(to, response);
    if (response.status == 204) {
        to.send();
        return;
    }
    to.sendBuffer(response.body.data(), response.body.size()); // which leaves the body out after HEAD by itself
}

// A connection that is closed with bytes unread is reset, and the client loses the answer with it.
void linger(HTTPServerRequest &from) {
    if (!has_body(from)) return;
    constexpr std::streamsize most = 64 << 20;
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(2);
    std::vector<char> ignored(std::size_t{64} * 1024);
    std::streamsize total = 0;
    auto &stream = from.stream();
    while (stream.peek() != std::char_traits<char>::eof() && total < most &&
           std::chrono::steady_clock::now() < deadline) {
        total += stream.readsome(ignored.data(), static_cast<std::streamsize>(ignored.size()));
    }
}

class OneRequest final : public Poco::Net::HTTPRequestHandler {
  public:
    explicit OneRequest(Service &service) : service_(service) {}

    void handleRequest(HTTPServerRequest &from, HTTPServerResponse &to) override {
        auto &socket = dynamic_cast<Poco::Net::HTTPServerRequestImpl &>(from).socket();
        const int descriptor = descriptor_of(socket);
        socket.setSendTimeout(Poco::Timespan(service_.limits.send_seconds, 0));
        service_.connections.set_busy(descriptor, true);
        serve(from, to);
        service_.counts.add(from.getMethod(), to.getStatus());
        service_.connections.set_busy(descriptor, false);
    }

  private:
    void serve(HTTPServerRequest &from, HTTPServerResponse &to) {
        if (!service_.traffic.enter()) {
            to.setKeepAlive(false);
            return answer(to, Problem(503, "stopping", "the host is stopping"));
        }
        try {
            answer(from, to);
        } catch (const std::exception &) {
            // The client went in the middle of its answer.
            to.setKeepAlive(false);
        }
        service_.traffic.leave();
    }

    void answer(HTTPServerRequest &from, HTTPServerResponse &to) {
        bool read = false;
        try {
            auto request = read_request(from, service_);
            read = true;
            const bool head = request.method == "HEAD";
            send(to, service_.router.answer(std::move(request)), head);
        } catch (const Problem &problem) {
            // What is left of the body must not be taken for the next request.
            if (!read) to.setKeepAlive(false);
            answer(to, problem);
            if (!read) linger(from);
        } catch (const Poco::Net::NetException &) {
            throw;
        } catch (const Poco::TimeoutException &) {
            to.setKeepAlive(false);
            answer(to, Problem(408, "too-slow", "the body came too slowly"));
        } catch (const Poco::Exception &error) {
            failed(from, to, error.displayText());
        } catch (const std::exception &error) {
            failed(from, to, error.what());
        }
    }

    // Our own mistake or the disk's: the words go to the log, where an administrator finds them.
    static void failed(const HTTPServerRequest &from, HTTPServerResponse &to, const std::string &words) {
        log_line(Severity::error, "http",
                 from.getMethod() + " " + Poco::URI(from.getURI()).getPath() + ": " + words);
        answer(to, Problem(500, "failed", "the host could not do it; its log says why"));
    }

    static void answer(HTTPServerResponse &to, const Problem &problem) {
        if (!to.sent()) send(to, as_response(problem));
    }

    Service &service_;
};

class EachRequest final : public Poco::Net::HTTPRequestHandlerFactory {
  public:
    explicit EachRequest(Service &service) : service_(service) {}
    Poco::Net::HTTPRequestHandler *createRequestHandler(const HTTPServerRequest &) override {
        return new OneRequest(service_);
    }

  private:
    Service &service_;
};

class Connection final : public Poco::Net::HTTPServerConnection {
  public:
    Connection(const Poco::Net::StreamSocket &socket, Poco::Net::HTTPServerParams::Ptr params,
               Poco::Net::HTTPRequestHandlerFactory::Ptr requests, Service &service)
        : HTTPServerConnection(socket, std::move(params), std::move(requests)), service_(service) {}

    void run() override {
        const Connections::Open open(service_.connections, socket());
        HTTPServerConnection::run();
    }

  private:
    Service &service_;
};

Poco::Net::HTTPServerParams::Ptr parameters(const ServerLimits &limits) {
    Poco::Net::HTTPServerParams::Ptr params = new Poco::Net::HTTPServerParams;
    params->setMaxThreads(limits.threads);
    params->setMaxQueued(limits.threads * 2);
    params->setTimeout(Poco::Timespan(limits.read_timeout_seconds, 0));
    params->setKeepAlive(true);
    params->setKeepAliveTimeout(Poco::Timespan(limits.keep_alive_seconds, 0));
    params->setMaxKeepAliveRequests(0);
    return params;
}

class EachConnection final : public Poco::Net::TCPServerConnectionFactory {
  public:
    explicit EachConnection(Service &service)
        : service_(service), params_(parameters(service.limits)), requests_(new EachRequest(service)) {}
    Poco::Net::TCPServerConnection *createConnection(const Poco::Net::StreamSocket &socket) override {
        return new Connection(socket, params_, requests_, service_);
    }

  private:
    Service &service_;
    Poco::Net::HTTPServerParams::Ptr params_;
    Poco::Net::HTTPRequestHandlerFactory::Ptr requests_;
};

} // namespace

struct Server::Running {
    Service service;
    Poco::ThreadPool threads;
    Poco::Net::ServerSocket socket;
    Poco::Net::TCPServer server;

    Running(const Router &router, RequestCounts &counts, const std::string &address, ServerLimits limits)
        : service{router, counts, limits, {}, Connections(std::chrono::seconds(limits.request_seconds))},
          threads("http", 2, limits.threads), socket(Poco::Net::SocketAddress(address), 128),
          server(new EachConnection(service), threads, socket, parameters(limits)) {}
};

Server::Server(const Router &router, RequestCounts &counts, const std::string &address, ServerLimits limits) {
    try {
        running_ = std::make_unique<Running>(router, counts, address, limits);
    } catch (const Poco::Exception &error) {
        throw std::runtime_error("can't listen on " + address + ": " + error.displayText());
    }
}

Server::~Server() {
    stop();
}

void Server::start() {
    running_->server.start();
}

void Server::stop() {
    if (running_->service.traffic.stopping()) return;
    running_->server.stop();
    running_->service.traffic.drain();
    running_->service.connections.close_all();
    running_->threads.joinAll();
}

std::string Server::address() const {
    return running_->socket.address().toString();
}

} // namespace host::http
