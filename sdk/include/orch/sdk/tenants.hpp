// orch.tenants/1: whose things are kept apart, and what is configured for each. [any thread]
#pragma once

#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "orch/ext/tenants.h"
#include "orch/sdk/outcome.hpp"

namespace orch::sdk {

struct Tenant {
    std::string id; // empty: the default tenant
    std::string name{};
    double time_offset = 0; // hours, for display only
    // The base mailbox as orch/ext/tenants.h describes it, its secrets sealed; null: there is none.
    nlohmann::json incoming_email{};
};

class TenantsService {
  public:
    virtual ~TenantsService() = default;

    // All of them, the default tenant first. Does not block.
    virtual Outcome<std::vector<Tenant>> list() = 0;
};

} // namespace orch::sdk
