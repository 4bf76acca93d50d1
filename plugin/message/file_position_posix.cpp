#include "message/file_position.hpp"

#include <sys/types.h>

namespace roe::message {

bool seek_to(std::FILE *file, std::int64_t offset) {
    static_assert(sizeof(off_t) >= sizeof offset);
    return fseeko(file, offset, SEEK_SET) == 0;
}

} // namespace roe::message
