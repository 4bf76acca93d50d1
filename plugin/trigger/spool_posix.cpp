// What of the spool needs POSIX: making files durable.
#include <cerrno>
#include <cstdint>
#include <system_error>

#include <fcntl.h>
#include <unistd.h>

#include "trigger/spool.hpp"

namespace roe::trigger {

namespace fs = std::filesystem;

namespace {

// Up to here one fsync per file is quicker than flushing the whole file system, which others use too.
constexpr std::size_t most_single_folders = 8;
constexpr std::uintmax_t most_little_bytes = 1024UL * 1024;

class Descriptor {
  public:
    explicit Descriptor(const fs::path &path) : fd_(::open(path.c_str(), O_RDONLY | O_CLOEXEC)) {}
    ~Descriptor() {
        if (fd_ >= 0) ::close(fd_);
    }
    Descriptor(const Descriptor &) = delete;
    Descriptor &operator=(const Descriptor &) = delete;
    [[nodiscard]] int get() const { return fd_; }

  private:
    int fd_;
};

Result<void> flush_failed(const fs::path &path) {
    return Error{Fault::storage, "ledger", "flushing " + path.string() + " to disk",
                 std::generic_category().message(errno),
                 "Check that the host's spool folder is writable and its disk is not full."};
}

Result<void> flush(const fs::path &path) {
    const Descriptor opened(path);
    if (opened.get() < 0 || ::fsync(opened.get()) != 0) return flush_failed(path);
    return {};
}

Result<void> flush_tree(const fs::path &folder) {
    std::error_code code;
    for (fs::recursive_directory_iterator at(folder, code), end; !code && at != end; at.increment(code))
        if (auto flushed = flush(at->path()); !flushed) return flushed;
    if (code) {
        errno = code.value();
        return flush_failed(folder);
    }
    return flush(folder);
}

} // namespace

Spool::Flushed Spool::flush(std::vector<std::string> folders) const {
    const bool aside = !folders.empty() && is_little(folders);
    auto work = [spool = *this, folders = std::move(folders)] { return spool.make_durable(folders); };
    // Where no thread can be had, the first who asks for the outcome does the work.
    const auto when = aside ? std::launch::async | std::launch::deferred : std::launch::deferred;
    Flushed flushed = std::async(when, std::move(work));
    if (!aside) flushed.wait();
    return flushed;
}

bool Spool::is_little(std::span<const std::string> folders) const {
    if (folders.size() > most_single_folders) return false;
    std::uintmax_t bytes = 0;
    std::error_code code;
    for (const auto &folder : folders) {
        for (fs::recursive_directory_iterator at(path_of(folder), code), end; !code && at != end;
             at.increment(code)) {
            std::error_code is_folder;
            const auto size = at->file_size(is_folder);
            if (!is_folder) bytes += size;
        }
    }
    return !code && bytes <= most_little_bytes;
}

Result<void> Spool::make_durable(std::span<const std::string> folders) const {
    if (folders.empty()) return {};
    const Descriptor root(root_);
    if (root.get() < 0) return flush_failed(root_);
    if (folders.size() > most_single_folders) {
        // One journal commit for all files instead of one for each.
        if (::syncfs(root.get()) != 0) return flush_failed(root_);
        return {};
    }
    for (const auto &folder : folders)
        if (auto flushed = flush_tree(path_of(folder)); !flushed) return flushed;
    if (::fsync(root.get()) != 0) return flush_failed(root_);
    return {};
}

} // namespace roe::trigger
