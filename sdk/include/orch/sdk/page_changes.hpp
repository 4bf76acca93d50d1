// orch.page-changes/1: a settings page shows something else than before, though nobody edited it. [any thread]
#pragma once

#include <string_view>

#include "orch/ext/page_changes.h"
#include "orch/sdk/outcome.hpp"

namespace orch::sdk {

class PageChangesService {
  public:
    virtual ~PageChangesService() = default;

    // Does not block, and may be called often.
    virtual Outcome<void> note(std::string_view page, std::string_view tenant, std::string_view item) = 0;
};

} // namespace orch::sdk
