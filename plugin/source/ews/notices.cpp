#include "source/ews/notices.hpp"

#include <algorithm>
#include <utility>

#include "source/ews/response_code.hpp"

namespace roe::ews {

namespace {

using namespace std::chrono_literals;

// GetStreamingEvents takes 1 to 30 minutes.
constexpr auto longest_span = 29min;
// The server says at once that it listens; some say nothing before there is news.
constexpr auto first_words = 2s;
// The server ends its answer first, so that renewing is mostly its doing.
constexpr auto grace = 30s;
constexpr std::chrono::milliseconds widest_spread = 30s;
// Exchange gives a sign of life every 45 seconds; a connection that has died in silence gives none.
constexpr auto longest_silence = 2min;
// A proxy that ends what does not end by itself makes streaming useless.
constexpr auto least_life = 10s;
constexpr int most_short_lived = 3;

std::chrono::minutes span_of(const Limits &limits) {
    return std::clamp<std::chrono::minutes>(std::chrono::duration_cast<std::chrono::minutes>(limits.idle), 1min,
                                            longest_span);
}

// What the watching as a whole must know of; else the stream alone has broken, and the next look tells whether
// the server is there.
bool is_about_the_mailbox(const Error &error) {
    return error.fault == Fault::cancelled || error.fault == Fault::throttled ||
           error.fault == Fault::login_refused || error.fault == Fault::consent_needed;
}

// The server was reached and does not do what it was asked, nor names a fault that passes: that will not change
// soon.
bool is_for_good(const Error &error, const std::string &code) {
    const bool passes =
        error.fault == Fault::unreachable && !code.empty() && code != "ErrorInternalServerError";
    return !is_about_the_mailbox(error) && error.step == "look" && !passes;
}

} // namespace

Notices::Notices(std::unique_ptr<Session> session, FolderId folder)
    : session_(std::move(session)), folder_(std::move(folder)), span_(span_of(session_->limits())),
      random_(std::random_device{}()) {
    session_->doing("look", "waiting for new mail");
}

Result<Parking> Notices::listen() {
    while (open_ && session_->pending())
        if (auto taken = take_in(session_->clock().steady()); !taken) return std::move(taken.error());
    if (refused_ || short_lived_ >= most_short_lived) return Parking::deaf;
    if (open_) return take_news() ? Parking::look_first : Parking::parked;
    const bool fresh = subscription_.empty();
    if (fresh) {
        const auto subscribed = subscribe();
        if (!subscribed) return subscribed.error();
        if (*subscribed == Listening::deaf) return Parking::deaf;
    }
    const auto opened = open();
    if (!opened) return opened.error();
    if (*opened == Listening::deaf) return Parking::deaf;
    // What came before the subscription was there is not told of.
    return take_news() || fresh || !open_ ? Parking::look_first : Parking::parked;
}

Result<Notices::Listening> Notices::subscribe() {
    auto answer = session_->ask([&](const Caller &caller) {
        return subscribe_streaming(caller, {&folder_, 1});
    });
    if (!answer) {
        refused_ = refuses_streaming(session_->code()) || is_for_good(answer.error(), session_->code());
        if (refused_) return Listening::deaf;
        return std::move(answer.error());
    }
    auto *subscription = std::get_if<Subscription>(&answer->content);
    if (subscription == nullptr || subscription->id.empty()) return Listening::deaf;
    subscription_ = std::move(subscription->id);
    return Listening::yes;
}

Result<Notices::Listening> Notices::open() {
    opened_at_ = session_->clock().steady(); // an answer that is none counts as one that ended at once
    auto begun = session_->begin([&](const Caller &caller) {
        return get_streaming_events(caller, {&subscription_, 1}, span_);
    });
    if (!begun) {
        if (ends_subscription(session_->code())) {
            subscription_.clear();
            note_end();
            return Listening::yes;
        }
        // What does not come in time may be held back, by a proxy that waits for the end.
        refused_ = refuses_streaming(session_->code()) || is_for_good(begun.error(), session_->code()) ||
                   begun.error().fault == Fault::timed_out;
        if (refused_) return Listening::deaf;
        return std::move(begun.error());
    }
    open_ = true;
    opened_at_ = session_->clock().steady();
    heard_at_ = opened_at_;
    // Thousands of answers that began together are not to be renewed together.
    std::uniform_int_distribution<std::int64_t> spread(0, widest_spread.count());
    spread_ = std::chrono::milliseconds(spread(random_));
    auto going_on = take_in(opened_at_ + first_words);
    if (!going_on) return std::move(going_on.error());
    return refused_ ? Listening::deaf : Listening::yes;
}

Result<bool> Notices::take_in(SteadyTime deadline) {
    auto going_on = session_->take_in(deadline, [this](const Message &message) { return take(message); });
    if (!going_on && is_about_the_mailbox(going_on.error())) return going_on;
    if (going_on && *going_on && open_) return true;
    note_end();
    return false;
}

Result<void> Notices::take(const Message &message) {
    heard_at_ = session_->clock().steady();
    if (const auto *events = std::get_if<StreamingEvents>(&message.content)) {
        if (events->news > 0) {
            news_ = true;
            short_lived_ = 0;
        }
        if (events->closed) open_ = false;
        if (!events->lost.empty()) {
            subscription_.clear();
            open_ = false;
        }
    }
    const auto &code = message.outcome.code;
    if (message.outcome.ok) return {};
    open_ = false;
    if (ends_subscription(code))
        subscription_.clear();
    else if (refuses_streaming(code))
        refused_ = true;
    else
        return session_->error_of(message.outcome);
    return {};
}

void Notices::note_end() {
    open_ = false;
    session_->close();
    const bool short_lived = session_->clock().steady() - opened_at_ < least_life;
    short_lived_ = short_lived ? short_lived_ + 1 : 0;
}

Result<bool> Notices::hear(std::chrono::milliseconds patience) {
    do {
        const auto going_on = take_in(session_->clock().steady() + patience);
        if (!going_on) return going_on.error();
        // Nobody listens now; after the look somebody does again.
        if (!*going_on) {
            news_ = false;
            return true;
        }
        patience = 0ms;
    } while (session_->pending());
    return take_news();
}

SteadyTime Notices::due() const {
    if (!open_) return {};
    return std::min(opened_at_ + span_ + grace, heard_at_ + longest_silence) + spread_;
}

Result<bool> Notices::renew() {
    if (!open_) return true;
    open_ = false;
    const auto opened = open();
    if (!opened) return opened.error();
    return take_news() || !open_;
}

} // namespace roe::ews
