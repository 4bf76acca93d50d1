// A name server on the loopback address that answers as a test wants, and the bytes of DNS messages (RFC 1035).
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace roe::test {

using Bytes = std::vector<std::uint8_t>;

inline constexpr std::uint16_t type_mx = 15;
inline constexpr std::uint16_t type_srv = 33;

// A name as it stands in a message, uncompressed.
Bytes dns_name(std::string_view name);
Bytes srv_data(std::uint16_t priority, std::uint16_t weight, std::uint16_t port, std::string_view target);
Bytes mx_data(std::uint16_t preference, std::string_view host);

struct DnsAnswer {
    std::uint16_t type = 0;
    Bytes data;
};

// What is asked for in a query: "_imaps._tcp.example.com".
std::string question_of(const Bytes &query);
// A whole answer to the query; response code 3 says that there is no such name.
Bytes reply_to(const Bytes &query, const std::vector<DnsAnswer> &answers, unsigned response_code = 0);

class DnsServer {
  public:
    // Gives the reply to a query; nothing: it stays silent.
    using Handler = std::function<std::optional<Bytes>(const Bytes &query)>;

    explicit DnsServer(Handler handler);
    ~DnsServer();
    DnsServer(const DnsServer &) = delete;
    DnsServer &operator=(const DnsServer &) = delete;

    [[nodiscard]] std::uint16_t port() const { return port_; }
    [[nodiscard]] int queries() const { return queries_; }

  private:
    void serve();

    const Handler handler_;
    int socket_ = -1;
    std::uint16_t port_ = 0;
    std::atomic<int> queries_ = 0;
    std::atomic<bool> stopping_ = false;
    std::thread thread_;
};

} // namespace roe::test
