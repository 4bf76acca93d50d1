// The vocabulary of the HTTP tests: a web server whose answers a test decides, and what it was asked.
#pragma once

#include <functional>
#include <mutex>
#include <string>
#include <vector>

#include "net/http_client.hpp"
#include "streams.hpp"
#include "support/tls_server.hpp"

namespace roe::net {

struct WebRequest {
    std::string line; // "POST /EWS HTTP/1.1"
    std::string head; // its fields, a line each
    std::string body;
    int connection = 0; // 1 is the first

    [[nodiscard]] std::string field(const std::string &name) const {
        const std::size_t at = head.find(name + ": ");
        if (at == std::string::npos) return {};
        const std::size_t begin = at + name.size() + 2;
        return head.substr(begin, head.find('\n', begin) - begin);
    }
};

class WebServer {
  public:
    // The bytes of the answer; "" closes the connection instead.
    using Answer = std::function<std::string(const WebRequest &)>;

    explicit WebServer(Answer answer, std::optional<test::TlsWish> tls = std::nullopt)
        : answer_(std::move(answer)), tls_(std::move(tls)), server_([this](test::Peer &peer) { serve(peer); }) {
    }

    [[nodiscard]] std::uint16_t port() const { return server_.port(); }
    [[nodiscard]] std::vector<WebRequest> requests() const {
        const std::lock_guard lock(mutex_);
        return requests_;
    }
    [[nodiscard]] HttpAddress address(bool encrypted = false) const {
        return {"127.0.0.1", port(), "/", encrypted};
    }

  private:
    void serve(test::Peer &peer) {
        int connection = 0;
        {
            const std::lock_guard lock(mutex_);
            connection = ++connections_;
        }
        if (tls_) peer.start_tls(*tls_);
        for (;;) {
            WebRequest request;
            request.connection = connection;
            request.line = peer.read_line();
            for (std::string line = peer.read_line(); !line.empty(); line = peer.read_line())
                request.head += line + "\n";
            const std::string length = request.field("Content-Length");
            const std::size_t size = length.empty() ? 0 : std::stoul(length);
            while (request.body.size() < size)
                request.body += peer.read_some();
            {
                const std::lock_guard lock(mutex_);
                requests_.push_back(request);
            }
            const std::string answer = answer_(request);
            if (answer.empty()) return;
            peer.write(answer);
        }
    }

    const Answer answer_;
    const std::optional<test::TlsWish> tls_;
    mutable std::mutex mutex_;
    std::vector<WebRequest> requests_;
    int connections_ = 0;
    test::Server server_;
};

inline std::string web_answer(const std::string &status, const std::string &fields, const std::string &body) {
    return "HTTP/1.1 " + status + "\r\n" + fields + "Content-Length: " + std::to_string(body.size()) +
           "\r\n\r\n" + body;
}

inline std::unique_ptr<HttpClient> client_of(const HttpAddress &address,
                                             HttpUser user = {.authenticate = false}, Trust trust = {},
                                             HttpProxies proxies = {}, StepObserver *observer = nullptr) {
    return std::make_unique<HttpClient>(address, std::move(trust), std::move(user),
                                        make_connector(std::move(proxies)), std::make_shared<SystemClock>(),
                                        HttpLimits(), observer);
}

inline HttpRequest hello() {
    return {.path = "/EWS/Exchange.asmx", .fields = {{"Content-Type", "text/xml"}}, .body = "<hello/>"};
}

// The whole body; its error in brackets.
inline std::string body_of(HttpClient &client) {
    std::string body;
    char piece[7];
    for (;;) {
        const auto got = client.read(piece, sizeof piece, in(patience));
        if (!got) return body + " [" + got.error().text() + "]";
        if (*got == 0) return body;
        body.append(piece, *got);
    }
}

} // namespace roe::net
