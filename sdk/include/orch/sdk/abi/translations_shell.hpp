// A plugin's Translations as the C struct that its host calls.
#pragma once

#include "orch/sdk/abi/incoming.hpp"
#include "orch/sdk/abi/shapes.hpp"
#include "orch/sdk/abi/shell.hpp"
#include "orch/sdk/translations.hpp"

namespace orch::sdk::abi {

class TranslationsShell : public Shell<orch_translations_t, Translations, Into::plugin> {
  public:
    void open(Side &side, Translations *translations) { fill(side, translations, &translate); }

  private:
    static orch_status_t translate(void *self, orch_str_t request, const orch_sink_t *result,
                                   orch_error_t *error) noexcept {
        return incoming(self, ORCH_EXT_TRANSLATIONS ".translate", error)
            .answer_to(result, Allowed::alive, [&]() -> Outcome<Json> {
                const Json json = read_json(request, "request");
                const auto [locale, said] = read_members("request", [&] {
                    return std::pair{json.at("locale").get<std::string>(), json.at("said")};
                });
                auto translated = offered(self).translate(locale, said);
                if (!translated) {
                    return translated.failure();
                }
                return Json{{"said", std::move(*translated)}};
            });
    }
};

} // namespace orch::sdk::abi
