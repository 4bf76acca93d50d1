#include "watch/folder_watch.hpp"

#include <algorithm>

#include "watch/backoff.hpp"

namespace roe::watch {

namespace {

using namespace std::chrono_literals;

// A pushed folder is looked at all the same, as pushes are lost (IDLE dies in silence).
constexpr std::chrono::seconds least_safety_look = 60s;
constexpr std::chrono::milliseconds lease_time = 24h;
// A server that breaks so often in a row when it is to push is polled.
constexpr int most_parks_broken = 3;
// While another folder of the mailbox is the first to be opened.
constexpr auto turn_pause = 200ms;
constexpr const char *polling_mode = "polling";

std::chrono::seconds interval_of(const Triggers &triggers) {
    int interval = triggers.front()->parameters.interval_seconds;
    for (const auto &trigger : triggers)
        interval = std::min(interval, trigger->parameters.interval_seconds);
    return std::chrono::seconds(interval);
}

// Whether a person who looks at the mailbox sees another picture. The time of the last look alone is none, as
// it changes with each.
bool seen_to_differ(const Health &a, const Health &b) {
    if (a.state != b.state || a.until != b.until || a.mode != b.mode || a.last_mail != b.last_mail) return true;
    if (a.error.has_value() != b.error.has_value()) return true;
    return a.error && (a.error->step != b.error->step || a.error->server_text != b.error->server_text ||
                       a.error->advice != b.error->advice);
}

} // namespace

FolderWatch::FolderWatch(Tools tools, Watched watched, std::function<void(const std::string &)> log)
    : tools_(tools), watched_(std::move(watched)), log_(std::move(log)),
      rounds_(tools_, watched_.started_triggers, log_), random_(std::random_device{}()) {
    health_.state = State::connecting;
    health_.since = tools_.clock.wall();
    fresh_until_ = tools_.clock.steady() + freshness_bound(least_safety_look);
}

FolderWatch::~FolderWatch() {
    close();
}

void FolderWatch::set_triggers(Triggers triggers) {
    const std::lock_guard lock(mutex_);
    std::erase_if(ready_, [&](const std::string &id) {
        return std::none_of(triggers.begin(), triggers.end(), [&](const auto &each) { return each->id == id; });
    });
    triggers_ = std::move(triggers);
}

Triggers FolderWatch::triggers() const {
    const std::lock_guard lock(mutex_);
    return triggers_;
}

Health FolderWatch::health() const {
    const std::lock_guard lock(mutex_);
    const auto overdue =
        std::chrono::duration_cast<std::chrono::milliseconds>(tools_.clock.steady() - fresh_until_);
    const bool seems_well = health_.state == State::connecting || health_.state == State::watching ||
                            health_.state == State::polling;
    if (!seems_well) return health_;
    if (overdue.count() <= 0) return with_refusal();
    return stale(health_, tools_.clock.wall(), overdue, watched_.folder + " of " + watched_.address);
}

bool FolderWatch::is_ready(const std::string &trigger) const {
    const std::lock_guard lock(mutex_);
    return ready_.contains(trigger);
}

void FolderWatch::cancel() {
    cancelled_ = true;
    const std::lock_guard lock(mutex_);
    if (live_source_ != nullptr) live_source_->cancel();
}

Next FolderWatch::run(Wake why) {
    if (cancelled_) return Next::idle();
    const auto triggers = this->triggers();
    if (triggers.empty()) {
        close();
        enter(State::idle);
        return Next::idle();
    }
    Standoff::Turn turn;
    const auto next = attend(triggers, why, turn);
    return next ? *next : after_fault(next.error());
}

Result<Next> FolderWatch::attend(const Triggers &triggers, Wake why, Standoff::Turn &turn) {
    if (source_ && source_->spent()) close();
    if (!source_ && tools_.clock.steady() < not_before_) return Next::at(not_before_);
    if (source_ && push_asked_again_at_ <= tools_.clock.steady() &&
        !watched_.standoff->at(tools_.clock.steady()))
        close();
    if (!source_) {
        auto taken = watched_.standoff->turn();
        if (!taken) return Next::at(tools_.clock.steady() + turn_pause);
        turn = *std::move(taken);
        // Another folder of the mailbox was refused, or this one before somebody poked.
        if (const auto refusal = watched_.standoff->at(tools_.clock.steady()))
            return in_trouble(refusal->error, refusal->until);
        if (auto opened = open(); !opened) return opened.error();
        turn = {};
    }
    if (parked_) {
        const auto woke = source_->unpark(why == Wake::readable);
        if (!woke) return woke.error();
        if (*woke) next_look_ = SteadyTime::min();
        if (why != Wake::readable) park_until_ = tools_.clock.steady() + source_->park_limit();
    }
    if (why == Wake::poked) next_look_ = SteadyTime::min();
    if (disposals_expected_.exchange(false)) rounds_.expect_disposals();
    if (pending_expected_.exchange(false)) rounds_.expect_pending();

    if (next_look_ <= tools_.clock.steady()) {
        const auto more = look(triggers);
        if (!more) return more.error();
        if (*more) {
            next_look_ = SteadyTime::min();
            return Next::again();
        }
    }
    return wait();
}

Result<void> FolderWatch::open() {
    enter(State::connecting);
    const auto epoch = tools_.ledger.lease(watched_.mailbox, watched_.node, tools_.clock.wall(), lease_time);
    if (!epoch) return epoch.error();
    if (!*epoch)
        return Error{Fault::storage, "ledger", "taking over the mailbox " + watched_.address,
                     "another node of this host watches it",
                     "Stop the other node, or wait until its lease ends."};

    auto source = watched_.make_source();
    if (!source) return source.error();
    source_ = std::move(*source);
    parked_ = false;
    next_look_ = SteadyTime::min();
    {
        const std::lock_guard lock(mutex_);
        live_source_ = source_.get();
    }
    if (cancelled_) return Error{Fault::cancelled, "connect", "stopping", {}, {}};
    const auto status = source_->open();
    if (!status) return status.error();
    watched_.standoff->note_opened(true);
    can_push_ = status->can_push;
    push_asked_again_at_ = SteadyTime::max();
    snapshot_ = status->snapshot;
    least_pause_ = status->least_pause;
    not_before_ = tools_.clock.steady() + least_pause_;

    const auto row = tools_.ledger.folder(watched_.mailbox, watched_.folder);
    if (!row) return row.error();
    row_ = row->id;
    // UIDs mean something only together with UIDVALIDITY and the account that they are in (RFC 9051 §2.3.1.1).
    const auto validity = status->validity + "@" + watched_.server;
    if (row->validity != validity)
        if (auto set = tools_.ledger.set_folder_identity(row->id, watched_.server, validity); !set) return set;
    change_health([&](Health &health) {
        health.mode = status->mode;
        if (!health.last_mail) health.last_mail = row->last_mail;
    });
    return rounds_.begin({row->id, validity, watched_.address, watched_.protocol, watched_.folder,
                          watched_.node, **epoch, watched_.disposal, watched_.trusted_authserv},
                         *source_);
}

Result<bool> FolderWatch::look(const Triggers &triggers) {
    parked_ = false;
    if (const auto taken = rounds_.take_baselines(triggers); !taken) return taken.error();
    {
        const std::lock_guard lock(mutex_);
        for (const auto &trigger : triggers)
            ready_.insert(trigger->id);
    }
    const auto more_pending = rounds_.pending_mail(triggers);
    if (!more_pending) return more_pending.error();
    const auto more_new = rounds_.new_mail(triggers);
    if (!more_new) return more_new.error();
    const bool more = *more_pending || *more_new;
    // Deleting may end the session, so what is there to be seen comes first.
    bool more_to_dispose = false;
    if (!more || !snapshot_) {
        const auto left = rounds_.dispose(triggers, more);
        if (!left) return left.error();
        more_to_dispose = *left;
    }
    note_look(triggers);
    return more || more_to_dispose;
}

Result<Next> FolderWatch::wait() {
    if (!can_push_) {
        // It would go on showing what is known, and keep the mailbox from others.
        if (snapshot_) close();
        enter(State::polling);
        return Next::at(next_look_);
    }
    if (!parked_) {
        // Looks that go well in between would have it begun anew without end.
        if (parks_broken_ == most_parks_broken) {
            --parks_broken_;
            return poll_from_now_on();
        }
        const auto parked = source_->park();
        if (!parked) {
            ++parks_broken_;
            return parked.error();
        }
        parks_broken_ = 0;
        if (*parked == Parking::look_first) {
            next_look_ = SteadyTime::min();
            return Next::again();
        }
        if (*parked == Parking::deaf) return poll_from_now_on();
        times_deaf_ = 0;
        parked_ = true;
        park_until_ = tools_.clock.steady() + source_->park_limit();
    }
    enter(State::watching);
    return Next::parked(source_->descriptor(), std::min(park_until_, next_look_));
}

// A server that offers to push and then does not: the triggers' interval counts from now on, not the safety
// look's. It is asked again in a later session.
Next FolderWatch::poll_from_now_on() {
    can_push_ = false;
    push_asked_again_at_ = tools_.clock.steady() + pause_before_push(++times_deaf_, chance());
    schedule_look(triggers());
    change_health([](Health &health) { health.mode = polling_mode; });
    enter(State::polling);
    return Next::at(next_look_);
}

Next FolderWatch::after_fault(const Error &error) {
    close();
    if (cancelled_ || error.fault == Fault::cancelled) return Next::idle();
    ++tools_.figures.looks_failed;
    const auto wait = backoff(error, ++faults_in_a_row_, chance());
    log_(watched_.address + " " + watched_.folder + ": " + error.text() + "; next try in " +
         std::to_string(std::chrono::duration_cast<std::chrono::seconds>(wait).count()) + " s");
    const auto until = tools_.clock.steady() + wait;
    watched_.standoff->note_opened(false);
    if (Standoff::is_begun_by(error.fault)) watched_.standoff->begin(error, until);
    return in_trouble(error, until);
}

Next FolderWatch::in_trouble(const Error &error, SteadyTime until) {
    const auto wait = std::chrono::duration_cast<std::chrono::milliseconds>(until - tools_.clock.steady());
    change_health([&](Health &health) {
        health.error = error;
        health.mode.clear();
    });
    enter(state_after(error.fault), tools_.clock.wall() + wait);
    return Next::in_trouble_until(until);
}

void FolderWatch::close() {
    {
        const std::lock_guard lock(mutex_);
        live_source_ = nullptr;
    }
    if (source_) source_->close();
    source_.reset();
    parked_ = false;
}

void FolderWatch::enter(State state, std::optional<WallTime> until) {
    change_health([&](Health &health) {
        // A mailbox in error stays so while it is tried again, until a look succeeds.
        if (state == State::connecting && health.error) return;
        // A session for each look is how such a mailbox is polled.
        if (state == State::connecting && health.state == State::polling) return;
        if (health.state != state) health.since = tools_.clock.wall();
        health.state = state;
        health.until = until;
        if (state == State::idle) {
            health.mode.clear();
            health.error.reset();
        }
    });
}

template <class Change>
void FolderWatch::change_health(Change change) {
    {
        const std::lock_guard lock(mutex_);
        const auto before = with_refusal();
        change(health_);
        if (!seen_to_differ(before, with_refusal())) return;
    }
    if (watched_.changed) watched_.changed();
}

std::chrono::milliseconds FolderWatch::pause_between_looks(const Triggers &triggers) const {
    const auto interval = std::max<std::chrono::milliseconds>(interval_of(triggers), least_pause_);
    return can_push_ ? std::max<std::chrono::milliseconds>(interval, least_safety_look) : interval;
}

void FolderWatch::schedule_look(const Triggers &triggers) {
    const auto pause = pause_between_looks(triggers);
    // Spread, so that mailboxes that began together do not look together for ever.
    next_look_ = tools_.clock.steady() + scaled(pause, 0.9 + 0.1 * chance());
}

void FolderWatch::note_look(const Triggers &triggers) {
    faults_in_a_row_ = 0;
    schedule_look(triggers);
    ++tools_.figures.looks_succeeded;
    change_health([&](Health &health) {
        fresh_until_ = tools_.clock.steady() + freshness_bound(pause_between_looks(triggers));
        health.last_look = tools_.clock.wall();
        if (rounds_.last_mail()) health.last_mail = rounds_.last_mail();
        health.error.reset();
        refused_disposal_ = rounds_.refused_disposal();
    });
}

// Jobs start; what is not done to their mails is told all the same. The caller holds the mutex.
Health FolderWatch::with_refusal() const {
    auto health = health_;
    if (!health.error) health.error = refused_disposal_;
    return health;
}

double FolderWatch::chance() {
    return std::uniform_real_distribution<double>(0, 1)(random_);
}

} // namespace roe::watch
