// Records of the domain name system that are not addresses: where a domain has its services (SRV, RFC 2782),
// and who takes its mail (MX).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.hpp"

namespace roe::net {

struct ServiceRecord {
    std::uint16_t priority = 0;
    std::uint16_t weight = 0;
    std::uint16_t port = 0;
    std::string host; // lower case; empty: the domain says that it has no such service
};

struct MailExchange {
    std::uint16_t preference = 0;
    std::string host; // lower case
};

// [any thread]
class DnsRecords {
  public:
    virtual ~DnsRecords() = default;

    // The best first; empty when the name has none. `name` as in "_imaps._tcp.example.com". Fault::timed_out
    // when no name server answers.
    virtual Result<std::vector<ServiceRecord>> services(const std::string &name) = 0;
    virtual Result<std::vector<MailExchange>> exchanges(const std::string &domain) = 0;
};

struct NameServer {
    std::string address; // IPv4
    std::uint16_t port = 53;
};

// Asks the system's name servers, or the one given. A call ends within eight seconds whatever they do: two of
// them are asked, twice, for two seconds.
class SystemDnsRecords final : public DnsRecords {
  public:
    explicit SystemDnsRecords(std::optional<NameServer> server = {}) : server_(std::move(server)) {}

    Result<std::vector<ServiceRecord>> services(const std::string &name) override;
    Result<std::vector<MailExchange>> exchanges(const std::string &domain) override;

  private:
    const std::optional<NameServer> server_;
};

// The records of an answer from the network; those that make no sense are left out. Empty when the whole does
// not.
std::optional<std::vector<ServiceRecord>> parse_services(std::span<const std::uint8_t> answer);
std::optional<std::vector<MailExchange>> parse_exchanges(std::span<const std::uint8_t> answer);

} // namespace roe::net
