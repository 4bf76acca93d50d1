// A plugin's SettingsPage as the C struct that its host calls.
#pragma once

#include <string>

#include "orch/sdk/abi/incoming.hpp"
#include "orch/sdk/abi/shapes.hpp"
#include "orch/sdk/abi/shell.hpp"
#include "orch/sdk/settings_page.hpp"

namespace orch::sdk::abi {

class SettingsPageShell : public Shell<orch_settings_page_t, SettingsPage, Into::plugin> {
  public:
    void open(Side &side, SettingsPage *page) {
        fill(side, page, &describe, &list, &get, &create, &update, &remove, &action);
    }

  private:
    static Caller caller_of(orch_str_t caller) {
        const Json json = read_json(caller, "caller");
        return read_members("caller", [&] { return read_caller(json); });
    }

    static orch_status_t describe(void *self, const orch_sink_t *result, orch_error_t *error) noexcept {
        return incoming(self, ORCH_EXT_SETTINGS_PAGE ".describe", error).answer_to(result, Allowed::alive, [&] {
            return offered(self).describe();
        });
    }

    static orch_status_t list(void *self, orch_str_t page, orch_str_t caller, orch_str_t query,
                              const orch_sink_t *result, orch_error_t *error) noexcept {
        return incoming(self, ORCH_EXT_SETTINGS_PAGE ".list", error).answer_to(result, Allowed::running, [&] {
            const Json json = read_json(query, "query");
            return offered(self).list(read_text(page, "page"), caller_of(caller),
                                      read_members("query", [&] { return read_query(json); }));
        });
    }

    static orch_status_t get(void *self, orch_str_t page, orch_str_t caller, orch_str_t item,
                             const orch_sink_t *result, orch_error_t *error) noexcept {
        return incoming(self, ORCH_EXT_SETTINGS_PAGE ".get", error).answer_to(result, Allowed::running, [&] {
            return offered(self).get(read_text(page, "page"), caller_of(caller), read_text(item, "item"));
        });
    }

    static orch_status_t create(void *self, orch_str_t page, orch_str_t caller, orch_str_t values,
                                const orch_sink_t *result, orch_error_t *error) noexcept {
        return incoming(self, ORCH_EXT_SETTINGS_PAGE ".create", error).answer_to(result, Allowed::running, [&] {
            return offered(self).create(read_text(page, "page"), caller_of(caller),
                                        read_json(values, "values"));
        });
    }

    static orch_status_t update(void *self, orch_str_t page, orch_str_t caller, orch_str_t item,
                                orch_str_t values, const orch_sink_t *result, orch_error_t *error) noexcept {
        return incoming(self, ORCH_EXT_SETTINGS_PAGE ".update", error).answer_to(result, Allowed::running, [&] {
            return offered(self).update(read_text(page, "page"), caller_of(caller), read_text(item, "item"),
                                        read_json(values, "values"));
        });
    }

    static orch_status_t remove(void *self, orch_str_t page, orch_str_t caller, orch_str_t item,
                                orch_error_t *error) noexcept {
        return incoming(self, ORCH_EXT_SETTINGS_PAGE ".remove", error).answer(Allowed::running, [&] {
            return offered(self).remove(read_text(page, "page"), caller_of(caller), read_text(item, "item"));
        });
    }

    static orch_status_t action(void *self, orch_str_t page, orch_str_t caller, orch_str_t name,
                                orch_str_t request, const orch_cancel_t *cancel, const orch_sink_t *progress,
                                const orch_sink_t *result, orch_error_t *error) noexcept {
        return incoming(self, ORCH_EXT_SETTINGS_PAGE ".action", error).answer_to(result, Allowed::running, [&] {
            const Json json = read_json(request, "request");
            const PageAction asked =
                read_members("request", [&] { return read_action(read_text(name, "action"), json); });
            return offered(self).action(read_text(page, "page"), caller_of(caller), asked, read_cancel(cancel),
                                        progress_into(progress));
        });
    }

    static Progress progress_into(const orch_sink_t *progress) {
        if (progress == nullptr) {
            return [](const Json &) { return true; };
        }
        const orch_sink_t &sink = read_sink(progress, "progress");
        return [&sink](const Json &step) {
            const std::string text = step.dump();
            return sink.write(sink.owner, text.data(), text.size()) == ORCH_OK;
        };
    }
};

} // namespace orch::sdk::abi
