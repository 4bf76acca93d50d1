// What the plugin says, in the language of a person.
#pragma once

#include "orch/sdk/translations.hpp"

namespace roe::provider {

class Spoken final : public orch::sdk::Translations {
  public:
    orch::sdk::Outcome<nlohmann::json> translate(std::string_view locale, const nlohmann::json &said) override;
};

} // namespace roe::provider
