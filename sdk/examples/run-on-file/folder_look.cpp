#include "folder_look.hpp"

#include <algorithm>
#include <system_error>

#include "orch/sdk/utf8.hpp"

namespace run_on_file {

namespace fs = std::filesystem;

namespace {

// FNV-1a.
std::string fingerprint(const std::string &text) {
    std::uint64_t hash = 14695981039346656037U;
    for (const char byte : text) {
        hash = (hash ^ static_cast<unsigned char>(byte)) * 1099511628211U;
    }
    return std::to_string(hash);
}

} // namespace

std::string key_of(const std::string &trigger, const fs::path &folder, const File &file) {
    const std::string key = trigger + ':' + fingerprint(folder.string()) + ':' + std::to_string(file.size) +
                            ':' + std::to_string(file.modified) + ':';
    if (key.size() + file.name.size() <= 200) {
        return key + file.name;
    }
    return key.substr(0, 120) + fingerprint(key + file.name) + fingerprint(file.name + key);
}

orch::sdk::Outcome<std::vector<File>> files_in(const fs::path &folder, const std::string &suffix) {
    std::vector<File> files;
    std::error_code error;
    for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
        const std::string name = entry->path().filename().string();
        std::error_code vanished; // between the listing and the question: no longer our business
        const bool regular = entry->is_regular_file(vanished);
        const auto size = regular && !vanished ? entry->file_size(vanished) : 0;
        const auto modified = regular && !vanished ? entry->last_write_time(vanished) : fs::file_time_type{};
        if (regular && !vanished && name.ends_with(suffix) && orch::sdk::is_utf8(name)) {
            files.push_back({name, size, static_cast<std::int64_t>(modified.time_since_epoch().count())});
        }
    }
    if (error) {
        return orch::sdk::failed("the folder " + folder.string() + " can't be read: " + error.message());
    }
    std::sort(files.begin(), files.end());
    return files;
}

std::vector<File> Settling::settled(const std::vector<File> &seen) {
    std::vector<File> still;
    std::map<std::string, File> now;
    for (const File &file : seen) {
        const auto before = before_.find(file.name);
        if (before != before_.end() && before->second == file) {
            still.push_back(file);
        }
        now.emplace(file.name, file);
    }
    before_ = std::move(now);
    return still;
}

} // namespace run_on_file
