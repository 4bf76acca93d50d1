// Each watched mailbox costs a descriptor; the usual soft limit of 1,024 is soon reached.
#pragma once

#include <cstdint>

namespace roe::net {

struct DescriptorLimit {
    std::uint64_t before = 0;
    std::uint64_t now = 0; // the most that this process may have open
};

// Raises the soft limit to the hard one. The limit is the process's, so the host profits too; select(2) users
// are not harmed, as descriptors are still given out from the lowest free number.
DescriptorLimit raise_descriptor_limit();

} // namespace roe::net
