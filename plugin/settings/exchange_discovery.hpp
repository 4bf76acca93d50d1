// Where the Exchange server of an address is, by Autodiscover: as plain XML (MS-OXDSCLI), and by SOAP
// (MS-OXWSADISC) where that is missing or forbidden. The password that somebody has just typed is given to
// servers of the address' own domain only, over TLS that was verified. [one thread]
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/clock.hpp"
#include "net/dns_records.hpp"
#include "net/stream.hpp"

namespace roe::settings {

struct DiscoveredExchange {
    std::string ews_url;
    bool told = false;  // by the server; else it is where such a server usually has it
    bool other = false; // its host is in another domain than the address
};

// What is in the form. Never what is saved.
struct TypedLogin {
    std::string login; // empty: the address
    std::string password;
    std::string ca_certificate;
};

class ExchangeDiscovery {
  public:
    ExchangeDiscovery(net::DnsRecords &records, std::shared_ptr<net::Connector> connector,
                      std::shared_ptr<const Clock> clock, TypedLogin typed, std::function<bool()> given_up);
    ~ExchangeDiscovery();
    ExchangeDiscovery(const ExchangeDiscovery &) = delete;
    ExchangeDiscovery &operator=(const ExchangeDiscovery &) = delete;

    // `domain` is the address' own, in ASCII and lower case. Takes some seconds for each server that is silent.
    std::optional<DiscoveredExchange> find(const std::string &address, const std::string &domain);

  private:
    std::optional<DiscoveredExchange> ask(const std::string &host, const std::string &address,
                                          const std::string &domain);
    // What a server answers: of it, what there was.
    struct Heard {
        bool is_exchange = false; // it wants a login as such a server does
        std::string body;
        std::string location; // where it sends us
        bool closed = false;  // there is nothing at that path, or nothing for us
    };
    enum class Form { plain, soap };
    // Signs in where it is wanted and the password may go there.
    Heard hear(const std::string &host, Form form, const std::string &address, const std::string &domain);
    Heard post(const std::string &host, Form form, const std::string &address, bool sign_in);

    net::DnsRecords &records_;
    const std::shared_ptr<net::Connector> connector_;
    const std::shared_ptr<const Clock> clock_;
    TypedLogin typed_;
    const std::function<bool()> given_up_;
};

} // namespace roe::settings
