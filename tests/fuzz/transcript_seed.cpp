#include "transcript_seed.hpp"

#include <algorithm>
#include <string_view>

namespace roe::fuzz {

std::string server_bytes(const std::uint8_t *bytes, std::size_t size) {
    const std::string_view input(reinterpret_cast<const char *>(bytes), size);
    if (!input.starts_with("account") && !input.starts_with('#') && !input.starts_with('>'))
        return std::string(input);
    std::string said;
    for (std::string_view rest = input; !rest.empty();) {
        const std::size_t end = std::min(rest.find('\n'), rest.size());
        const std::string_view line = rest.substr(0, end);
        rest.remove_prefix(std::min(end + 1, rest.size()));
        if (line.starts_with("S: ")) said.append(line.substr(3)).append("\r\n");
        if (line == "S:") said += "\r\n";
        if (line.starts_with("S. ")) said += line.substr(3);
    }
    return said;
}

} // namespace roe::fuzz
