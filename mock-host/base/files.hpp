// Small files that must be whole, private or durable.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace host {

// Empty when the file does not exist; throws std::runtime_error when it can't be read.
std::optional<std::string> read_file(const std::filesystem::path &file);

// The last `limit` bytes of a file; empty when it does not exist.
std::string read_tail(const std::filesystem::path &file, std::size_t limit);

// Writes a new file that only the owner can read. Not durable: for what can be made again.
void write_private(const std::filesystem::path &file, std::string_view content);

// The same, on disk when it returns and never seen half written. False when the file exists already.
bool create_durable(const std::filesystem::path &file, std::string_view content);

// Puts the content in the place of a file's, or makes the file: whole, private and on disk when it returns.
void replace_durable(const std::filesystem::path &file, std::string_view content);

// Makes the folder, and those above it, if it is not there; only the owner may enter it.
void make_private_folder(const std::filesystem::path &folder);

// The file's own path, links followed, if it is a regular file and lies below the folder wherever links lead;
// else empty.
std::optional<std::filesystem::path> file_below(const std::filesystem::path &folder,
                                                const std::filesystem::path &file);

// Bytes of all files below `folder`; 0 when it does not exist.
std::int64_t bytes_below(const std::filesystem::path &folder);

// Keeps a file locked for this process, so that a folder has one user at a time. The lock goes with the
// process, however it ends.
class FolderLock {
  public:
    // Throws std::runtime_error when another process has it, or another lock of this one.
    explicit FolderLock(const std::filesystem::path &file);
    ~FolderLock();
    FolderLock(const FolderLock &) = delete;
    FolderLock &operator=(const FolderLock &) = delete;

  private:
    std::filesystem::path file_;
    int descriptor_ = -1;
};

} // namespace host
