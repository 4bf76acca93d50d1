// Where a trigger begins in its folder: at its first look, anew when the folder has lost its identity, and anew
// after a restore.
#include <algorithm>
#include <array>
#include <iterator>

#include "base/crash_point.hpp"
#include "base/timestamp.hpp"
#include "trigger/events.hpp"
#include "watch/rounds.hpp"

namespace roe::watch {

using trigger::StartFrom;

namespace {

// Of the mails that a restored trigger passes over; only a figure for people.
constexpr std::size_t most_counted = 100'000;

} // namespace

Result<bool> Rounds::take_baselines(const Triggers &triggers) {
    std::vector<std::string> ids;
    for (const auto &trigger : triggers)
        ids.push_back(trigger->id);
    // One that was started again may have left pending mail behind.
    if (ids != known_triggers_) pending_due_ = {};
    known_triggers_ = std::move(ids);

    std::optional<FolderStatus> status;
    for (const auto &trigger : triggers) {
        const auto known = marks_.find(trigger->id);
        const bool restored = is_restored(*trigger);
        if (!restored && known != marks_.end() && known->second.validity == place_.validity) continue;
        if (!status) {
            auto now = source_->status();
            if (!now) return now.error();
            status = std::move(*now);
        }
        if (restored) {
            const auto begun = begin_anew(*trigger, *status);
            if (!begun) return begun.error();
            if (*begun) continue;
        }
        std::vector<MailRef> pending;
        auto mark = first_mark(*trigger, *status, pending);
        if (!mark) return mark.error();
        if (auto set = tools_.ledger.set_baseline(place_.folder, *mark, pending); !set) return set.error();
        marks_[trigger->id] = std::move(*mark);
        if (!pending.empty()) pending_due_ = {};
    }
    return status.has_value();
}

bool Rounds::is_restored(const trigger::ActiveTrigger &trigger) const {
    if (!trigger.restored) return false;
    const auto known = marks_.find(trigger.id);
    return known == marks_.end() || known->second.restored_until != trigger.restored->until;
}

// Whatever is there may have started its job after the backup was made.
Result<bool> Rounds::begin_anew(const trigger::ActiveTrigger &trigger, const FolderStatus &status) {
    const auto restored = tools_.ledger.restored(trigger.id);
    if (!restored) return restored.error();
    if (!*restored || (*restored)->baseline) return false; // in another folder
    const auto newer = count_newer(trigger, status);
    if (!newer) return newer.error();
    ledger::Mark mark;
    mark.trigger = trigger.id;
    mark.order = status.newest;
    mark.validity = place_.validity;
    mark.baseline_at = tools_.clock.wall();
    mark.restored_until = (*restored)->until;
    crash_point("restored-before-baseline");
    const auto mails = tools_.ledger.set_restored_baseline(place_.folder, mark, *newer);
    if (!mails) return mails.error();
    crash_point("restored-after-baseline");

    const trigger::PassedOver passed{place_.mailbox_address, place_.folder_name, *mails, (*restored)->from,
                                     mark.baseline_at};
    log_(place_.mailbox_address + " " + place_.folder_name + ": a backup was restored; the trigger " +
         trigger.id + " of the task \"" + trigger.task_name + "\" passes over " + std::to_string(*mails) +
         " mails that came between " + timestamp(passed.from) + " and " + timestamp(passed.until));
    const std::array events{trigger::passed_over_event(trigger, passed)};
    if (const auto written = tools_.journal.write(events); !written)
        log_("the journal did not take this: " + written.failure().words);
    marks_[trigger.id] = std::move(mark);
    return true;
}

// How many mails the trigger would have had to decide on, as far as its old mark tells.
Result<std::int64_t> Rounds::count_newer(const trigger::ActiveTrigger &trigger, const FolderStatus &status) {
    const auto known = marks_.find(trigger.id);
    if (known == marks_.end()) return trigger.parameters.start_from == StartFrom::new_mail ? 0 : status.count;
    if (known->second.validity != place_.validity) return status.count;
    const auto refs = source_->list(known->second.order, most_counted);
    if (!refs) return refs.error();
    return std::count_if(refs->begin(), refs->end(),
                         [&](const MailRef &ref) { return ref.order <= status.newest; });
}

Result<ledger::Mark> Rounds::first_mark(const trigger::ActiveTrigger &trigger, const FolderStatus &status,
                                        std::vector<MailRef> &pending) {
    ledger::Mark mark;
    mark.trigger = trigger.id;
    mark.validity = place_.validity;
    mark.baseline_at = tools_.clock.wall();
    if (const auto known = marks_.find(trigger.id); known != marks_.end()) {
        log_(place_.mailbox_address + " " + place_.folder_name +
             ": the folder's UIDVALIDITY or server changed; its mails are told apart by content");
        mark.baseline_at = known->second.baseline_at;
        mark.reconcile_to = status.newest;
        mark.restored_until = known->second.restored_until;
        return mark;
    }
    if (trigger.parameters.start_from == StartFrom::all) return mark;
    mark.order = status.newest;
    if (trigger.parameters.start_from == StartFrom::new_mail) return mark;
    auto unread = source_->unread();
    if (!unread) return unread.error();
    std::copy_if(std::make_move_iterator(unread->begin()), std::make_move_iterator(unread->end()),
                 std::back_inserter(pending), [&](const MailRef &ref) { return ref.order <= status.newest; });
    return mark;
}

} // namespace roe::watch
