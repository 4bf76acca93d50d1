#include "base/files.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <mutex>
#include <set>
#include <stdexcept>
#include <system_error>

#include <fcntl.h>
#include <unistd.h>

namespace host {
namespace {

// What this process has locked: fcntl(2) keeps other processes out only.
std::mutex locked_files_mutex;
std::set<std::filesystem::path> locked_files;

[[noreturn]] void fail(const std::filesystem::path &file) {
    throw std::system_error(errno, std::generic_category(), file.string());
}

class Descriptor {
  public:
    Descriptor(const std::filesystem::path &file, int flags)
        : fd_(::open(file.c_str(), flags | O_CLOEXEC, 0600)) {
        if (fd_ < 0) fail(file);
    }
    ~Descriptor() { ::close(fd_); }
    Descriptor(const Descriptor &) = delete;
    Descriptor &operator=(const Descriptor &) = delete;
    [[nodiscard]] int get() const { return fd_; }

  private:
    int fd_;
};

void write_all(const Descriptor &to, std::string_view content, const std::filesystem::path &file) {
    while (!content.empty()) {
        const ssize_t written = ::write(to.get(), content.data(), content.size());
        if (written < 0) {
            if (errno == EINTR) continue;
            fail(file);
        }
        content.remove_prefix(static_cast<std::size_t>(written));
    }
}

// Beside the file, on disk.
std::filesystem::path write_draft(const std::filesystem::path &file, std::string_view content) {
    std::filesystem::path draft = file.string() + "." + std::to_string(::getpid()) + ".new";
    const Descriptor out(draft, O_WRONLY | O_CREAT | O_TRUNC);
    write_all(out, content, draft);
    if (::fsync(out.get()) != 0) fail(draft);
    return draft;
}

void sync_folder_of(const std::filesystem::path &file) {
    const auto parent = file.has_parent_path() ? file.parent_path() : std::filesystem::path(".");
    const Descriptor folder(parent, O_RDONLY | O_DIRECTORY);
    if (::fsync(folder.get()) != 0) fail(parent);
}

} // namespace

std::optional<std::string> read_file(const std::filesystem::path &file) {
    errno = 0;
    std::ifstream in(file, std::ios::binary);
    if (!in) {
        // Not whether it is there now: it may have come meanwhile.
        if (errno == ENOENT || errno == ENOTDIR) return std::nullopt;
        throw std::runtime_error("can't read " + file.string());
    }
    return std::string(std::istreambuf_iterator<char>(in), {});
}

std::string read_tail(const std::filesystem::path &file, std::size_t limit) {
    std::ifstream in(file, std::ios::binary | std::ios::ate);
    if (!in) return {};
    const auto size = static_cast<std::size_t>(in.tellg());
    const std::size_t wanted = size < limit ? size : limit;
    in.seekg(static_cast<std::streamoff>(size - wanted));
    std::string tail(wanted, '\0');
    in.read(tail.data(), static_cast<std::streamsize>(wanted));
    tail.resize(static_cast<std::size_t>(in.gcount()));
    return tail;
}

void write_private(const std::filesystem::path &file, std::string_view content) {
    const Descriptor out(file, O_WRONLY | O_CREAT | O_TRUNC);
    write_all(out, content, file);
}

bool create_durable(const std::filesystem::path &file, std::string_view content) {
    const auto draft = write_draft(file, content);
    // A link, not a rename: of two processes that come at once one must lose.
    const bool created = ::link(draft.c_str(), file.c_str()) == 0;
    const int reason = errno;
    ::unlink(draft.c_str());
    if (!created) {
        if (reason == EEXIST) return false;
        errno = reason;
        fail(file);
    }
    sync_folder_of(file);
    return true;
}

void replace_durable(const std::filesystem::path &file, std::string_view content) {
    const auto draft = write_draft(file, content);
    if (::rename(draft.c_str(), file.c_str()) != 0) {
        const int reason = errno;
        ::unlink(draft.c_str());
        errno = reason;
        fail(file);
    }
    sync_folder_of(file);
}

void make_private_folder(const std::filesystem::path &folder) {
    if (std::filesystem::is_directory(folder)) return;
    std::filesystem::create_directories(folder);
    std::filesystem::permissions(folder, std::filesystem::perms::owner_all);
}

std::optional<std::filesystem::path> file_below(const std::filesystem::path &folder,
                                                const std::filesystem::path &file) {
    // A name with a NUL in it would be cut there by the system, and be another's.
    if (file.native().find('\0') != std::string::npos) return std::nullopt;
    std::error_code error;
    const auto above = std::filesystem::canonical(folder, error);
    if (error) return std::nullopt;
    auto found = std::filesystem::canonical(file, error);
    if (error || !std::filesystem::is_regular_file(found, error)) return std::nullopt;
    if (std::mismatch(above.begin(), above.end(), found.begin(), found.end()).first != above.end())
        return std::nullopt;
    return found;
}

std::int64_t bytes_below(const std::filesystem::path &folder) {
    std::int64_t bytes = 0;
    std::error_code error;
    for (std::filesystem::recursive_directory_iterator entry(folder, error), end; !error && entry != end;
         entry.increment(error)) {
        if (entry->is_regular_file(error)) {
            const auto size = entry->file_size(error);
            if (!error) bytes += static_cast<std::int64_t>(size);
        }
    }
    return bytes;
}

FolderLock::FolderLock(const std::filesystem::path &file) : file_(std::filesystem::weakly_canonical(file)) {
    const auto in_use = [&] { return std::runtime_error("another host uses " + file.parent_path().string()); };
    const std::lock_guard lock(locked_files_mutex);
    // Not even opened then: closing any descriptor of the file gives up the process's lock (fcntl(2)).
    if (locked_files.contains(file_)) throw in_use();
    descriptor_ = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (descriptor_ < 0) fail(file);
    // Of the process, and not of the descriptor as flock(2) is: a child that was forked when the host was
    // killed does not have it.
    struct flock whole {};
    whole.l_type = F_WRLCK;
    whole.l_whence = SEEK_SET;
    if (::fcntl(descriptor_, F_SETLK, &whole) != 0) {
        ::close(descriptor_);
        throw in_use();
    }
    locked_files.insert(file_);
}

FolderLock::~FolderLock() {
    const std::lock_guard lock(locked_files_mutex);
    ::close(descriptor_);
    locked_files.erase(file_);
}

} // namespace host
