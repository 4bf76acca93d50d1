#include "watch/mailroom.hpp"

#include <algorithm>

#include "source/folder_name.hpp"

namespace roe::watch {

namespace {

using namespace std::chrono_literals;

constexpr std::size_t sweep_batch = 100;
constexpr auto expiry_interval = 1h;
constexpr auto sweep_after_fault = 5s;
// Rows that a watch asks the host for at this moment are due as well, but not the sweep's.
constexpr auto sweep_after_nothing = 200ms;

std::string folder_of(const trigger::ActiveTrigger &trigger, const WatchableMailbox &mailbox) {
    return trigger.parameters.folder.empty() ? mailbox.folder : trigger.parameters.folder;
}

} // namespace

// Asks the host again for what it did not take at once, and for what a crash left behind.
class Mailroom::OutboxSweep final : public Work {
  public:
    explicit OutboxSweep(Mailroom &room) : room_(room) {}

    Next run(Wake) override {
        if (cancelled_) return Next::idle();
        auto &tools = room_.ports_.tools;
        const auto swept = tools.delivery.sweep(sweep_batch);
        const auto now = tools.clock.steady();
        if (!swept) {
            room_.ports_.log("outbox: " + swept.error().text());
            return Next::at(now + sweep_after_fault);
        }
        if (swept->taken > 0) room_.expect_disposals(swept->folders);
        if (swept->asked == sweep_batch) return Next::again();
        const auto due = tools.ledger.next_outbox_time(tools.delivery.open_triggers());
        if (!due) return Next::at(now + sweep_after_fault);
        if (!*due) return Next::idle();
        const std::chrono::milliseconds wait = **due - tools.clock.wall();
        return Next::at(now + (wait.count() > 0 ? wait : sweep_after_nothing));
    }

    void cancel() override { cancelled_ = true; }

  private:
    Mailroom &room_;
    std::atomic<bool> cancelled_ = false;
};

// Keeps the message log as long as people were promised, and no longer.
class Mailroom::LogExpiry final : public Work {
  public:
    explicit LogExpiry(Mailroom &room) : room_(room) {}

    Next run(Wake) override {
        auto &tools = room_.ports_.tools;
        if (const auto expired = tools.ledger.expire_log(tools.clock.wall() - room_.ports_.log_retention);
            !expired)
            room_.ports_.log("message log: " + expired.error().text());
        return Next::at(tools.clock.steady() + expiry_interval);
    }

    void cancel() override {}

  private:
    Mailroom &room_;
};

// Tells authors that their mails could not start a job, also what a crash has left untold.
class Mailroom::ParkedNotices final : public Work {
  public:
    explicit ParkedNotices(Mailroom &room) : room_(room) {}

    Next run(Wake) override {
        if (cancelled_ || room_.ports_.notices == nullptr) return Next::idle();
        const auto again = room_.ports_.notices->tell_of_parked();
        return again ? Next::at(room_.ports_.tools.clock.steady() + *again) : Next::idle();
    }

    void cancel() override { cancelled_ = true; }

  private:
    Mailroom &room_;
    std::atomic<bool> cancelled_ = false;
};

Mailroom::Mailroom(Ports ports, std::size_t workers)
    : ports_(std::move(ports)),
      scheduler_(workers, [this](const std::string &fault) { ports_.log("unexpected: " + fault); }),
      paused_(ports_.paused), began_(ports_.tools.clock.wall()) {
    sweep_work_ = scheduler_.add(std::make_shared<OutboxSweep>(*this), "host");
    notices_work_ = scheduler_.add(std::make_shared<ParkedNotices>(*this), "host");
    scheduler_.add(std::make_shared<LogExpiry>(*this), "host");
}

Mailroom::~Mailroom() {
    close();
}

void Mailroom::close() {
    scheduler_.stop();
}

void Mailroom::start(std::shared_ptr<const trigger::ActiveTrigger> trigger, const WatchableMailbox &mailbox) {
    const std::lock_guard one_change(changes_);
    ports_.tools.delivery.open(trigger);
    const FolderKey key{mailbox.id, folder_of(*trigger, mailbox)};
    bool moved = false;
    {
        const std::lock_guard lock(mutex_);
        const auto at = where_.find(trigger->id);
        moved = at != where_.end() && at->second != key;
    }
    if (moved) detach(trigger->id);
    attach(std::move(trigger), mailbox);
    if (mailbox.changed) mailbox.changed();
    sweep_outbox(); // starts may have waited for the trigger
}

void Mailroom::stop(const std::string &trigger) {
    const std::lock_guard one_change(changes_);
    ports_.tools.delivery.close(trigger);
    detach(trigger);
}

void Mailroom::replace(const WatchableMailbox &mailbox) {
    const std::lock_guard one_change(changes_);
    const auto keys = folders_of(mailbox.id);
    Triggers triggers;
    {
        const std::lock_guard lock(mutex_);
        standoffs_.erase(mailbox.id); // what was refused may be right now
        for (const auto &key : keys) {
            const auto &folder = folders_.at(key);
            triggers.insert(triggers.end(), folder.triggers.begin(), folder.triggers.end());
        }
    }
    for (const auto &key : keys)
        drop(key);
    for (auto &trigger : triggers)
        attach(trigger, mailbox);
}

Result<void> Mailroom::pause(const std::string &mailbox) {
    const std::lock_guard one_change(changes_);
    const auto now = ports_.tools.clock.wall();
    {
        const std::lock_guard lock(mutex_);
        if (paused_.contains(mailbox)) return {};
    }
    if (auto recorded = ports_.tools.ledger.pause(mailbox, now); !recorded) return recorded;
    {
        const std::lock_guard lock(mutex_);
        paused_[mailbox] = now;
    }
    for (const auto &key : folders_of(mailbox))
        end_watch(key);
    return {};
}

Result<void> Mailroom::resume(const std::string &mailbox) {
    const std::lock_guard one_change(changes_);
    if (auto recorded = ports_.tools.ledger.resume(mailbox); !recorded) return recorded;
    const auto keys = folders_of(mailbox);
    const std::lock_guard lock(mutex_);
    if (paused_.erase(mailbox) == 0) return {};
    standoffs_.erase(mailbox);
    for (const auto &key : keys)
        begin(folders_.at(key));
    return {};
}

void Mailroom::forget(const std::string &mailbox) {
    const std::lock_guard lock(mutex_);
    paused_.erase(mailbox);
    standoffs_.erase(mailbox);
    last_.erase(mailbox);
}

std::vector<Mailroom::FolderKey> Mailroom::folders_of(const std::string &mailbox) const {
    const std::lock_guard lock(mutex_);
    std::vector<FolderKey> keys;
    for (auto at = folders_.lower_bound({mailbox, {}}); at != folders_.end() && at->first.first == mailbox;
         ++at)
        keys.push_back(at->first);
    return keys;
}

void Mailroom::attach(std::shared_ptr<const trigger::ActiveTrigger> trigger, const WatchableMailbox &mailbox) {
    const std::lock_guard lock(mutex_);
    const FolderKey key{mailbox.id, folder_of(*trigger, mailbox)};
    auto &folder = folders_[key];
    where_[trigger->id] = key;
    std::erase_if(folder.triggers, [&](const auto &each) { return each->id == trigger->id; });
    folder.triggers.push_back(std::move(trigger));
    if (folder.watch) {
        folder.watch->set_triggers(folder.triggers);
        scheduler_.poke(folder.work);
        return;
    }
    folder.mailbox = mailbox;
    folder.name = key.second;
    if (!paused_.contains(mailbox.id)) begin(folder);
}

void Mailroom::begin(Folder &folder) {
    const auto &mailbox = folder.mailbox;
    Watched watched;
    watched.mailbox = mailbox.id;
    watched.address = mailbox.address;
    watched.protocol = mailbox.protocol;
    watched.folder = folder.name;
    watched.server = mailbox.server;
    watched.node = ports_.node;
    watched.disposal = mailbox.disposal;
    watched.trusted_authserv = mailbox.trusted_authserv;
    auto &standoff = standoffs_[mailbox.id];
    if (!standoff) standoff = std::make_shared<Standoff>();
    watched.standoff = standoff;
    // A trigger may watch the very folder that the mailbox's mails are moved to: there they stay.
    if (same_folder(folder.name, watched.disposal.move_to)) watched.disposal.move_to.clear();
    watched.changed = mailbox.changed;
    watched.started_triggers = [list = mailbox.started_triggers, name = folder.name] { return list(name); };
    watched.make_source = [make = mailbox.make_source, name = folder.name] { return make(name); };
    folder.watch = std::make_shared<FolderWatch>(ports_.tools, std::move(watched), ports_.log);
    folder.watch->set_triggers(folder.triggers);
    folder.watched_since = ports_.tools.clock.wall();
    folder.work = scheduler_.add(folder.watch, mailbox.lane);
}

void Mailroom::detach(const std::string &trigger) {
    FolderKey key;
    {
        const std::lock_guard lock(mutex_);
        const auto at = where_.find(trigger);
        if (at == where_.end()) return;
        key = at->second;
        where_.erase(at);
        auto &folder = folders_.at(key);
        std::erase_if(folder.triggers, [&](const auto &each) { return each->id == trigger; });
        if (folder.watch) folder.watch->set_triggers(folder.triggers);
        if (!folder.triggers.empty()) {
            if (!folder.watch) return;
            // What the others have decided may be disposed of without this one.
            folder.watch->expect_disposals();
            scheduler_.poke(folder.work);
            return;
        }
    }
    drop(key);
}

void Mailroom::drop(const FolderKey &key) {
    end_watch(key);
    const std::lock_guard lock(mutex_);
    folders_.erase(key);
}

// Waits for the run that is under way, without holding up those who only look.
void Mailroom::end_watch(const FolderKey &key) {
    Scheduler::Id work = 0;
    {
        const std::lock_guard lock(mutex_);
        const auto &folder = folders_.at(key);
        if (!folder.watch) return;
        work = folder.work;
    }
    scheduler_.remove(work);
    std::function<void()> changed;
    {
        const std::lock_guard lock(mutex_);
        auto &folder = folders_.at(key);
        auto left = folder.watch->health();
        left.since = ports_.tools.clock.wall();
        last_[key.first] = std::move(left);
        folder.watch.reset();
        changed = folder.mailbox.changed;
    }
    if (changed) changed();
}

void Mailroom::sweep_outbox() {
    scheduler_.poke(sweep_work_);
}

void Mailroom::expect_pending(const std::string &trigger) {
    const std::lock_guard lock(mutex_);
    const auto at = where_.find(trigger);
    if (at == where_.end()) return;
    const auto folder = folders_.find(at->second);
    if (folder == folders_.end() || !folder->second.watch) return;
    folder->second.watch->expect_pending();
    scheduler_.poke(folder->second.work);
}

void Mailroom::tell_of_parked() {
    scheduler_.poke(notices_work_);
}

void Mailroom::expect_disposals(const std::set<ledger::RowId> &rows) {
    const std::lock_guard lock(mutex_);
    for (auto &[key, folder] : folders_) {
        if (!folder.watch || !rows.contains(folder.watch->row())) continue;
        folder.watch->expect_disposals();
        scheduler_.poke(folder.work);
    }
}

Health Mailroom::mailbox_health(const std::string &mailbox) const {
    const std::lock_guard lock(mutex_);
    return health_of(mailbox);
}

std::map<State, std::size_t> Mailroom::states() const {
    const std::lock_guard lock(mutex_);
    std::map<State, std::size_t> counts;
    for (auto at = folders_.begin(); at != folders_.end();) {
        const auto &mailbox = at->first.first;
        ++counts[health_of(mailbox).state];
        while (at != folders_.end() && at->first.first == mailbox)
            ++at;
    }
    return counts;
}

std::optional<WallTime> Mailroom::oldest_look() const {
    const std::lock_guard lock(mutex_);
    std::optional<WallTime> oldest;
    for (const auto &[key, folder] : folders_) {
        if (!folder.watch) continue;
        const auto last = folder.watch->health().last_look.value_or(folder.watched_since);
        oldest = std::min(oldest.value_or(last), last);
    }
    return oldest;
}

// The caller holds the mutex.
Health Mailroom::health_of(const std::string &mailbox) const {
    std::optional<Health> worst;
    for (auto at = folders_.lower_bound({mailbox, {}}); at != folders_.end() && at->first.first == mailbox;
         ++at) {
        if (!at->second.watch) continue;
        const auto health = at->second.watch->health();
        worst = worst ? worse(*worst, health) : health;
    }
    return worst ? *worst : at_rest(mailbox);
}

// The caller holds the mutex.
Health Mailroom::at_rest(const std::string &mailbox) const {
    Health health;
    health.since = began_;
    if (const auto left = last_.find(mailbox); left != last_.end()) {
        health.since = left->second.since;
        health.last_look = left->second.last_look;
        health.last_mail = left->second.last_mail;
    }
    if (const auto paused = paused_.find(mailbox); paused != paused_.end()) {
        health.state = State::paused;
        health.since = paused->second;
    }
    return health;
}

std::optional<Mailroom::TriggerHealth> Mailroom::trigger_health(const std::string &trigger) const {
    FolderKey key;
    Health health;
    {
        const std::lock_guard lock(mutex_);
        const auto at = where_.find(trigger);
        if (at == where_.end()) return std::nullopt;
        key = at->second;
        if (const auto &watch = folders_.at(key).watch)
            return TriggerHealth{watch->is_ready(trigger), watch->health()};
        health = at_rest(key.first);
    }
    return TriggerHealth{has_baseline(trigger, key), std::move(health)};
}

bool Mailroom::has_baseline(const std::string &trigger, const FolderKey &key) const {
    const auto restored = ports_.tools.ledger.restored(trigger);
    if (!restored || (*restored && !(*restored)->baseline)) return false;
    const auto row = ports_.tools.ledger.folder(key.first, key.second);
    if (!row) return false;
    const auto marks = ports_.tools.ledger.marks(row->id);
    return marks &&
           std::any_of(marks->begin(), marks->end(), [&](const auto &mark) { return mark.trigger == trigger; });
}

} // namespace roe::watch
