// orch.erasure/1: what a plugin keeps of what people have written goes. A plugin implements Erasure; a host
// gets one from `LoadedPlugin::erasure()`. [any thread], between start and stop of the plugin.
#pragma once

#include <cstdint>
#include <string_view>

#include "orch/ext/erasure.h"
#include "orch/sdk/outcome.hpp"

namespace orch::sdk {

class Erasure {
  public:
    virtual ~Erasure() = default;

    // Durable when it returns; the value is how many rows were emptied. Blocks for a database transaction.
    virtual Outcome<std::int64_t> erase(std::string_view tenant) = 0;
};

} // namespace orch::sdk
