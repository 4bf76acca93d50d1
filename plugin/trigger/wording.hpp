// What stands in a mail, as the reason of a decision shows it: never longer than a line. [any thread]
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "message/payload.hpp"

namespace roe::trigger {

std::string shown(std::string_view text);
std::string shown(const std::vector<message::Address> &addresses); // "missing" when there are none
std::string in_quotes(std::string_view text);                      // shown, in quotes

} // namespace roe::trigger
