#include "provider/preview.hpp"

#include <algorithm>
#include <optional>
#include <span>

#include <nlohmann/json.hpp>

#include "base/random_id.hpp"
#include "message/content.hpp"
#include "message/payload.hpp"
#include "provider/call_watch.hpp"
#include "provider/shown.hpp"
#include "trigger/filter.hpp"
#include "trigger/spool.hpp"

namespace roe::provider {

using nlohmann::json;
using orch::sdk::Outcome;

namespace {

using namespace std::chrono_literals;

// The host was promised an answer within a minute (orch/ext/trigger_provider.h).
constexpr auto longest_preview = 50s;

// A place for one whole mail, which is emptied each time.
class LookedInto {
  public:
    explicit LookedInto(trigger::Spool &spool) : spool_(spool), folder_(random_id("preview-")) {}
    ~LookedInto() { spool_.discard(folder_); }
    LookedInto(const LookedInto &) = delete;
    LookedInto &operator=(const LookedInto &) = delete;

    // Nothing when the mail is gone, or the server does not hand it out.
    Result<std::optional<message::Content>> read(MailSource &source, const MailRef &ref) {
        if (auto made = spool_.lay_out(folder_); !made) return made.error();
        trigger::SpoolWriter writer(spool_, {{ref.order, folder_}});
        if (auto fetched = source.fetch(std::span(&ref, 1), writer); !fetched) return fetched.error();
        if (!writer.has(ref.order)) return std::optional<message::Content>();
        auto content = message::read_content((spool_.path_of(folder_) / trigger::raw_file_name).string());
        if (!content) return content.error();
        return std::optional(*std::move(content));
    }

  private:
    trigger::Spool &spool_;
    std::string folder_;
};

// What each mail would do, and why.
class Preview {
  public:
    Preview(Running &running, const settings::Mailbox &mailbox, const trigger::Parameters &parameters)
        : clock_(running.clock()), knows_unread_(!mailbox.is_pop3()),
          trusted_authserv_(mailbox.trusted_authserv),
          filter_(trigger::parse_filter(parameters.from, parameters.subject, parameters.more_filters)),
          looked_into_(running.spool()) {}

    // The newest first, and how many mails StartFrom would begin with.
    Result<json> of_latest(MailSource &source, std::size_t most);

  private:
    Result<trigger::Verdict> decide(MailSource &source, const MailHead &head,
                                    const message::Envelope &envelope);
    Result<json> item_of(MailSource &source, const MailHead &head);

    const Clock &clock_;
    bool knows_unread_;
    std::string trusted_authserv_;
    trigger::Filter filter_;
    LookedInto looked_into_;
};

Result<trigger::Verdict> Preview::decide(MailSource &source, const MailHead &head,
                                         const message::Envelope &envelope) {
    const trigger::Verdict withheld{false, "withheld", "The server does not hand this mail out"};
    if (head.header_withheld) return withheld;
    auto verdict = trigger::decide(filter_, envelope, {head.header, head.size, trusted_authserv_});
    if (!verdict.matched || !filter_.needs_content()) return verdict;
    const auto content = looked_into_.read(source, head.ref);
    if (!content) return content.error();
    if (!*content) return withheld;
    auto refused = trigger::refusal_by_content(filter_, **content);
    return refused ? *std::move(refused) : verdict;
}

Result<json> Preview::item_of(MailSource &source, const MailHead &head) {
    const bool undated = head.received_at == WallTime{};
    const auto envelope = message::read_envelope(head.header, head.size);
    const auto decided = decide(source, head, envelope);
    if (!decided) return decided.error();
    const auto &verdict = *decided;
    const auto now = clock_.wall();
    return json{{"subject", text_or_null(envelope.subject)},
                {"from", text_or_null(message::sender_line(envelope))},
                {"receivedAt", timestamp(undated ? message::arrival_time(head.header, now) : head.received_at)},
                {"wouldStart", verdict.matched},
                {"reason", {{"code", verdict.code}, {"text", verdict.text}}}};
}

Result<json> Preview::of_latest(MailSource &source, std::size_t most) {
    const auto opened = source.open();
    if (!opened) return opened.error();
    json unread;
    if (knows_unread_) {
        const auto refs = source.unread();
        if (!refs) return refs.error();
        unread = refs->size();
    }
    auto heads = source.latest(most);
    if (!heads) return heads.error();
    std::ranges::reverse(*heads);
    json items = json::array();
    for (const auto &head : *heads) {
        auto item = item_of(source, head);
        if (!item) return item.error();
        items.push_back(*std::move(item));
    }
    source.close();
    return json{{"items", std::move(items)},
                {"there", {{"all", opened->count}, {"unread", std::move(unread)}}}};
}

std::string field_of(const Error &error, const trigger::Parameters &parameters) {
    return error.fault == Fault::no_folder && !parameters.folder.empty() ? "Folder" : "Email";
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
    auto shown = Preview(running, mailbox, parameters).of_latest(*source, limit);
    if (watch.taken_back()) return orch::sdk::cancelled();
    if (!shown) return not_reached(shown.error(), field_of(shown.error(), parameters));
    return *std::move(shown);
}

} // namespace roe::provider
