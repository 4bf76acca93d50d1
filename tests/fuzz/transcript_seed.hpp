// A transcript as what the server says in it, so that transcripts are seeds as they stand; any other input is
// taken as it is.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace roe::fuzz {

std::string server_bytes(const std::uint8_t *bytes, std::size_t size);

} // namespace roe::fuzz
