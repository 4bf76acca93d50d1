// A plugin's TriggerProvider as the C struct that its host calls.
#pragma once

#include "orch/sdk/abi/incoming.hpp"
#include "orch/sdk/abi/shapes.hpp"
#include "orch/sdk/abi/shell.hpp"
#include "orch/sdk/trigger_provider.hpp"

namespace orch::sdk::abi {

class TriggerProviderShell : public Shell<orch_trigger_provider_t, TriggerProvider, Into::plugin> {
  public:
    void open(Side &side, TriggerProvider *provider) {
        fill(side, provider, &describe, &validate, &start, &stop, &forget, &state, &messages, &message_action,
             &preview);
    }

  private:
    static orch_status_t describe(void *self, orch_str_t request, const orch_sink_t *result,
                                  orch_error_t *error) noexcept {
        return incoming(self, ORCH_EXT_TRIGGER_PROVIDER ".describe", error)
            .answer_to(result, Allowed::alive, [&] {
                const Json json = read_json(request, "request");
                const auto [tenant, locale] = read_members("request", [&] {
                    return std::pair{json.at("tenant").get<std::string>(),
                                     json.at("locale").get<std::string>()};
                });
                return offered(self).describe(tenant, locale);
            });
    }

    static orch_status_t validate(void *self, orch_str_t request, const orch_sink_t *result,
                                  orch_error_t *error) noexcept {
        return incoming(self, ORCH_EXT_TRIGGER_PROVIDER ".validate", error)
            .answer_to(result, Allowed::running, [&] {
                const Json json = read_json(request, "request");
                return offered(self).validate(read_members("request", [&] { return read_draft(json); }));
            });
    }

    static orch_status_t start(void *self, orch_str_t trigger, orch_error_t *error) noexcept {
        return incoming(self, ORCH_EXT_TRIGGER_PROVIDER ".start", error).answer(Allowed::running, [&] {
            const Json json = read_json(trigger, "trigger");
            return offered(self).start(read_members("trigger", [&] { return read_trigger(json); }));
        });
    }

    static orch_status_t stop(void *self, orch_str_t trigger, orch_error_t *error) noexcept {
        return incoming(self, ORCH_EXT_TRIGGER_PROVIDER ".stop", error).answer(Allowed::running, [&] {
            return offered(self).stop(read_text(trigger, "trigger_id"));
        });
    }

    static orch_status_t forget(void *self, orch_str_t trigger, orch_error_t *error) noexcept {
        return incoming(self, ORCH_EXT_TRIGGER_PROVIDER ".forget", error).answer(Allowed::running, [&] {
            return offered(self).forget(read_text(trigger, "trigger_id"));
        });
    }

    static orch_status_t state(void *self, orch_str_t trigger, const orch_sink_t *result,
                               orch_error_t *error) noexcept {
        return incoming(self, ORCH_EXT_TRIGGER_PROVIDER ".state", error)
            .answer_to(result, Allowed::running,
                       [&] { return offered(self).state(read_text(trigger, "trigger_id")); });
    }

    static orch_status_t messages(void *self, orch_str_t trigger, orch_str_t query, const orch_sink_t *result,
                                  orch_error_t *error) noexcept {
        return incoming(self, ORCH_EXT_TRIGGER_PROVIDER ".messages", error)
            .answer_to(result, Allowed::running, [&] {
                const Json json = read_json(query, "query");
                return offered(self).messages(read_text(trigger, "trigger_id"),
                                              read_members("query", [&] { return read_query(json); }));
            });
    }

    static orch_status_t message_action(void *self, orch_str_t trigger, orch_str_t request,
                                        const orch_sink_t *result, orch_error_t *error) noexcept {
        return incoming(self, ORCH_EXT_TRIGGER_PROVIDER ".message_action", error)
            .answer_to(result, Allowed::running, [&] {
                const Json json = read_json(request, "request");
                return offered(self).message_action(
                    read_text(trigger, "trigger_id"),
                    read_members("request", [&] { return read_message_action(json); }));
            });
    }

    static orch_status_t preview(void *self, orch_str_t request, const orch_cancel_t *cancel,
                                 const orch_sink_t *result, orch_error_t *error) noexcept {
        return incoming(self, ORCH_EXT_TRIGGER_PROVIDER ".preview", error)
            .answer_to(result, Allowed::running, [&] {
                const Json json = read_json(request, "request");
                const auto [draft, limit] = read_members("request", [&] {
                    return std::pair{read_draft(json), read_limit(json, 100)};
                });
                return offered(self).preview(draft, limit, read_cancel(cancel));
            });
    }
};

} // namespace orch::sdk::abi
