// orch.translations/1: what a plugin says, in the language of a person. A plugin implements Translations; a
// host gets one from `LoadedPlugin::translations()`. [any thread], also outside of start and stop of the
// plugin.
#pragma once

#include <string_view>

#include <nlohmann/json.hpp>

#include "orch/ext/translations.h"
#include "orch/sdk/outcome.hpp"

namespace orch::sdk {

class Translations {
  public:
    virtual ~Translations() = default;

    // `said`: any result of the plugin, or a failure as {"words", "errors": [{"field", "message"}]}. The value
    // is the same, its words in that language where they are known. Does not block.
    virtual Outcome<nlohmann::json> translate(std::string_view locale, const nlohmann::json &said) = 0;
};

} // namespace orch::sdk
