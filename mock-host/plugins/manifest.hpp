// manifest.json: what a plugin says of itself before anything of it is loaded. Its schema stands in
// host-api/manifest.schema.json.
#pragma once

#include <cstdint>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

namespace host {

struct ManifestRefused : std::runtime_error {
    using std::runtime_error::runtime_error;
};

struct Manifest {
    std::string id;
    std::string version;
    std::uint32_t interface_major = 0;
    std::uint32_t interface_minor = 0;
    std::string library; // this platform's, below the plugin's folder
    std::vector<std::string> extensions;
    nlohmann::json texts; // {"name": {"en", "ru"}, "description": {...}}
};

// This platform's name in "library".
extern const char *const this_platform;

// Throws ManifestRefused, which names the key.
Manifest read_manifest(const nlohmann::json &document);
Manifest read_manifest_file(const std::filesystem::path &file);

} // namespace host
