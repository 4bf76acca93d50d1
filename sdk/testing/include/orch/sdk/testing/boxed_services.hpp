// Log, journal, tasks, tenants, changes of pages, assets and notifications in memory.
#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "orch/sdk/assets.hpp"
#include "orch/sdk/journal.hpp"
#include "orch/sdk/log.hpp"
#include "orch/sdk/notifications.hpp"
#include "orch/sdk/page_changes.hpp"
#include "orch/sdk/tasks.hpp"
#include "orch/sdk/tenants.hpp"

namespace orch::sdk::testing {

struct LogLine {
    LogLevel level = LogLevel::info;
    std::string message;
};

// [any thread]
class BoxedLog final : public LogService {
  public:
    void log(LogLevel level, std::string_view message) override {
        const std::lock_guard lock(mutex_);
        lines_.push_back({level, std::string(message)});
    }

    [[nodiscard]] std::vector<LogLine> lines() const {
        const std::lock_guard lock(mutex_);
        return lines_;
    }

    // The messages that hold `part`.
    [[nodiscard]] std::vector<std::string> with(std::string_view part) const {
        const std::lock_guard lock(mutex_);
        std::vector<std::string> found;
        for (const LogLine &line : lines_) {
            if (line.message.find(part) != std::string::npos) {
                found.push_back(line.message);
            }
        }
        return found;
    }

  private:
    mutable std::mutex mutex_;
    std::vector<LogLine> lines_;
};

// [any thread]
class BoxedJournal final : public JournalService {
  public:
    Outcome<void> write(std::span<const JournalEvent> events) override {
        const std::lock_guard lock(mutex_);
        events_.insert(events_.end(), events.begin(), events.end());
        return {};
    }

    [[nodiscard]] std::vector<JournalEvent> events() const {
        const std::lock_guard lock(mutex_);
        return events_;
    }

  private:
    mutable std::mutex mutex_;
    std::vector<JournalEvent> events_;
};

// [any thread]
class BoxedTasks final : public TasksService {
  public:
    void add(const std::string &tenant, const std::string &type, KnownTrigger trigger) {
        const std::lock_guard lock(mutex_);
        triggers_[{tenant, type}].push_back(std::move(trigger));
    }

    Outcome<std::vector<KnownTrigger>> triggers(std::string_view tenant, std::string_view type) override {
        const std::lock_guard lock(mutex_);
        const auto found = triggers_.find({std::string(tenant), std::string(type)});
        return found == triggers_.end() ? std::vector<KnownTrigger>{} : found->second;
    }

  private:
    std::mutex mutex_;
    std::map<std::pair<std::string, std::string>, std::vector<KnownTrigger>> triggers_;
};

// The default tenant, and those that a test adds before the plugin starts. [any thread]
class BoxedTenants final : public TenantsService {
  public:
    // Replaces the one with the same id; the default one has none.
    void put(Tenant tenant) {
        const std::lock_guard lock(mutex_);
        for (Tenant &known : tenants_) {
            if (known.id == tenant.id) {
                known = std::move(tenant);
                return;
            }
        }
        tenants_.push_back(std::move(tenant));
    }

    Outcome<std::vector<Tenant>> list() override {
        const std::lock_guard lock(mutex_);
        return tenants_;
    }

  private:
    std::mutex mutex_;
    std::vector<Tenant> tenants_{{"", "Default"}};
};

// What the plugin noted, in order: "page tenant item". [any thread]
class BoxedPageChanges final : public PageChangesService {
  public:
    Outcome<void> note(std::string_view page, std::string_view tenant, std::string_view item) override {
        const std::lock_guard lock(mutex_);
        noted_.push_back(std::string(page) + " " + std::string(tenant) + " " + std::string(item));
        return {};
    }

    [[nodiscard]] std::vector<std::string> noted() const {
        const std::lock_guard lock(mutex_);
        return noted_;
    }

  private:
    mutable std::mutex mutex_;
    std::vector<std::string> noted_;
};

// Those that a test makes. [any thread]
class BoxedAssets final : public AssetsService {
  public:
    void make(const std::string &tenant, const std::string &name, std::string value = "null") {
        const std::lock_guard lock(mutex_);
        values_[{tenant, name}] = std::move(value);
    }

    void remove(const std::string &tenant, const std::string &name) {
        const std::lock_guard lock(mutex_);
        values_.erase({tenant, name});
    }

    // JSON text; empty when there is no such asset.
    [[nodiscard]] std::string value(const std::string &tenant, const std::string &name) const {
        const std::lock_guard lock(mutex_);
        const auto found = values_.find({tenant, name});
        return found == values_.end() ? std::string() : found->second;
    }

    // Every `put` fails with this until it is taken back.
    void fail_puts(std::optional<Failure> with) {
        const std::lock_guard lock(mutex_);
        fails_with_ = std::move(with);
    }

    Outcome<bool> exists(std::string_view tenant, std::string_view name) override {
        const std::lock_guard lock(mutex_);
        return values_.contains({std::string(tenant), std::string(name)});
    }

    Outcome<void> put(std::string_view tenant, std::string_view name, std::string_view value) override {
        const std::lock_guard lock(mutex_);
        if (fails_with_) {
            return *fails_with_;
        }
        const auto found = values_.find({std::string(tenant), std::string(name)});
        if (found == values_.end()) {
            return not_found("there is no asset " + std::string(name));
        }
        found->second = value;
        return {};
    }

  private:
    mutable std::mutex mutex_;
    std::map<std::pair<std::string, std::string>, std::string> values_;
    std::optional<Failure> fails_with_;
};

struct SentNotification {
    std::string tenant;
    std::string key;
    Notification message;
};

// What the plugin handed over, each key once, in order. [any thread]
class BoxedNotifications final : public NotificationsService {
  public:
    // Every `send` fails with this until it is taken back.
    void fail_sends(std::optional<Failure> with) {
        const std::lock_guard lock(mutex_);
        fails_with_ = std::move(with);
    }

    Outcome<void> send(std::string_view tenant, std::string_view key, const Notification &message) override {
        const std::lock_guard lock(mutex_);
        if (fails_with_) {
            return *fails_with_;
        }
        for (const SentNotification &one : sent_) {
            if (one.key == key) {
                return {};
            }
        }
        sent_.push_back({std::string(tenant), std::string(key), message});
        return {};
    }

    [[nodiscard]] std::vector<SentNotification> sent() const {
        const std::lock_guard lock(mutex_);
        return sent_;
    }

  private:
    mutable std::mutex mutex_;
    std::vector<SentNotification> sent_;
    std::optional<Failure> fails_with_;
};

} // namespace orch::sdk::testing
