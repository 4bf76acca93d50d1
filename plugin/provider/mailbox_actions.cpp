#include "provider/mailbox_actions.hpp"

#include <nlohmann/json.hpp>

#include "base/unicode.hpp"
#include "provider/call_watch.hpp"
#include "provider/shown.hpp"
#include "settings/connection_test.hpp"
#include "settings/detection.hpp"

namespace roe::provider {

using nlohmann::json;
using orch::sdk::Outcome;

namespace {

using namespace std::chrono_literals;

// The host was promised an answer within two minutes (orch/ext/settings_page.h).
constexpr auto longest_action = 100s;

// Somebody waits before a form.
Limits impatient() {
    Limits limits;
    limits.connect = 10s;
    limits.tls = 10s;
    limits.greeting = 10s;
    limits.answer = 60s;
    return limits;
}

bool speaks_tls(Running &running, const settings::Mailbox &mailbox, const std::stop_token &stop) {
    constexpr auto patience = 5s;
    const auto &clock = running.clock();
    auto stream = running.connector().connect(mailbox.host, mailbox.port, clock.steady() + patience, stop);
    if (!stream) return false;
    const auto facts = (*stream)->start_tls(mailbox.host, {}, clock.steady() + patience);
    // A certificate that is not trusted was shown by TLS all the same.
    return facts || facts.error().fault == Fault::untrusted;
}

// The field of the form that a person would look at.
std::string field_of(const Error &error, const settings::Mailbox &mailbox) {
    if (error.fault == Fault::consent_needed) return std::string(settings::oauth_field);
    if (error.fault == Fault::login_refused) return std::string(settings::password_field);
    return settings::server_field(mailbox);
}

// What was saved is not sent to a server that nobody has confirmed.
settings::TypedLogin typed_login(const json &values) {
    const auto text = [&values](std::string_view field) {
        const auto at = values.find(field);
        return at != values.end() && at->is_string() ? at->get<std::string>() : std::string();
    };
    return {text("Login"), text(settings::password_field), text("CaCertificate")};
}

} // namespace

Outcome<json> test_connection(Running &running, const ActionCall &call) {
    auto draft = running.mailboxes().draft(call.caller.tenant, call.action.item, call.action.values);
    if (!draft) return draft.failure();
    const auto &mailbox = draft->mailbox;
    settings::ConnectionTest test(mailbox, running.clock(), [&call](const json &step) { call.progress(step); });
    const auto source =
        running.make_source(mailbox, mailbox.folder(), std::move(draft->secrets), impatient(), &test);
    const CallWatch watch(call.cancellation, longest_action, [&source] { source->cancel(); });
    auto report = test.run(*source, [&] { return speaks_tls(running, mailbox, watch.token()); });
    if (watch.taken_back()) return orch::sdk::cancelled();
    return report;
}

Outcome<json> list_folders(Running &running, const ActionCall &call) {
    auto draft = running.mailboxes().draft(call.caller.tenant, call.action.item, call.action.values);
    if (!draft) return draft.failure();
    const auto &mailbox = draft->mailbox;
    // By POP3 there is nothing to choose from.
    if (mailbox.is_pop3()) return json{{"items", json::array({{{"name", mailbox.folder()}}})}};
    const auto source = running.make_source(mailbox, mailbox.folder(), std::move(draft->secrets), impatient());
    const CallWatch watch(call.cancellation, longest_action, [&source] { source->cancel(); });
    const auto names = source->folders();
    source->close();
    if (watch.taken_back()) return orch::sdk::cancelled();
    if (!names) return not_reached(names.error(), field_of(names.error(), mailbox));
    json items = json::array();
    for (const auto &name : *names)
        items.push_back({{"name", unicode::repaired(name)}});
    return json{{"items", std::move(items)}};
}

Outcome<json> detect(Running &running, const ActionCall &call) {
    std::string address;
    const auto &values = call.action.values;
    if (const auto typed = values.find("Email"); typed != values.end() && typed->is_string()) {
        address = typed->get<std::string>();
    } else if (call.action.item) {
        const auto mailbox = running.mailboxes().get(call.caller.tenant, *call.action.item);
        if (!mailbox) return mailbox.failure();
        address = mailbox->email;
    }
    if (!settings::looks_like_address(address))
        return orch::sdk::invalid({{"Email", "must be an address, as name@example.com"}});
    net::SystemDnsRecords records;
    const auto language =
        call.caller.locale.starts_with("ru") ? settings::Language::ru : settings::Language::en;
    const auto given_up = [&call] { return call.cancellation.requested(); };
    settings::ExchangeDiscovery exchange(records, running.shared_connector(), running.shared_clock(),
                                         typed_login(values), given_up);
    auto found = settings::detect_settings(
        address, records, language, given_up,
        [&exchange](const auto &whose, const auto &domain) { return exchange.find(whose, domain); });
    if (call.cancellation.requested()) return orch::sdk::cancelled();
    return found;
}

} // namespace roe::provider
