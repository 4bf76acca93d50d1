// A host's services as the C structs that a plugin calls.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "orch/sdk/abi/incoming.hpp"
#include "orch/sdk/abi/shapes.hpp"
#include "orch/sdk/abi/shell.hpp"
#include "orch/sdk/abi/text.hpp"
#include "orch/sdk/assets.hpp"
#include "orch/sdk/journal.hpp"
#include "orch/sdk/notifications.hpp"
#include "orch/sdk/page_changes.hpp"
#include "orch/sdk/secrets.hpp"
#include "orch/sdk/tasks.hpp"
#include "orch/sdk/tenants.hpp"

namespace orch::sdk::abi {

class SecretsShell : public Shell<orch_secrets_t, SecretsService, Into::host> {
  public:
    void open(Side &side, SecretsService *service) { fill(side, service, &seal, &unseal); }

  private:
    static orch_status_t seal(void *self, orch_str_t context, orch_str_t plain, const orch_sink_t *result,
                              orch_error_t *error) noexcept {
        return incoming(self, ORCH_EXT_SECRETS ".seal", error).answer_to(result, Allowed::running, [&] {
            return offered(self).seal(read_text(context, "context"), read_text(plain, "plain"));
        });
    }

    static orch_status_t unseal(void *self, orch_str_t context, orch_str_t sealed, const orch_sink_t *result,
                                orch_error_t *error) noexcept {
        return incoming(self, ORCH_EXT_SECRETS ".open", error).answer_to(result, Allowed::running, [&] {
            return offered(self).open(read_text(context, "context"), read_text(sealed, "sealed"));
        });
    }
};

class JournalShell : public Shell<orch_journal_t, JournalService, Into::host> {
  public:
    void open(Side &side, JournalService *service) { fill(side, service, &write); }

  private:
    static orch_status_t write(void *self, const orch_str_t *events, std::uint32_t count,
                               orch_error_t *error) noexcept {
        return incoming(self, ORCH_EXT_JOURNAL ".write", error).answer(Allowed::running, [&] {
            if (events == nullptr || count < 1 || count > 1000) {
                throw BadArgument{std::to_string(count) + " events, not 1 to 1000"};
            }
            std::vector<JournalEvent> read;
            read.reserve(count);
            for (std::uint32_t i = 0; i < count; ++i) {
                const Json json = read_json(events[i], "an event");
                read.push_back(read_members("an event", [&] { return read_event(json); }));
            }
            return offered(self).write(read);
        });
    }
};

class TasksShell : public Shell<orch_tasks_t, TasksService, Into::host> {
  public:
    void open(Side &side, TasksService *service) { fill(side, service, &triggers); }

  private:
    static orch_status_t triggers(void *self, orch_str_t tenant, orch_str_t type, const orch_sink_t *result,
                                  orch_error_t *error) noexcept {
        return incoming(self, ORCH_EXT_TASKS ".triggers", error)
            .answer_to(result, Allowed::running, [&]() -> Outcome<Json> {
                const auto known = offered(self).triggers(read_text(tenant, "tenant"), read_text(type, "type"));
                if (!known) {
                    return known.failure();
                }
                Json list = Json::array();
                for (const KnownTrigger &trigger : *known) {
                    list.push_back(write_known_trigger(trigger));
                }
                return list;
            });
    }
};

class TenantsShell : public Shell<orch_tenants_t, TenantsService, Into::host> {
  public:
    void open(Side &side, TenantsService *service) { fill(side, service, &list); }

  private:
    static orch_status_t list(void *self, const orch_sink_t *result, orch_error_t *error) noexcept {
        return incoming(self, ORCH_EXT_TENANTS ".list", error)
            .answer_to(result, Allowed::running, [&]() -> Outcome<Json> {
                const auto tenants = offered(self).list();
                if (!tenants) {
                    return tenants.failure();
                }
                Json list = Json::array();
                for (const Tenant &tenant : *tenants) {
                    list.push_back(write_tenant(tenant));
                }
                return list;
            });
    }
};

class PageChangesShell : public Shell<orch_page_changes_t, PageChangesService, Into::host> {
  public:
    void open(Side &side, PageChangesService *service) { fill(side, service, &note); }

  private:
    static orch_status_t note(void *self, orch_str_t page, orch_str_t tenant, orch_str_t item,
                              orch_error_t *error) noexcept {
        return incoming(self, ORCH_EXT_PAGE_CHANGES ".note", error).answer(Allowed::running, [&] {
            return offered(self).note(read_text(page, "page"), read_text(tenant, "tenant"),
                                      read_text(item, "item"));
        });
    }
};

class AssetsShell : public Shell<orch_assets_t, AssetsService, Into::host> {
  public:
    void open(Side &side, AssetsService *service) { fill(side, service, &exists, &put); }

  private:
    static orch_status_t exists(void *self, orch_str_t tenant, orch_str_t name, orch_error_t *error) noexcept {
        return incoming(self, ORCH_EXT_ASSETS ".exists", error)
            .answer(Allowed::running, [&]() -> Outcome<void> {
                const auto found = offered(self).exists(read_text(tenant, "tenant"), read_name(name));
                if (!found) {
                    return found.failure();
                }
                if (!*found) {
                    return not_found("there is no asset " + std::string(view(name)));
                }
                return {};
            });
    }

    static orch_status_t put(void *self, orch_str_t tenant, orch_str_t name, orch_str_t value,
                             orch_error_t *error) noexcept {
        return incoming(self, ORCH_EXT_ASSETS ".put", error).answer(Allowed::running, [&] {
            const std::string_view text = read_text(value, "value");
            if (!Json::accept(text)) {
                throw BadArgument{"value is not JSON"};
            }
            return offered(self).put(read_text(tenant, "tenant"), read_name(name), text);
        });
    }

    static std::string_view read_name(orch_str_t text) {
        const std::string_view name = read_text(text, "name");
        if (name.empty() || name.size() > 200) {
            throw BadArgument{"a name of " + std::to_string(name.size()) + " bytes, not 1 to 200"};
        }
        return name;
    }
};

class NotificationsShell : public Shell<orch_notifications_t, NotificationsService, Into::host> {
  public:
    void open(Side &side, NotificationsService *service) { fill(side, service, &send); }

  private:
    static orch_status_t send(void *self, orch_str_t tenant, orch_str_t key, orch_str_t message,
                              orch_error_t *error) noexcept {
        return incoming(self, ORCH_EXT_NOTIFICATIONS ".send", error).answer(Allowed::running, [&] {
            const std::string_view name = read_text(key, "key");
            if (name.empty() || name.size() > 300) {
                throw BadArgument{"a key of " + std::to_string(name.size()) + " bytes, not 1 to 300"};
            }
            const Json json = read_json(message, "the message");
            return offered(self).send(read_text(tenant, "tenant"), name,
                                      read_members("the message", [&] { return read_notification(json); }));
        });
    }
};

} // namespace orch::sdk::abi
