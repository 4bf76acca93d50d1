// A plugin's shared library, opened with Boost.DLL.
#pragma once

#include <filesystem>
#include <memory>

#include "orch/entry.h"

namespace host {

class PluginLibrary {
  public:
    // Throws std::runtime_error with the loader's own words.
    explicit PluginLibrary(const std::filesystem::path &file);
    ~PluginLibrary();
    PluginLibrary(PluginLibrary &&) noexcept;
    PluginLibrary &operator=(PluginLibrary &&) = delete;

    [[nodiscard]] orch_plugin_entry_fn entry() const { return entry_; }

  private:
    struct Opened;
    std::unique_ptr<Opened> opened_;
    orch_plugin_entry_fn entry_ = nullptr;
};

} // namespace host
