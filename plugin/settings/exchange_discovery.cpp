#include "settings/exchange_discovery.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "base/ascii.hpp"
#include "base/wipe.hpp"
#include "net/http_client.hpp"
#include "settings/ews_url.hpp"
#include "source/ews/autodiscover.hpp"

namespace roe::settings {

namespace {

using namespace std::chrono_literals;

constexpr auto patience = 8s;
constexpr std::uint16_t https = 443;
constexpr const char *plain_path = "/autodiscover/autodiscover.xml";
constexpr const char *soap_path = "/autodiscover/autodiscover.svc";

bool is_in(std::string_view host, const std::string &domain) {
    return host == domain || host.ends_with("." + domain);
}

// A web server for people would ask nobody for such a login.
bool offers_domain_login(const net::HttpHead &head) {
    return std::ranges::any_of(head.fields, [](const auto &field) {
        if (!same_word(field.first, "WWW-Authenticate")) return false;
        const auto scheme = upper(std::string_view(field.second).substr(0, field.second.find(' ')));
        return scheme == "NTLM" || scheme == "NEGOTIATE";
    });
}

// To Autodiscover itself somewhere else: a web site sends people to its pages.
std::string redirect_of(const net::HttpHead &head) {
    const auto location = head.field("Location");
    const bool redirect = head.status >= 301 && head.status <= 308;
    const bool meant = lower(location).find("/autodiscover/") != std::string::npos;
    return redirect && meant ? std::string(location) : std::string();
}

} // namespace

ExchangeDiscovery::ExchangeDiscovery(net::DnsRecords &records, std::shared_ptr<net::Connector> connector,
                                     std::shared_ptr<const Clock> clock, TypedLogin typed,
                                     std::function<bool()> given_up)
    : records_(records), connector_(std::move(connector)), clock_(std::move(clock)), typed_(std::move(typed)),
      given_up_(std::move(given_up)) {}

ExchangeDiscovery::~ExchangeDiscovery() {
    wipe(typed_.password);
}

std::optional<DiscoveredExchange> ExchangeDiscovery::find(const std::string &address,
                                                          const std::string &domain) {
    std::vector<std::string> hosts{"autodiscover." + domain, domain};
    if (const auto announced = records_.services("_autodiscover._tcp." + domain))
        for (const auto &record : *announced)
            if (record.port == https && !record.host.empty()) hosts.insert(hosts.begin(), lower(record.host));
    for (const auto &host : hosts) {
        if (given_up_()) break;
        if (auto found = ask(host, address, domain)) return found;
    }
    return std::nullopt;
}

std::optional<DiscoveredExchange> ExchangeDiscovery::ask(const std::string &host, const std::string &address,
                                                         const std::string &domain) {
    auto heard = hear(host, Form::plain, address, domain);
    if (heard.closed && !given_up_()) {
        const bool wanted_login = heard.is_exchange;
        heard = hear(host, Form::soap, address, domain);
        heard.is_exchange |= wanted_login;
    }
    const auto answer = heard.body.empty() ? std::nullopt : ews::read_autodiscover(heard.body);
    if (!answer && !heard.is_exchange && heard.location.empty()) return std::nullopt;
    // One that sends elsewhere says at least where.
    const bool told = answer && !answer->ews_url.empty();
    const auto sent_to = answer ? answer->redirect_url : heard.location;
    auto url = read_ews_url(told ? answer->ews_url : sent_to.empty() ? host : sent_to);
    if (!url.fault.empty() || !url.address.encrypted) return std::nullopt;
    const bool other = !is_in(url.address.host, domain);
    return DiscoveredExchange{std::move(url.text), told, other};
}

ExchangeDiscovery::Heard ExchangeDiscovery::hear(const std::string &host, Form form, const std::string &address,
                                                 const std::string &domain) {
    auto heard = post(host, form, address, false);
    if (!heard.is_exchange || !is_in(host, domain) || typed_.password.empty()) return heard;
    heard = post(host, form, address, true);
    heard.is_exchange = true;
    return heard;
}

ExchangeDiscovery::Heard ExchangeDiscovery::post(const std::string &host, Form form, const std::string &address,
                                                 bool sign_in) {
    const std::string path = form == Form::plain ? plain_path : soap_path;
    net::HttpUser user;
    user.authenticate = sign_in;
    if (sign_in) {
        user.login = typed_.login.empty() ? address : typed_.login;
        user.password = typed_.password;
    }
    net::HttpClient client({host, https, path, true}, {typed_.ca_certificate, {}, {}}, std::move(user),
                           connector_, clock_, {.connect = patience, .tls = patience});
    const auto deadline = clock_->steady() + patience;
    net::HttpRequest request;
    request.path = path;
    request.fields = {{"Content-Type", "text/xml; charset=utf-8"}, {"User-Agent", "run-on-email"}};
    request.body = form == Form::plain ? ews::autodiscover_request(address)
                                       : ews::autodiscover_soap_request(address, "https://" + host + path);
    const auto head = client.post(request, deadline);
    if (!head) return {};
    Heard heard;
    heard.is_exchange = head->status == 401 && offers_domain_login(*head);
    heard.location = redirect_of(*head);
    heard.closed = head->status > 401 && head->status < 500;
    if (head->status != 200) return heard;
    auto body = client.read_all(ews::most_autodiscover_bytes, deadline);
    if (!body) return {};
    heard.body = *std::move(body);
    return heard;
}

} // namespace roe::settings
