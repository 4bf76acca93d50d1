#include "plugins/library.hpp"

#include <stdexcept>
#include <string>
#include <type_traits>

#include <boost/dll/shared_library.hpp>

#include "plugins/loader_words.hpp"

namespace host {

struct PluginLibrary::Opened {
    boost::dll::shared_library library;
};

PluginLibrary::PluginLibrary(const std::filesystem::path &file) : opened_(std::make_unique<Opened>()) {
    using boost::dll::load_mode::type;
    const auto path = std::filesystem::absolute(file);
    if (!std::filesystem::is_regular_file(path)) throw std::runtime_error(path.string() + ": no such file");
    boost::system::error_code error;
    // All symbols now, so that what is missing is told here and not in the middle of a call; none of them for
    // other plugins to see.
    opened_->library.load(path.string(), error, type::rtld_now | type::rtld_local);
    if (error) throw std::runtime_error(loader_words(error.message()));
    if (!opened_->library.has(ORCH_ENTRY_SYMBOL)) {
        throw std::runtime_error(path.string() + " does not export " ORCH_ENTRY_SYMBOL);
    }
    entry_ = &opened_->library.get<std::remove_pointer_t<orch_plugin_entry_fn>>(ORCH_ENTRY_SYMBOL);
}

PluginLibrary::~PluginLibrary() = default;
PluginLibrary::PluginLibrary(PluginLibrary &&) noexcept = default;

} // namespace host
