#include "source/ews/ids.hpp"

#include <array>
#include <cstddef>

namespace roe::ews {

std::string_view name_of(Version version) {
    constexpr std::array<std::string_view, 6> names{"Exchange2010", "Exchange2010_SP1", "Exchange2010_SP2",
                                                    "Exchange2013", "Exchange2013_SP1", "Exchange2016"};
    return names.at(static_cast<std::size_t>(version));
}

std::optional<Version> older(Version version) {
    if (version == Version::exchange2010) return std::nullopt;
    return static_cast<Version>(static_cast<std::uint8_t>(version) - 1);
}

Version ServerVersion::newest() const {
    constexpr int build_of_2013_sp1 = 847;
    if (major > 15 || (major == 15 && minor >= 1)) return Version::exchange2016;
    if (major == 15) return build >= build_of_2013_sp1 ? Version::exchange2013_sp1 : Version::exchange2013;
    if (major == 14 && minor >= 2) return Version::exchange2010_sp2;
    if (major == 14 && minor == 1) return Version::exchange2010_sp1;
    return Version::exchange2010;
}

} // namespace roe::ews
