#include "settings/token_book.hpp"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <optional>
#include <stop_token>
#include <utility>

#include <nlohmann/json.hpp>

#include "base/digest.hpp"
#include "base/wipe.hpp"
#include "source/words.hpp"

namespace roe::settings {

using namespace std::chrono_literals;
using nlohmann::json;

namespace {

constexpr std::chrono::milliseconds earliest_renewal = 10min; // before it lapses
constexpr std::chrono::milliseconds next_try = 30s;
// A little less than the pause after a refused login, so that each of them asks once.
constexpr std::chrono::milliseconds refusal_counts = 55min;
constexpr std::size_t most_drafts = 64;

std::string context_of(const std::string &mailbox) {
    return "run-on-email/mailbox/" + mailbox + "/tokens";
}

// What the tokens were got with.
std::string grant_of(const net::TokenRequest &request) {
    std::string all;
    for (const auto *part : {&request.endpoint, &request.client_id, &request.client_secret,
                             &request.refresh_token, &request.scope})
        all += std::to_string(part->size()) + ":" + *part;
    all += request.grant == net::Grant::refresh_token ? "r" : "c";
    Sha256 digest;
    digest.add(all);
    wipe(all);
    return digest.hex();
}

WallTime wall_time(std::int64_t milliseconds) {
    return WallTime(std::chrono::milliseconds(milliseconds));
}

} // namespace

struct TokenBook::Kept {
    std::string access;
    std::string refresh; // empty: the one of the settings
    WallTime expires{};
    WallTime renew_at{};
};

// All that is known of one mailbox's tokens. Whoever has the turn uses it; no lock is held meanwhile.
struct TokenBook::Desk {
    Desk(std::string whose, std::string got_with) : mailbox(std::move(whose)), grant(std::move(got_with)) {}
    Desk(const Desk &) = delete;
    Desk &operator=(const Desk &) = delete;
    ~Desk() {
        wipe(kept.access);
        wipe(kept.refresh);
    }

    const std::string mailbox; // empty: a draft's
    const std::string grant;

    std::mutex mutex; // guards `taken`
    std::condition_variable_any left;
    bool taken = false;

    std::atomic<bool> ask_again = false; // whatever was refused

    // Of whoever has the turn.
    bool recalled = false;
    bool unsaved = false;
    Kept kept;
    std::optional<Error> refusal;
    WallTime refusal_until{};
};

namespace {

template <class Desk>
class Turn {
  public:
    Turn(Desk &desk, const std::stop_token &stop) : desk_(desk) {
        std::unique_lock lock(desk_.mutex);
        has_it_ = desk_.left.wait(lock, stop, [this] { return !desk_.taken; });
        if (has_it_) desk_.taken = true;
    }
    Turn(const Turn &) = delete;
    Turn &operator=(const Turn &) = delete;
    ~Turn() {
        if (!has_it_) return;
        {
            const std::lock_guard lock(desk_.mutex);
            desk_.taken = false;
        }
        desk_.left.notify_one();
    }
    explicit operator bool() const { return has_it_; }

  private:
    Desk &desk_;
    bool has_it_ = false;
};

} // namespace

class TokenBook::Tap final : public net::TokenSource {
  public:
    Tap(TokenBook &book, std::shared_ptr<Desk> desk, net::TokenRequest request, net::StepObserver *observer)
        : book_(book), desk_(std::move(desk)), request_(std::move(request)), observer_(observer) {}
    Tap(const Tap &) = delete;
    Tap &operator=(const Tap &) = delete;
    ~Tap() override {
        wipe(request_.client_secret);
        wipe(request_.refresh_token);
    }

    Result<net::AccessToken> token(std::string_view refused) override {
        auto got = book_.token(*desk_, request_, refused, observer_ != nullptr, stop_.get_token());
        if (got && observer_ != nullptr) observer_->authorized(request_.endpoint, got->renew_at);
        return got;
    }

    void cancel() override { stop_.request_stop(); }

  private:
    TokenBook &book_;
    const std::shared_ptr<Desk> desk_;
    net::TokenRequest request_;
    net::StepObserver *const observer_;
    std::stop_source stop_;
};

TokenBook::TokenBook(ledger::Ledger &ledger, orch::sdk::SecretsService &secrets,
                     std::shared_ptr<net::Connector> connector, std::shared_ptr<const Clock> clock)
    : ledger_(ledger), secrets_(secrets), connector_(std::move(connector)), clock_(std::move(clock)) {}

TokenBook::~TokenBook() = default;

std::shared_ptr<net::TokenSource> TokenBook::source(const std::string &mailbox, net::TokenRequest request,
                                                    net::StepObserver *observer) {
    auto desk = desk_for(mailbox, grant_of(request));
    return std::make_shared<Tap>(*this, std::move(desk), std::move(request), observer);
}

std::shared_ptr<TokenBook::Desk> TokenBook::desk_for(const std::string &mailbox, const std::string &grant) {
    const std::lock_guard lock(mutex_);
    // A form with the secrets of a saved mailbox: a refresh token that is good for one use has one owner.
    if (mailbox.empty())
        for (const auto &[key, desk] : desks_)
            if (desk->grant == grant) return desk;
    auto &desk = mailbox.empty() ? drafts_[grant] : desks_[mailbox];
    if (!desk || desk->grant != grant) desk = std::make_shared<Desk>(mailbox, grant);
    auto found = desk;
    if (drafts_.size() > most_drafts) {
        const auto first = drafts_.begin();
        drafts_.erase(first->second == found ? std::next(first) : first);
    }
    return found;
}

void TokenBook::forget_refusal(const std::string &mailbox) {
    std::shared_ptr<Desk> desk;
    {
        const std::lock_guard lock(mutex_);
        if (const auto found = desks_.find(mailbox); found != desks_.end()) desk = found->second;
    }
    // Without the turn: somebody may be waiting for the endpoint.
    if (desk) desk->ask_again = true;
}

Result<net::AccessToken> TokenBook::token(Desk &desk, const net::TokenRequest &request,
                                          std::string_view refused, bool ask_anyway,
                                          const std::stop_token &stop) {
    const Turn turn(desk, stop);
    if (!turn) return Error{Fault::cancelled, "login", "waiting for an access token", {}, {}};
    recall(desk, stop);
    if (desk.ask_again.exchange(false)) desk.refusal.reset();
    auto &kept = desk.kept;
    const auto now = clock_->wall();
    if (kept.access == refused) wipe(kept.access), kept.access.clear();
    if (kept.access.empty() || now >= kept.renew_at) {
        if (desk.refusal && now < desk.refusal_until && !ask_anyway) {
            if (kept.access.empty() || now >= kept.expires) return *desk.refusal;
        } else if (auto renewed = renew(desk, request, stop); !renewed) {
            // What has not lapsed yet is as good as ever.
            const bool usable =
                !kept.access.empty() && now < kept.expires && renewed.error().fault != Fault::cancelled;
            if (!usable) return std::move(renewed.error());
            kept.renew_at = now + std::max(next_try, renewed.error().retry_after.value_or(0ms));
        }
    }
    if (desk.unsaved)
        if (auto written = keep(desk); !written) return std::move(written.error());
    return net::AccessToken{kept.access, kept.renew_at};
}

Result<void> TokenBook::renew(Desk &desk, const net::TokenRequest &request, const std::stop_token &stop) {
    auto asked = request;
    if (!desk.kept.refresh.empty()) asked.refresh_token = desk.kept.refresh;
    auto tokens = net::request_tokens(*connector_, *clock_, asked, stop);
    if (!tokens) {
        auto &error = tokens.error();
        for (const auto *secret : {&asked.refresh_token, &asked.client_secret})
            error.server_text = strike_out(std::move(error.server_text), *secret);
        error.server_text = clean_words(error.server_text);
    }
    wipe(asked.refresh_token);
    wipe(asked.client_secret);
    if (!tokens) {
        if (tokens.error().fault == Fault::consent_needed) {
            desk.refusal = tokens.error();
            desk.refusal_until = clock_->wall() + refusal_counts;
        }
        return std::move(tokens.error());
    }
    desk.refusal.reset();
    const std::chrono::milliseconds lifetime = tokens->lifetime;
    const auto now = clock_->wall();
    auto &kept = desk.kept;
    kept.access = std::move(tokens->access);
    kept.expires = now + lifetime;
    kept.renew_at = kept.expires - std::min(earliest_renewal, lifetime / 3);
    if (!tokens->refresh.empty()) kept.refresh = std::move(tokens->refresh);
    desk.unsaved = true;
    return {};
}

// What cannot be read any more, as the host's key is another one, was got with settings that can't be read
// either.
void TokenBook::recall(Desk &desk, const std::stop_token &stop) {
    if (std::exchange(desk.recalled, true) || desk.mailbox.empty()) return;
    auto &kept = desk.kept;
    if (const auto sealed = ledger_.tokens(desk.mailbox); sealed && !sealed->empty()) {
        if (auto opened = secrets_.open(context_of(desk.mailbox), *sealed)) {
            const auto values = json::parse(*opened, nullptr, false);
            wipe(*opened);
            if (values.is_object() && values.value("grant", "") == desk.grant) {
                kept.access = values.value("access", "");
                kept.refresh = values.value("refresh", "");
                kept.expires = wall_time(values.value("expires", std::int64_t{0}));
                kept.renew_at = wall_time(values.value("renewAt", std::int64_t{0}));
                return;
            }
        }
    } else if (!sealed) {
        desk.recalled = false;
        return;
    }
    std::shared_ptr<Desk> draft;
    {
        const std::lock_guard lock(mutex_);
        if (const auto found = drafts_.find(desk.grant); found != drafts_.end()) {
            draft = found->second;
            drafts_.erase(found);
        }
    }
    if (!draft) return;
    if (const Turn turn(*draft, stop); turn && !draft->kept.access.empty()) {
        kept = draft->kept;
        desk.unsaved = true;
    }
}

Result<void> TokenBook::keep(Desk &desk) {
    if (!desk.mailbox.empty()) {
        const auto &kept = desk.kept;
        auto text = json{{"grant", desk.grant},
                         {"access", kept.access},
                         {"refresh", kept.refresh},
                         {"expires", kept.expires.time_since_epoch().count()},
                         {"renewAt", kept.renew_at.time_since_epoch().count()}}
                        .dump();
        auto sealed = secrets_.seal(context_of(desk.mailbox), text);
        wipe(text);
        if (!sealed)
            return Error{Fault::storage, "login", "sealing the mailbox's tokens", sealed.failure().words, {}};
        if (auto written = ledger_.keep_tokens(desk.mailbox, *sealed); !written) return written;
    }
    desk.unsaved = false;
    return {};
}

} // namespace roe::settings
