// A server that says what a script says: the seam net::Connector without a network.
#pragma once

#include <cstddef>
#include <deque>
#include <memory>
#include <span>
#include <string>

#include "net/stream.hpp"
#include "transcript.hpp"

namespace roe::replay {

// What is still to happen on the wire, and what went wrong. Shared by the streams of one connector.
class Script {
  public:
    explicit Script(std::size_t piece) : piece_(piece) {}

    void extend(std::span<const Wire> wire);
    // Where client and script first disagreed; empty: nowhere.
    [[nodiscard]] const std::string &disagreement() const { return disagreement_; }
    // What the script still wanted of the client; empty: nothing.
    [[nodiscard]] std::string rest() const;

    bool connect();
    Result<std::size_t> read(char *to, std::size_t size);
    Result<void> write(std::string_view bytes);
    Result<net::TlsFacts> handshake();

  private:
    Error disagree(const std::string &what);

    std::size_t piece_; // bytes that one read gives
    std::string late_;  // the server's, left over from the last exchange
    std::deque<Wire> wire_;
    std::string disagreement_;
};

class ScriptedConnector final : public net::Connector {
  public:
    using net::Connector::connect;
    explicit ScriptedConnector(std::shared_ptr<Script> script) : script_(std::move(script)) {}
    Result<std::unique_ptr<net::Stream>> connect(const std::string &host, std::uint16_t port,
                                                 SteadyTime deadline) override;

  private:
    std::shared_ptr<Script> script_;
};

} // namespace roe::replay
