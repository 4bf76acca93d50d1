#include "plugins/loader_words.hpp"

#include <dlfcn.h>

namespace host {

std::string loader_words(std::string otherwise) {
    const char *words = ::dlerror();
    return words != nullptr ? words : otherwise;
}

} // namespace host
