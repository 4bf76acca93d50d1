#include "provider/preview.hpp"

#include <nlohmann/json.hpp>

#include "message/payload.hpp"
#include "provider/call_watch.hpp"
#include "provider/shown.hpp"
#include "trigger/filter.hpp"

namespace roe::provider {

using nlohmann::json;
using orch::sdk::Outcome;

namespace {

using namespace std::chrono_literals;

// The host was promised an answer within a minute (orch/ext/trigger_provider.h).
constexpr auto longest_preview = 50s;

json item_of(const MailHead &head, const trigger::Filter &filter, WallTime now) {
    const bool undated = head.received_at == WallTime{};
    const auto envelope = message::read_envelope(head.header, head.size);
    const auto verdict = head.header_withheld
                             ? trigger::Verdict{false, "withheld", "The server does not hand this mail out"}
                             : trigger::decide(filter, envelope);
    return {{"subject", envelope.subject},
            {"from", message::sender_line(envelope)},
            {"receivedAt", timestamp(undated ? message::arrival_time(head.header, now) : head.received_at)},
            {"wouldStart", verdict.matched},
            {"reason", {{"code", verdict.code}, {"text", verdict.text}}}};
}

std::string field_of(const Error &error, const trigger::Parameters &parameters) {
    return error.fault == Fault::no_folder && !parameters.folder.empty() ? "Folder" : "Email";
}

Result<std::vector<MailHead>> latest_mails(MailSource &source, std::size_t most) {
    if (auto opened = source.open(); !opened) return opened.error();
    auto heads = source.latest(most);
    source.close();
    return heads;
}

} // namespace

Outcome<json> preview(Running &running, const settings::Mailbox &mailbox, const trigger::Parameters &parameters,
                      std::uint32_t limit, const orch::sdk::Cancellation &cancellation) {
    // A login that the server refused is not tried once more by a form: repeating locks accounts.
    const auto health = running.mailroom().mailbox_health(mailbox.key());
    const bool refused =
        health.state == watch::State::login_refused || health.state == watch::State::consent_needed;
    if (refused && health.error) return not_reached(*health.error, "Email");

    auto secrets = running.mailboxes().open_secrets(mailbox);
    if (!secrets) return to_failure(secrets.error());
    const auto folder = parameters.folder.empty() ? mailbox.folder() : parameters.folder;
    const auto source = running.make_source(mailbox, folder, std::move(*secrets));
    const CallWatch watch(cancellation, longest_preview, [&source] { source->cancel(); });
    const auto heads = latest_mails(*source, limit);
    if (watch.taken_back()) return orch::sdk::cancelled();
    if (!heads) return not_reached(heads.error(), field_of(heads.error(), parameters));

    const auto filter = trigger::parse_filter(parameters.from, parameters.subject);
    json items = json::array();
    for (auto head = heads->rbegin(); head != heads->rend(); ++head)
        items.push_back(item_of(*head, filter, running.clock().wall()));
    return json{{"items", std::move(items)}};
}

} // namespace roe::provider
