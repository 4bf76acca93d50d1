#include "plugins/loader_words.hpp"

#include <utility>

#include <dlfcn.h>

namespace host {

std::string loader_words(std::string otherwise) {
    const char *words = ::dlerror();
    return words != nullptr ? std::string(words) : std::move(otherwise);
}

} // namespace host
