// orch.assets/1: JSON documents of a tenant, by name. A host implements AssetsService; a plugin gets one from
// `Host::assets()`. [any thread]
#pragma once

#include <string_view>

#include "orch/ext/assets.h"
#include "orch/sdk/outcome.hpp"

namespace orch::sdk {

class AssetsService {
  public:
    virtual ~AssetsService() = default;

    // Whether the tenant has an asset of this name, of 1 to 200 bytes. Blocks for a database query.
    virtual Outcome<bool> exists(std::string_view tenant, std::string_view name) = 0;

    // Puts a JSON text in the place of what the asset holds; durable no later than a job that is asked for
    // afterwards. Status::not_found: there is no such asset; Status::invalid: it can't hold that much. Blocks
    // for a database transaction.
    virtual Outcome<void> put(std::string_view tenant, std::string_view name, std::string_view value) = 0;
};

} // namespace orch::sdk
