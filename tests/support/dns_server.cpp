#include "support/dns_server.hpp"

#include <stdexcept>
#include <utility>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace roe::test {

namespace {

constexpr std::size_t header_size = 12;

void append(Bytes &to, const Bytes &bytes) {
    to.insert(to.end(), bytes.begin(), bytes.end());
}

void append_number(Bytes &to, unsigned number) {
    to.push_back(static_cast<std::uint8_t>(number >> 8U & 0xffU));
    to.push_back(static_cast<std::uint8_t>(number & 0xffU));
}

std::size_t end_of_question(const Bytes &query) {
    std::size_t at = header_size;
    while (at < query.size() && query[at] != 0)
        at += query[at] + std::size_t{1};
    return at + 5;
}

} // namespace

Bytes dns_name(std::string_view name) {
    Bytes bytes;
    while (!name.empty()) {
        const auto label = name.substr(0, name.find('.'));
        bytes.push_back(static_cast<std::uint8_t>(label.size()));
        bytes.insert(bytes.end(), label.begin(), label.end());
        name.remove_prefix(label.size() < name.size() ? label.size() + 1 : name.size());
    }
    bytes.push_back(0);
    return bytes;
}

Bytes srv_data(std::uint16_t priority, std::uint16_t weight, std::uint16_t port, std::string_view target) {
    Bytes data;
    for (const auto number : {priority, weight, port})
        append_number(data, number);
    append(data, dns_name(target));
    return data;
}

Bytes mx_data(std::uint16_t preference, std::string_view host) {
    Bytes data;
    append_number(data, preference);
    append(data, dns_name(host));
    return data;
}

std::string question_of(const Bytes &query) {
    std::string name;
    for (std::size_t at = header_size; at < query.size() && query[at] != 0; at += query[at] + std::size_t{1}) {
        if (!name.empty()) name += '.';
        name.append(reinterpret_cast<const char *>(query.data()) + at + 1, query[at]);
    }
    return name;
}

Bytes reply_to(const Bytes &query, const std::vector<DnsAnswer> &answers, unsigned response_code) {
    Bytes reply(query.begin(), query.begin() + 2);
    append_number(reply, 0x8180U | response_code);
    append_number(reply, 1);
    append_number(reply, static_cast<unsigned>(answers.size()));
    append_number(reply, 0);
    append_number(reply, 0);
    reply.insert(reply.end(), query.begin() + header_size,
                 query.begin() + static_cast<std::ptrdiff_t>(end_of_question(query)));
    for (const auto &answer : answers) {
        append_number(reply, 0xc000U | header_size); // the name that was asked for
        append_number(reply, answer.type);
        append_number(reply, 1);
        append_number(reply, 0);
        append_number(reply, 60);
        append_number(reply, static_cast<unsigned>(answer.data.size()));
        append(reply, answer.data);
    }
    return reply;
}

DnsServer::DnsServer(Handler handler) : handler_(std::move(handler)) {
    socket_ = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    if (socket_ < 0 || ::bind(socket_, reinterpret_cast<sockaddr *>(&address), size) != 0 ||
        ::getsockname(socket_, reinterpret_cast<sockaddr *>(&address), &size) != 0)
        throw std::runtime_error("no socket for a name server");
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { serve(); });
}

DnsServer::~DnsServer() {
    stopping_ = true;
    thread_.join();
    ::close(socket_);
}

void DnsServer::serve() {
    while (!stopping_) {
        pollfd ready{socket_, POLLIN, 0};
        constexpr int looked_at_every_ms = 20;
        if (::poll(&ready, 1, looked_at_every_ms) <= 0) continue;
        Bytes query(4096);
        sockaddr_in from{};
        socklen_t size = sizeof from;
        const auto got =
            ::recvfrom(socket_, query.data(), query.size(), 0, reinterpret_cast<sockaddr *>(&from), &size);
        if (got < static_cast<ssize_t>(header_size)) continue;
        query.resize(static_cast<std::size_t>(got));
        ++queries_;
        if (const auto reply = handler_(query))
            ::sendto(socket_, reply->data(), reply->size(), 0, reinterpret_cast<sockaddr *>(&from), size);
    }
}

} // namespace roe::test
