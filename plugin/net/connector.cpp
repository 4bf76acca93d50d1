#include <exception>
#include <stop_token>

#include "net/dial.hpp"
#include "net/resolver.hpp"
#include "net/socket_stream.hpp"
#include "net/step_observer.hpp"
#include "net/stream.hpp"
#include "net/trust.hpp"

namespace roe::net {
namespace {

std::string peer_name(const std::string &host, std::uint16_t port) {
    const bool ipv6 = host.find(':') != std::string::npos;
    return (ipv6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

std::vector<std::string> texts_of(const Addresses &addresses) {
    std::vector<std::string> texts;
    texts.reserve(addresses.size());
    for (const auto &address : addresses)
        texts.push_back(address.toString());
    return texts;
}

class SocketConnector final : public Connector {
  public:
    explicit SocketConnector(HttpProxies proxies) : proxies_(std::move(proxies)) {}

    [[nodiscard]] std::optional<HttpProxy> proxy_for(const std::string &host, bool encrypted) const override {
        return proxies_.for_server(host, encrypted);
    }

    Result<std::unique_ptr<Stream>> connect(const std::string &host, std::uint16_t port,
                                            SteadyTime deadline) override {
        return connect(host, port, deadline, std::stop_token(), nullptr);
    }

    Result<std::unique_ptr<Stream>> connect(const std::string &host, std::uint16_t port, SteadyTime deadline,
                                            const std::stop_token &stop) override {
        return connect(host, port, deadline, stop, nullptr);
    }

    Result<std::unique_ptr<Stream>> connect(const std::string &host, std::uint16_t port, SteadyTime deadline,
                                            const std::stop_token &stop, StepObserver *observer) override {
        const std::string peer = peer_name(host, port);
        try {
            const auto addresses = resolver_.resolve(host, deadline, stop);
            if (!addresses) return addresses.error();
            if (observer != nullptr) observer->resolved(texts_of(*addresses));
            auto socket = dial(*addresses, port, peer, deadline, stop);
            if (!socket) return socket.error();
            if (observer != nullptr) observer->connected(socket->peerAddress().host().toString());
            return std::unique_ptr<Stream>(std::make_unique<SocketStream>(*socket, peer, contexts_));
        } catch (const std::exception &failure) {
            // Out of descriptors, threads or memory.
            return Error{.fault = Fault::unreachable,
                         .step = "connect",
                         .doing = "connecting to " + peer,
                         .server_text = failure.what(),
                         .advice = "This machine or process has run out of a resource; see its limits."};
        }
    }

  private:
    const HttpProxies proxies_;
    Resolver resolver_;
    std::shared_ptr<TrustContexts> contexts_ = std::make_shared<TrustContexts>();
};

} // namespace

std::unique_ptr<Connector> make_connector(HttpProxies proxies) {
    return std::make_unique<SocketConnector>(std::move(proxies));
}

} // namespace roe::net
