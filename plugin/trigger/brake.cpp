#include "trigger/brake.hpp"

#include <algorithm>

namespace roe::trigger {

void Brake::open(const ActiveTrigger &trigger) {
    const std::lock_guard lock(mutex_);
    task_of_[trigger.id] = trigger.task_id;
    tasks_[trigger.task_id][trigger.id] = {trigger.parameters.brake_starts,
                                           std::chrono::minutes(trigger.parameters.brake_minutes)};
}

void Brake::close(const std::string &trigger) {
    const std::lock_guard lock(mutex_);
    const auto known = task_of_.find(trigger);
    if (known == task_of_.end()) return;
    const auto task = tasks_.find(known->second);
    task->second.erase(trigger);
    if (task->second.empty()) tasks_.erase(task);
    task_of_.erase(known);
}

bool Brake::has(const std::string &task) const {
    const std::lock_guard lock(mutex_);
    const auto found = tasks_.find(task);
    return found != tasks_.end() &&
           std::any_of(found->second.begin(), found->second.end(),
                       [](const auto &of_trigger) { return of_trigger.second.starts > 0; });
}

Result<Brake::Room> Brake::room(const std::string &task) const {
    auto reason = ledger_.brake_reason(task);
    if (!reason) return reason.error();
    if (!reason->empty()) return Room{0, std::move(*reason)};
    std::optional<Room> least;
    for (const auto &limit : limits_of(task)) {
        const auto made = ledger_.starts_since(task, clock_.wall() - limit.within);
        if (!made) return made.error();
        const auto left = std::max<std::int64_t>(limit.starts - *made, 0);
        if (least && least->starts <= left) continue;
        least = Room{left, "The brake of the task: it has started " + std::to_string(*made) + " jobs within " +
                               std::to_string(limit.within.count()) + " min, and may start " +
                               std::to_string(limit.starts) + ". Held until a person lets them go."};
    }
    // The last trigger that spoke of a brake was closed meanwhile.
    return least.value_or(Room{});
}

ledger::Hold Brake::hold(const std::string &task, const std::string &reason) const {
    ledger::Hold hold{task, {}, reason, clock_.wall()};
    const std::lock_guard lock(mutex_);
    if (const auto found = tasks_.find(task); found != tasks_.end())
        for (const auto &[trigger, limit] : found->second)
            hold.triggers.push_back(trigger);
    return hold;
}

std::vector<Brake::Limit> Brake::limits_of(const std::string &task) const {
    std::vector<Limit> limits;
    const std::lock_guard lock(mutex_);
    const auto found = tasks_.find(task);
    if (found == tasks_.end()) return limits;
    for (const auto &[trigger, limit] : found->second)
        if (limit.starts > 0) limits.push_back(limit);
    std::sort(limits.begin(), limits.end());
    limits.erase(std::unique(limits.begin(), limits.end()), limits.end());
    return limits;
}

} // namespace roe::trigger
