#include "net/host_name.hpp"

#include <algorithm>
#include <memory>

#include <idn2.h>

namespace roe::net {

std::optional<std::string> ascii_host(const std::string &name) {
    if (name.empty() || name.find('\0') != std::string::npos) return std::nullopt;
    if (std::ranges::all_of(name, [](char c) { return static_cast<unsigned char>(c) < 0x80; })) return name;
    char *made = nullptr;
    if (idn2_to_ascii_8z(name.c_str(), &made, IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL) != IDN2_OK)
        return std::nullopt;
    const std::unique_ptr<char, decltype(&idn2_free)> owned(made, &idn2_free);
    return std::string(made);
}

} // namespace roe::net
