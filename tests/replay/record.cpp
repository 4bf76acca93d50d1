// Records a transcript from a real server: reads actions, one a line, performs them, and prints what was said.
//
//   imap_record HOST PORT 'login=ann password=secret folder=INBOX' < actions > transcript.txt
//
// In clear only. What it prints is to be read by a person before it is kept: the outcome lines are what the
// client did, not what it should have done.
#include <cerrno>
#include <cstring>
#include <iostream>
#include <memory>
#include <stdexcept>
#include <string>

#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "actions.hpp"
#include "net/stream.hpp"

namespace {

using roe::Error;
using roe::Fault;
using roe::Result;
using roe::SteadyTime;

Error broken(Fault fault, std::string doing) {
    return {.fault = fault,
            .step = "net",
            .doing = std::move(doing),
            .server_text = {},
            .advice = {},
            .retry_after = {}};
}

void print_lines(std::string_view mark, std::string_view bytes) {
    while (!bytes.empty()) {
        const std::size_t end = bytes.find("\r\n");
        if (end == std::string_view::npos) {
            std::cout << mark.substr(0, 1) << ". " << bytes << '\n';
            return;
        }
        std::cout << mark << ' ' << bytes.substr(0, end) << '\n';
        bytes.remove_prefix(end + 2);
    }
}

class RecordedStream final : public roe::net::Stream {
  public:
    explicit RecordedStream(int socket) : socket_(socket) {}
    RecordedStream(const RecordedStream &) = delete;
    RecordedStream &operator=(const RecordedStream &) = delete;
    ~RecordedStream() override { shut(); }

    Result<std::size_t> read(char *to, std::size_t size, SteadyTime deadline) override {
        const auto left =
            std::chrono::duration_cast<std::chrono::milliseconds>(deadline - roe::SystemClock().steady());
        pollfd waiting{.fd = socket_, .events = POLLIN, .revents = 0};
        if (poll(&waiting, 1, std::max(0, static_cast<int>(left.count()))) <= 0)
            return broken(Fault::timed_out, "reading");
        const ssize_t got = recv(socket_, to, size, 0);
        if (got < 0) return broken(Fault::unreachable, std::strerror(errno));
        heard_.append(to, static_cast<std::size_t>(got));
        if (got == 0) std::cout << "X:\n";
        return static_cast<std::size_t>(got);
    }
    Result<void> write(std::string_view bytes, SteadyTime) override {
        flush();
        print_lines("C:", bytes);
        if (send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL) < 0)
            return broken(Fault::unreachable, "writing");
        return {};
    }
    Result<roe::net::TlsFacts> start_tls(const std::string &, const roe::net::Trust &, SteadyTime) override {
        return broken(Fault::tls, "recording is done in clear");
    }
    [[nodiscard]] bool encrypted() const override { return false; }
    [[nodiscard]] bool pending() const override { return false; }
    [[nodiscard]] int descriptor() const override { return socket_; }
    void cancel() override { shutdown(socket_, SHUT_RDWR); }
    void close() override { shut(); }
    // Lines arrive in any number of pieces: they are printed when the client turns to something else.
    void flush() {
        print_lines("S:", heard_);
        heard_.clear();
    }

  private:
    void shut() {
        if (socket_ >= 0) ::close(socket_);
        socket_ = -1;
    }

    int socket_;
    std::string heard_;
};

class Recorder final : public roe::net::Connector {
  public:
    using roe::net::Connector::connect;
    Recorder(std::string host, std::string port) : host_(std::move(host)), port_(std::move(port)) {}
    Result<std::unique_ptr<roe::net::Stream>> connect(const std::string &, std::uint16_t, SteadyTime) override {
        addrinfo *found = nullptr;
        if (getaddrinfo(host_.c_str(), port_.c_str(), nullptr, &found) != 0)
            return broken(Fault::name_lookup, host_);
        const std::unique_ptr<addrinfo, void (*)(addrinfo *)> addresses(found, freeaddrinfo);
        const int socket = ::socket(found->ai_family, SOCK_STREAM, 0);
        if (::connect(socket, found->ai_addr, found->ai_addrlen) != 0)
            return broken(Fault::unreachable, "connecting");
        std::cout << "N:\n";
        auto stream = std::make_unique<RecordedStream>(socket);
        current = stream.get();
        return std::unique_ptr<roe::net::Stream>(std::move(stream));
    }
    RecordedStream *current = nullptr;

  private:
    std::string host_;
    std::string port_;
};

} // namespace

int main(int count, char **words) {
    if (count != 4) {
        std::cerr << "usage: imap_record HOST PORT ACCOUNT < actions\n";
        return 2;
    }
    const auto recorder = std::make_shared<Recorder>(words[1], words[2]);
    const auto source = roe::replay::source_of(words[3], recorder, std::make_shared<roe::SystemClock>());
    std::cout << "account " << words[3] << '\n';
    for (std::string action; std::getline(std::cin, action);) {
        if (action.starts_with("!")) { // what happens at the server meanwhile
            if (std::system(action.substr(1).c_str()) != 0) std::cerr << "failed: " << action << '\n';
            continue;
        }
        std::cout << "\n> " << action << '\n';
        const auto outcome = roe::replay::perform(*source, action, roe::replay::is_pop3(words[3]));
        if (action != "close" && recorder->current != nullptr) recorder->current->flush();
        for (const std::string &line : outcome)
            std::cout << "= " << line << '\n';
    }
    return 0;
}
