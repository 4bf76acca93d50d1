#include "base/wipe.hpp"

namespace roe {

void wipe(std::string &secret) {
    // volatile, so that the writes are not left out as unused.
    volatile char *bytes = secret.data();
    for (std::size_t i = 0; i < secret.size(); ++i)
        bytes[i] = 0;
    secret.clear();
}

} // namespace roe
