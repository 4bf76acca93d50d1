// A host in bare C for the SDK's tests.
#pragma once

#include "orch/entry.h"
#include "orch/sdk/abi/text.hpp"

namespace sdk_test {

// Without functions: those are the test's own.
inline orch_host_t raw_host(void *self) {
    using orch::sdk::abi::str;
    return {sizeof(orch_host_t),
            ORCH_INTERFACE_VERSION,
            self,
            str("raw"),
            str("1"),
            str("/tmp"),
            str("{}"),
            nullptr,
            nullptr};
}

} // namespace sdk_test
