#include "settings/detection.hpp"

#include <array>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "base/ascii.hpp"
#include "net/host_name.hpp"
#include "settings/ews_url.hpp"
#include "settings/known_providers.hpp"

namespace roe::settings {

using nlohmann::json;

namespace {

// RFC 6186 section 3, in the order in which they are preferred.
struct Announced {
    std::string_view label;
    std::string_view protocol;
    std::string_view encryption;
};
constexpr std::array announced{
    Announced{"_imaps._tcp", "IMAP", "tls"}, Announced{"_imap._tcp", "IMAP", "starttls"},
    Announced{"_pop3s._tcp", "POP3", "tls"}, Announced{"_pop3._tcp", "POP3", "starttls"}};

constexpr Words other_domain{
    "The server is in another domain than the address: check that it is your provider's before you give it a "
    "password.",
    "Сервер находится в другом домене, чем адрес: прежде чем вводить пароль, убедитесь, что это сервер вашего "
    "провайдера."};
constexpr Words guessed_url{"The address of the web services is where an Exchange server usually has it; "
                            "\"Test connection\" tells. With the "
                            "password in the form the server is asked for it.",
                            "Указан обычный для Exchange адрес веб-служб; верен ли он, покажет «Проверить "
                            "соединение». Если ввести в форму пароль, адрес сообщит сам сервер."};
constexpr Words silent_dns{"The name server did not answer, so what the domain announces is not known.",
                           "Сервер имён не ответил, поэтому неизвестно, какие серверы объявляет домен."};
constexpr Words nothing_known{
    "Nothing is known of this domain: ask its administrator for the mail server.",
    "Об этом домене ничего не известно: узнайте у его администратора почтовый сервер."};
constexpr Words no_domain_name{"The part after the @ is no domain name.", "После @ стоит не доменное имя."};

json form_values(std::string_view protocol, std::string_view server, std::uint16_t port) {
    const std::string field = protocol == "POP3" ? "Pop3" : "Imap";
    return {{"Protocol", protocol},
            {field, server},
            {field + "Port", port},
            {"UseStandartNotSSLPort", false},
            {"UseSsl", true}};
}

json service(std::string_view protocol, std::string_view encryption, std::string_view server,
             std::uint16_t port) {
    return {{"protocol", protocol}, {"encryption", encryption}, {"server", server}, {"port", port}};
}

// What follows the @, as the name system has it; empty when that is no domain name.
std::string domain_of(const std::string &address) {
    constexpr std::size_t longest_domain = 253;
    std::string domain = net::ascii_host(address.substr(address.rfind('@') + 1)).value_or("");
    if (domain.ends_with('.')) domain.pop_back();
    if (domain.size() > longest_domain) return {};
    bool label_begins = true;
    for (char &c : domain) {
        c = lower(c);
        const bool in_name = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
        if (!in_name && (c != '.' || label_begins)) return {};
        label_begins = c == '.';
    }
    return domain;
}

class Detection {
  public:
    Detection(std::string address, net::DnsRecords &records, Language language,
              const std::function<bool()> &given_up, const AskExchange &ask_exchange)
        : address_(std::move(address)), domain_(domain_of(address_)), records_(records), language_(language),
          given_up_(given_up), ask_exchange_(ask_exchange) {}

    json run() {
        if (domain_.empty()) {
            note(no_domain_name);
        } else if (const auto *provider = provider_of_domain(domain_)) {
            take(*provider, "provider");
        } else {
            ask_domain();
            if (result_["source"].is_null()) ask_exchanges();
            if (result_["source"].is_null()) ask_exchange_server();
            if (result_["values"].empty() && result_["notes"].empty()) note(nothing_known);
        }
        return std::move(result_);
    }

  private:
    void take(const KnownProvider &provider, const char *source) {
        result_["source"] = source;
        result_["provider"] = provider.name;
        result_["values"] = form_values("IMAP", provider.imap, imap_tls_port);
        auto &services = result_["services"];
        services.push_back(service("IMAP", "tls", provider.imap, imap_tls_port));
        if (!provider.pop3.empty()) services.push_back(service("POP3", "tls", provider.pop3, pop3_tls_port));
        note(provider.note);
    }

    void ask_domain() {
        for (const auto &[label, protocol, encryption] : announced) {
            if (given_up_() || dns_is_silent_) return;
            const auto found = records_.services(std::string(label) + "." + domain_);
            if (!found) {
                note_silence(found.error());
                continue;
            }
            // No host: the domain says that it has no such service.
            if (found->empty() || found->front().host.empty()) continue;
            announce(protocol, encryption, found->front());
        }
    }

    void announce(std::string_view protocol, std::string_view encryption, const net::ServiceRecord &record) {
        result_["services"].push_back(service(protocol, encryption, record.host, record.port));
        if (!result_["source"].is_null()) return;
        result_["source"] = "srv";
        result_["values"] = form_values(protocol, record.host, record.port);
        // RFC 6186 section 6: a person must confirm a server that is not the domain's own.
        const bool own = record.host == domain_ || record.host.ends_with("." + domain_);
        if (!own) note(other_domain);
    }

    void ask_exchanges() {
        if (given_up_() || dns_is_silent_) return;
        const auto found = records_.exchanges(domain_);
        if (!found) return note_silence(found.error());
        for (const auto &exchange : *found) {
            if (const auto *provider = provider_of_exchange(exchange.host)) return take(*provider, "mx");
        }
    }

    void ask_exchange_server() {
        if (given_up_() || dns_is_silent_) return;
        const auto found = ask_exchange_(address_, domain_);
        if (!found) return;
        const auto url = read_ews_url(found->ews_url);
        result_["source"] = "autodiscover";
        result_["values"] = {{"Protocol", "MS Exchange"}, {"EWSUrl", url.text}};
        result_["services"].push_back(service("MS Exchange", "tls", url.address.host, url.address.port));
        if (!found->told) note(guessed_url);
        if (found->other) note(other_domain);
    }

    void note_silence(const Error &error) {
        // One that does not answer once need not be waited for again and again.
        if (error.fault != Fault::timed_out) return;
        dns_is_silent_ = true;
        note(silent_dns);
    }

    void note(const Words &words) {
        const auto text = language_ == Language::ru ? words.ru : words.en;
        if (!text.empty()) result_["notes"].push_back(text);
    }

    const std::string address_;
    const std::string domain_;
    net::DnsRecords &records_;
    const Language language_;
    const std::function<bool()> &given_up_;
    const AskExchange &ask_exchange_;
    bool dns_is_silent_ = false;
    json result_{{"values", json::object()},
                 {"source", nullptr},
                 {"provider", nullptr},
                 {"services", json::array()},
                 {"notes", json::array()}};
};

} // namespace

json detect_settings(const std::string &address, net::DnsRecords &records, Language language,
                     const std::function<bool()> &given_up, const AskExchange &ask_exchange) {
    return Detection(address, records, language, given_up, ask_exchange).run();
}

} // namespace roe::settings
