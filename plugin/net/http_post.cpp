#include "net/http_post.hpp"

#include <memory>
#include <utility>

#include <Poco/URI.h>

#include "base/wipe.hpp"
#include "net/http_client.hpp"

namespace roe::net {

namespace {

using namespace std::chrono_literals;

constexpr auto longest_exchange = 30s;
constexpr std::size_t longest_body = 256U << 10U;

// Whoever asks keeps it alive.
template <class T>
std::shared_ptr<T> borrowed(T &owned) {
    return {std::shared_ptr<void>(), &owned};
}

} // namespace

std::string form_encoded(const std::vector<std::pair<std::string_view, std::string_view>> &fields) {
    std::string form;
    for (const auto &[name, value] : fields) {
        if (value.empty()) continue;
        if (!form.empty()) form += '&';
        form.append(name).append("=");
        Poco::URI::encode(std::string(value), "!*'();:@&=+$,/?%#[]", form);
    }
    return form;
}

Result<HttpAnswer> post_form(Connector &connector, const HttpAddress &to, const Trust &trust,
                             const std::string &authorization, const std::string &form, const Clock &clock,
                             const std::stop_token &stop) {
    const auto deadline = clock.steady() + longest_exchange;
    HttpClient client(to, trust, HttpUser{.authenticate = false}, borrowed(connector), borrowed(clock),
                      {.connect = longest_exchange, .tls = longest_exchange});
    const std::stop_callback breaking(stop, [&client] { client.cancel(); });
    HttpRequest request{.path = to.path,
                        .fields = {{"Content-Type", "application/x-www-form-urlencoded"},
                                   {"Accept", "application/json"},
                                   {"Connection", "close"},
                                   {"Authorization", authorization}},
                        .body = form};
    const auto head = client.post(request, deadline);
    wipe(request.body);
    wipe(request.fields.back().second);
    if (!head) return head.error();
    auto body = client.read_all(longest_body, deadline);
    if (!body) return std::move(body.error());
    return HttpAnswer{head->status, *std::move(body), head->retry_after};
}

} // namespace roe::net
