#include "net/dial.hpp"

#include <algorithm>
#include <cerrno>
#include <optional>
#include <system_error>
#include <vector>

#include <Poco/Exception.h>
#include <Poco/Net/SocketAddress.h>

#include "net/socket.hpp"
#include "net/wake_signal.hpp"

namespace roe::net {
namespace {

// RFC 8305 section 5: "Connection Attempt Delay", recommended 250 ms.
constexpr std::chrono::milliseconds head_start{250};

// A name may have dozens of addresses; so many are tried at most at the same time.
constexpr std::size_t most_open = 6;

class Race {
  public:
    Race(const Addresses &addresses, std::uint16_t port, const std::string &peer, std::stop_token stop)
        : addresses_(addresses), port_(port), peer_(peer), stop_(std::move(stop)) {}

    Result<Poco::Net::StreamSocket> run(SteadyTime deadline);

  private:
    struct Attempt {
        Poco::Net::StreamSocket socket;
        Poco::Net::IPAddress address;
    };

    [[nodiscard]] bool more_to_start() const {
        return next_ < addresses_.size() && attempts_.size() < most_open;
    }
    void start_next();
    void failed(const Poco::Net::IPAddress &address, int code);
    std::optional<Poco::Net::StreamSocket> judge(const std::vector<Watched> &watched);
    [[nodiscard]] Error lost(SteadyTime deadline) const;
    [[nodiscard]] Error fault(Fault kind, std::string words, std::string advice) const;

    const Addresses &addresses_;
    const std::uint16_t port_;
    const std::string &peer_;
    const std::stop_token stop_;
    std::size_t next_ = 0;
    std::vector<Attempt> attempts_;
    std::string failures_; // "192.0.2.1: Connection refused; ..."
    bool refused_ = false;
};

Result<Poco::Net::StreamSocket> Race::run(SteadyTime deadline) {
    WakeSignal stopped;
    const std::stop_callback on_stop(stop_, [&stopped] { stopped.raise(); });
    for (;;) {
        if (stop_.stop_requested()) {
            return fault(Fault::cancelled, "", "");
        }
        if (more_to_start()) start_next();
        if (attempts_.empty()) {
            if (more_to_start()) continue;
            return lost(deadline);
        }

        std::vector<Watched> watched;
        for (const Attempt &one : attempts_) {
            watched.push_back({one.socket.impl()->sockfd(), Watched::For::writing});
        }
        watched.push_back({stopped.descriptor(), Watched::For::reading});
        const SteadyTime now = std::chrono::steady_clock::now();
        if (now >= deadline) return lost(deadline);
        wait_for(watched, more_to_start() ? std::min(deadline, now + head_start) : deadline);
        watched.pop_back();
        if (auto winner = judge(watched)) return *std::move(winner);
    }
}

void Race::start_next() {
    const Poco::Net::IPAddress address = addresses_[next_++];
    try {
        Poco::Net::StreamSocket socket = open_socket(address.family());
        socket.connectNB(Poco::Net::SocketAddress(address, port_));
        attempts_.push_back({socket, address});
    } catch (const Poco::Exception &refusal) {
        failed(address, refusal.code());
    }
}

void Race::failed(const Poco::Net::IPAddress &address, int code) {
    if (code == ECONNREFUSED) refused_ = true;
    if (!failures_.empty()) failures_ += "; ";
    failures_ += address.toString() + ": " + std::generic_category().message(code);
}

// Takes out the attempts that have come to an end; the one that succeeded, if any.
std::optional<Poco::Net::StreamSocket> Race::judge(const std::vector<Watched> &watched) {
    std::vector<Attempt> still_open;
    std::optional<Poco::Net::StreamSocket> winner;
    for (std::size_t i = 0; i < attempts_.size(); ++i) {
        Attempt &one = attempts_[i];
        if (!watched[i].ready) {
            still_open.push_back(std::move(one));
            continue;
        }
        const int code = one.socket.impl()->socketError();
        if (code != 0) {
            failed(one.address, code);
        } else if (!winner) {
            winner = one.socket;
        }
    }
    attempts_ = std::move(still_open);
    return winner;
}

Error Race::lost(SteadyTime deadline) const {
    if (std::chrono::steady_clock::now() >= deadline) {
        return fault(
            Fault::timed_out, (failures_.empty() ? "" : failures_ + "; ") + "no answer in time",
            "The server or a firewall on the way drops the connection. Check server name and port, and that "
            "this machine may reach them.");
    }
    return fault(
        Fault::unreachable, failures_,
        refused_ ? "Nothing accepts connections on this port. Check the port, and that the mail service runs."
                 : "Check this machine's network and the way to the server.");
}

Error Race::fault(Fault kind, std::string words, std::string advice) const {
    return Error{.fault = kind,
                 .step = "connect",
                 .doing = "connecting to " + peer_,
                 .server_text = std::move(words),
                 .advice = std::move(advice)};
}

} // namespace

Result<Poco::Net::StreamSocket> dial(const Addresses &addresses, std::uint16_t port, const std::string &peer,
                                     SteadyTime deadline, const std::stop_token &stop) {
    return Race(addresses, port, peer, stop).run(deadline);
}

} // namespace roe::net
