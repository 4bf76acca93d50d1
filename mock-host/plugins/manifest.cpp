#include "plugins/manifest.hpp"

#include <algorithm>
#include <regex>

#include "base/files.hpp"
#include "config/section.hpp"
#include "plugins/manifest_schema.hpp"

namespace host {

#if defined(_WIN32)
const char *const this_platform = "windows-x86_64";
#elif defined(__aarch64__)
const char *const this_platform = "linux-aarch64";
#else
const char *const this_platform = "linux-x86_64";
#endif

namespace {

std::vector<std::string> text_list(Section &section, const std::string &key, const std::regex &shape) {
    std::vector<std::string> list;
    const auto *value = section.any(key);
    if (value == nullptr) return list;
    if (!value->is_array()) section.refuse(key, "must be a list");
    for (const auto &item : *value) {
        if (!item.is_string() || !std::regex_match(item.get_ref<const std::string &>(), shape)) {
            section.refuse(key, "holds what it may not: " + item.dump());
        }
        list.push_back(item.get<std::string>());
    }
    return list;
}

// A library elsewhere than in the plugin's own folder is nothing that the plugin shipped.
bool stays_inside(const std::string &file) {
    const std::filesystem::path path(file);
    return file.size() <= 255 && !path.is_absolute() &&
           std::none_of(path.begin(), path.end(), [](const auto &part) { return part == ".." || part == "."; });
}

std::string library_of_this_platform(Section &root) {
    auto libraries = root.section("library");
    if (!libraries) root.refuse("library", "is required");
    std::string found;
    for (const auto &[platform, file] : libraries->json().items()) {
        if (!file.is_string() || file.get<std::string>().empty() || !stays_inside(file.get<std::string>())) {
            libraries->refuse(platform, "must be the name of a file in the plugin's folder");
        }
        if (platform == this_platform) found = file.get<std::string>();
    }
    if (found.empty())
        libraries->refuse(this_platform, "is not there: the plugin has nothing for this platform");
    return found;
}

nlohmann::json texts_of(Section &root) {
    auto texts = root.section("texts");
    if (!texts) root.refuse("texts", "is required");
    for (const auto *name : {"name", "description"}) {
        auto text = texts->section(name);
        if (!text) texts->refuse(name, "is required");
        text->required_text("en");
        for (const auto &[language, words] : text->json().items()) {
            if (!words.is_string()) text->refuse(language, "must be text");
        }
    }
    texts->refuse_unknown();
    return texts->json();
}

Manifest read(const nlohmann::json &document) {
    static const std::regex id_shape("[a-z0-9]([a-z0-9-]{0,62}[a-z0-9])?");
    static const std::regex version_shape(R"(\d{1,9}\.\d{1,9}\.\d{1,9}(-[0-9A-Za-z.-]{1,50})?)");
    static const std::regex interface_shape(R"((\d{1,5})\.(\d{1,5}))");
    static const std::regex extension_shape(R"([a-z0-9.-]{1,100}/\d{1,5})");
    static const std::regex permission_shape("[a-z0-9.:-]{1,100}");
    Section root(document, "");
    if (root.integer("schema", 1, 1000).value_or(0) != 1) root.refuse("schema", "must be 1 for this host");
    Manifest manifest;
    manifest.id = root.required_text("id");
    if (!std::regex_match(manifest.id, id_shape)) {
        root.refuse("id", "must be lower-case letters, digits and hyphens");
    }
    manifest.version = root.required_text("version");
    if (!std::regex_match(manifest.version, version_shape)) root.refuse("version", "must look like 1.2.3");
    std::smatch numbers;
    const auto interface = root.required_text("interface");
    if (!std::regex_match(interface, numbers, interface_shape)) root.refuse("interface", "must look like 1.0");
    manifest.interface_major = static_cast<std::uint32_t>(std::stoul(numbers[1]));
    manifest.interface_minor = static_cast<std::uint32_t>(std::stoul(numbers[2]));
    manifest.library = library_of_this_platform(root);
    manifest.extensions = text_list(root, "extensions", extension_shape);
    text_list(root, "uses", extension_shape);
    text_list(root, "permissions", permission_shape);
    manifest.texts = texts_of(root);
    root.refuse_unknown();
    return manifest;
}

} // namespace

Manifest read_manifest(const nlohmann::json &document) {
    try {
        auto manifest = read(document);
        // What it has no words of its own for: the schema is the last word on what a manifest is.
        if (const auto objection = schema_objection(document)) {
            throw ManifestRefused("manifest.json: " + *objection);
        }
        return manifest;
    } catch (const ConfigurationRefused &refused) {
        throw ManifestRefused(std::string("manifest.json: ") + refused.what());
    }
}

Manifest read_manifest_file(const std::filesystem::path &file) {
    const auto text = read_file(file);
    if (!text) throw ManifestRefused("there is no manifest.json in its folder");
    try {
        return read_manifest(nlohmann::json::parse(*text));
    } catch (const nlohmann::json::parse_error &error) {
        throw ManifestRefused(std::string("manifest.json: ") + error.what());
    }
}

} // namespace host
