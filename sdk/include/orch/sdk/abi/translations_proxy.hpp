// A plugin's C struct for translations as the Translations that its host calls.
#pragma once

#include <string>
#include <utility>

#include "orch/sdk/abi/outgoing.hpp"
#include "orch/sdk/abi/shapes.hpp"
#include "orch/sdk/abi/text.hpp"
#include "orch/sdk/translations.hpp"

namespace orch::sdk::abi {

class TranslationsProxy final : public Translations {
  public:
    // `c` was checked by `missing_function`.
    TranslationsProxy(Side &side, const orch_translations_t &c) : plugin_(side, Into::plugin), c_(c) {}

    // The name of a function that a plugin left out; null: none.
    static const char *missing_function(const orch_translations_t &c) {
        return c.translate == nullptr ? "translate" : nullptr;
    }

    Outcome<Json> translate(std::string_view locale, const Json &said) override {
        constexpr const char *call = ORCH_EXT_TRANSLATIONS ".translate";
        const std::string request = wire({{"locale", locale}, {"said", said}});
        auto json = plugin_.json(call, Allowed::alive, Shape::object,
                                 [&](const orch_sink_t *result, orch_error_t *error) {
                                     return c_.translate(c_.self, str(request), result, error);
                                 });
        if (!json) {
            return json.failure();
        }
        const auto translated = json->find("said");
        if (translated == json->end()) {
            return plugin_.side().other_broke(call, "its result does not hold what was said");
        }
        return std::move(*translated);
    }

  private:
    Outgoing plugin_;
    const orch_translations_t &c_;
};

} // namespace orch::sdk::abi
