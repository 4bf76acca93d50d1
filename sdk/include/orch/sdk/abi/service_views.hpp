// A host's C structs as the services that a plugin calls. Each was checked by its `missing_function`.
#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "orch/sdk/abi/outgoing.hpp"
#include "orch/sdk/abi/shapes.hpp"
#include "orch/sdk/abi/text.hpp"
#include "orch/sdk/assets.hpp"
#include "orch/sdk/journal.hpp"
#include "orch/sdk/notifications.hpp"
#include "orch/sdk/page_changes.hpp"
#include "orch/sdk/secrets.hpp"
#include "orch/sdk/tasks.hpp"
#include "orch/sdk/tenants.hpp"

namespace orch::sdk::abi {

// The members of a list that the host gave; one of another shape is the host's breach.
template <class Value, class Read>
Outcome<std::vector<Value>> read_each(Side &side, const char *call, const Json &list, Read read) {
    std::vector<Value> values;
    try {
        for (const Json &one : list) {
            values.push_back(read_members("its result", [&] { return read(one); }));
        }
    } catch (const BadArgument &bad) {
        return side.other_broke(call, bad.what);
    }
    return values;
}

class SecretsView final : public SecretsService {
  public:
    using C = orch_secrets_t;
    static constexpr const char *id = ORCH_EXT_SECRETS;

    SecretsView(Side &side, const C &c) : host_(side, Into::host), c_(c) {}

    static const char *missing_function(const C &c) {
        return c.seal == nullptr ? "seal" : c.open == nullptr ? "open" : nullptr;
    }

    Outcome<std::string> seal(std::string_view context, std::string_view plain) override {
        return host_.text(ORCH_EXT_SECRETS ".seal", Allowed::running,
                          [&](const orch_sink_t *result, orch_error_t *error) {
                              return c_.seal(c_.self, str(context), str(plain), result, error);
                          });
    }

    Outcome<std::string> open(std::string_view context, std::string_view sealed) override {
        return host_.text(ORCH_EXT_SECRETS ".open", Allowed::running,
                          [&](const orch_sink_t *result, orch_error_t *error) {
                              return c_.open(c_.self, str(context), str(sealed), result, error);
                          });
    }

  private:
    Outgoing host_;
    const C &c_;
};

class JournalView final : public JournalService {
  public:
    using C = orch_journal_t;
    static constexpr const char *id = ORCH_EXT_JOURNAL;

    JournalView(Side &side, const C &c) : host_(side, Into::host), c_(c) {}

    static const char *missing_function(const C &c) { return c.write == nullptr ? "write" : nullptr; }

    Outcome<void> write(std::span<const JournalEvent> events) override {
        constexpr const char *call = ORCH_EXT_JOURNAL ".write";
        if (events.empty()) {
            return {};
        }
        if (events.size() > 1000) {
            return host_.side().self_broke(call, "more than 1000 events at a time");
        }
        std::vector<std::string> texts;
        std::vector<orch_str_t> pointers;
        texts.reserve(events.size());
        pointers.reserve(events.size());
        for (const JournalEvent &event : events) {
            pointers.push_back(str(texts.emplace_back(wire(write_event(event)))));
        }
        return host_.call(call, Allowed::running, [&](orch_error_t *error) {
            return c_.write(c_.self, pointers.data(), static_cast<std::uint32_t>(pointers.size()), error);
        });
    }

  private:
    Outgoing host_;
    const C &c_;
};

class TasksView final : public TasksService {
  public:
    using C = orch_tasks_t;
    static constexpr const char *id = ORCH_EXT_TASKS;

    TasksView(Side &side, const C &c) : host_(side, Into::host), c_(c) {}

    static const char *missing_function(const C &c) { return c.triggers == nullptr ? "triggers" : nullptr; }

    Outcome<std::vector<KnownTrigger>> triggers(std::string_view tenant, std::string_view type) override {
        constexpr const char *call = ORCH_EXT_TASKS ".triggers";
        const auto json = host_.json(call, Allowed::running, Shape::array,
                                     [&](const orch_sink_t *result, orch_error_t *error) {
                                         return c_.triggers(c_.self, str(tenant), str(type), result, error);
                                     });
        if (!json) {
            return json.failure();
        }
        return read_each<KnownTrigger>(host_.side(), call, *json, read_known_trigger);
    }

  private:
    Outgoing host_;
    const C &c_;
};

class TenantsView final : public TenantsService {
  public:
    using C = orch_tenants_t;
    static constexpr const char *id = ORCH_EXT_TENANTS;

    TenantsView(Side &side, const C &c) : host_(side, Into::host), c_(c) {}

    static const char *missing_function(const C &c) { return c.list == nullptr ? "list" : nullptr; }

    Outcome<std::vector<Tenant>> list() override {
        constexpr const char *call = ORCH_EXT_TENANTS ".list";
        const auto json = host_.json(
            call, Allowed::running, Shape::array,
            [&](const orch_sink_t *result, orch_error_t *error) { return c_.list(c_.self, result, error); });
        if (!json) {
            return json.failure();
        }
        return read_each<Tenant>(host_.side(), call, *json, read_tenant);
    }

  private:
    Outgoing host_;
    const C &c_;
};

class PageChangesView final : public PageChangesService {
  public:
    using C = orch_page_changes_t;
    static constexpr const char *id = ORCH_EXT_PAGE_CHANGES;

    PageChangesView(Side &side, const C &c) : host_(side, Into::host), c_(c) {}

    static const char *missing_function(const C &c) { return c.note == nullptr ? "note" : nullptr; }

    Outcome<void> note(std::string_view page, std::string_view tenant, std::string_view item) override {
        return host_.call(ORCH_EXT_PAGE_CHANGES ".note", Allowed::running, [&](orch_error_t *error) {
            return c_.note(c_.self, str(page), str(tenant), str(item), error);
        });
    }

  private:
    Outgoing host_;
    const C &c_;
};

class AssetsView final : public AssetsService {
  public:
    using C = orch_assets_t;
    static constexpr const char *id = ORCH_EXT_ASSETS;

    AssetsView(Side &side, const C &c) : host_(side, Into::host), c_(c) {}

    static const char *missing_function(const C &c) {
        return c.exists == nullptr ? "exists" : c.put == nullptr ? "put" : nullptr;
    }

    Outcome<bool> exists(std::string_view tenant, std::string_view name) override {
        constexpr const char *call = ORCH_EXT_ASSETS ".exists";
        if (const std::string_view breach = breach_of(tenant, name); !breach.empty()) {
            return host_.side().self_broke(call, breach);
        }
        const auto found = host_.call(call, Allowed::running, [&](orch_error_t *error) {
            return c_.exists(c_.self, str(tenant), str(name), error);
        });
        if (!found && found.failure().status != Status::not_found) {
            return found.failure();
        }
        return found.ok();
    }

    Outcome<void> put(std::string_view tenant, std::string_view name, std::string_view value) override {
        constexpr const char *call = ORCH_EXT_ASSETS ".put";
        if (const std::string_view breach = breach_of(tenant, name); !breach.empty()) {
            return host_.side().self_broke(call, breach);
        }
        if (!Json::accept(value)) {
            return host_.side().self_broke(call, "a value that is not JSON");
        }
        return host_.call(call, Allowed::running, [&](orch_error_t *error) {
            return c_.put(c_.self, str(tenant), str(name), str(value), error);
        });
    }

  private:
    // The plugin's; empty: none.
    static std::string_view breach_of(std::string_view tenant, std::string_view name) {
        if (name.empty() || name.size() > 200) {
            return "a name that is not of 1 to 200 bytes";
        }
        return is_utf8(tenant) && is_utf8(name) ? std::string_view{} : "a tenant or name that is not UTF-8";
    }

    Outgoing host_;
    const C &c_;
};

class NotificationsView final : public NotificationsService {
  public:
    using C = orch_notifications_t;
    static constexpr const char *id = ORCH_EXT_NOTIFICATIONS;

    NotificationsView(Side &side, const C &c) : host_(side, Into::host), c_(c) {}

    static const char *missing_function(const C &c) { return c.send == nullptr ? "send" : nullptr; }

    Outcome<void> send(std::string_view tenant, std::string_view key, const Notification &message) override {
        constexpr const char *call = ORCH_EXT_NOTIFICATIONS ".send";
        if (key.empty() || key.size() > 300) {
            return host_.side().self_broke(call, "a key that is not of 1 to 300 bytes");
        }
        if (!is_utf8(tenant) || !is_utf8(key)) {
            return host_.side().self_broke(call, "a tenant or key that is not UTF-8");
        }
        if (message.to.empty() || message.to.size() > most_recipients) {
            return host_.side().self_broke(call, "a message that is not to 1 to 100 addresses");
        }
        const std::string json = wire(write_notification(message));
        return host_.call(call, Allowed::running, [&](orch_error_t *error) {
            return c_.send(c_.self, str(tenant), str(key), str(json), error);
        });
    }

  private:
    Outgoing host_;
    const C &c_;
};

} // namespace orch::sdk::abi
