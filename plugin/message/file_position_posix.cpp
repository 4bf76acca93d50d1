#include "message/file_position.hpp"

#include <cerrno>
#include <cstdlib>

#include <fcntl.h>
#include <sys/types.h>
#include <unistd.h>

namespace roe::message {

File nameless_file(const std::string &folder) {
    std::string path = folder + "/.unpacked-XXXXXX";
    const int descriptor = mkostemp(path.data(), O_CLOEXEC);
    if (descriptor < 0) return nullptr;
    unlink(path.c_str());
    File file(fdopen(descriptor, "w+b"));
    if (!file) {
        const int why = errno;
        close(descriptor);
        errno = why;
    }
    return file;
}

bool seek_to(std::FILE *file, std::int64_t offset) {
    static_assert(sizeof(off_t) >= sizeof offset);
    return fseeko(file, offset, SEEK_SET) == 0;
}

} // namespace roe::message
