#include "base/crash_point.hpp"

namespace roe {

void crash_point(std::string_view) {}

void crash_point_of_mail(std::string_view, std::string_view) {}

} // namespace roe
