// A piece of a long list.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace orch::sdk {

struct PageQuery {
    std::optional<std::string> after{}; // the cursor of the piece before; empty: from the beginning
    std::uint32_t limit = 100;          // 1..1000
};

} // namespace orch::sdk
