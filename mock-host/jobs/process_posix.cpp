#include "jobs/process.hpp"

#include <array>
#include <cerrno>
#include <cstdlib>
#include <string_view>
#include <system_error>
#include <vector>

#include <fcntl.h>
#include <poll.h>
#include <signal.h> // NOLINT(modernize-deprecated-headers): POSIX has more in it than C
#include <spawn.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/files.hpp"

namespace host {
namespace {

constexpr int host_descriptor = 3; // of the launcher

// By number: glibc has a name for it since 2.36 only.
Handle open_process(pid_t pid) {
    return Handle(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
}

[[noreturn]] void fail(int error, const std::string &doing) {
    throw std::system_error(error, std::generic_category(), doing);
}

class SpawnSettings {
  public:
    explicit SpawnSettings(int told) {
        ::posix_spawn_file_actions_init(&actions_);
        ::posix_spawn_file_actions_addopen(&actions_, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
        ::posix_spawn_file_actions_addopen(&actions_, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
        ::posix_spawn_file_actions_addopen(&actions_, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
        ::posix_spawn_file_actions_adddup2(&actions_, told, host_descriptor);
        // Sockets and files of plugins and libraries, many of them not close-on-exec, must not reach a job.
        ::posix_spawn_file_actions_addclosefrom_np(&actions_, host_descriptor + 1);
        ::posix_spawnattr_init(&attributes_);
        ::posix_spawnattr_setflags(&attributes_,
                                   POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
        sigset_t none;
        ::sigemptyset(&none);
        ::posix_spawnattr_setsigmask(&attributes_, &none);
        sigset_t all;
        ::sigfillset(&all);
        ::posix_spawnattr_setsigdefault(&attributes_, &all);
    }
    ~SpawnSettings() {
        ::posix_spawn_file_actions_destroy(&actions_);
        ::posix_spawnattr_destroy(&attributes_);
    }
    SpawnSettings(const SpawnSettings &) = delete;
    SpawnSettings &operator=(const SpawnSettings &) = delete;

    [[nodiscard]] const posix_spawn_file_actions_t *actions() const { return &actions_; }
    [[nodiscard]] const posix_spawnattr_t *attributes() const { return &attributes_; }

  private:
    posix_spawn_file_actions_t actions_{};
    posix_spawnattr_t attributes_{};
};

std::vector<char *> pointers(std::vector<std::string> &texts) {
    std::vector<char *> list;
    list.reserve(texts.size() + 1);
    for (auto &text : texts)
        list.push_back(text.data());
    list.push_back(nullptr);
    return list;
}

std::string boot_id() {
    auto text = read_file("/proc/sys/kernel/random/boot_id").value_or("");
    while (text.ends_with('\n'))
        text.pop_back();
    return text;
}

// Field 22 of /proc/<pid>/stat (proc(5)).
std::uint64_t process_start(std::int64_t pid) {
    const auto text = read_file("/proc/" + std::to_string(pid) + "/stat");
    if (!text) return 0;
    // The name in field 2 may hold spaces and brackets.
    auto at = text->rfind(')');
    for (int field = 2; at != std::string::npos && field < 22; ++field)
        at = text->find(' ', at + 1);
    return at == std::string::npos ? 0 : std::strtoull(text->c_str() + at + 1, nullptr, 10);
}

} // namespace

Handle &Handle::operator=(Handle &&other) noexcept {
    if (this != &other) {
        reset();
        descriptor_ = other.release();
    }
    return *this;
}

void Handle::reset() {
    if (descriptor_ >= 0) ::close(descriptor_);
    descriptor_ = -1;
}

LauncherProcess start_launcher(const std::filesystem::path &launcher, const std::filesystem::path &jobs) {
    std::array<int, 2> ends{};
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0) fail(errno, "making a socket");
    Handle here(ends[0]);
    const Handle there(ends[1]);

    std::vector<std::string> arguments{launcher.string(), jobs.string()};
    std::vector<std::string> no_variables; // a secret key may stand in ours
    const SpawnSettings settings(there.get());
    pid_t pid = 0;
    const int error = ::posix_spawn(&pid, launcher.c_str(), settings.actions(), settings.attributes(),
                                    pointers(arguments).data(), pointers(no_variables).data());
    if (error != 0) fail(error, launcher.string());
    auto ended = open_process(pid);
    if (!ended.open()) {
        const int reason = errno;
        here.reset(); // it ends for want of an order
        ::waitpid(pid, nullptr, 0);
        fail(reason, "watching process " + std::to_string(pid));
    }
    return {pid, true, std::move(ended), std::move(here)};
}

void give_order(const LauncherProcess &launcher, const std::filesystem::path &jobs, const LaunchOrder &order) {
    const JobFolder job(jobs, order.id);
    std::filesystem::create_directories(job.work());
    write_private(job.payload(), order.payload);

    const std::string text = order.id + '\0' + order.project + '\0';
    for (std::string_view rest = text; !rest.empty();) {
        const ssize_t sent = ::send(launcher.told.get(), rest.data(), rest.size(), MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR) continue;
        if (sent < 0) fail(errno, "giving job " + order.id + " to its launcher");
        rest.remove_prefix(static_cast<std::size_t>(sent));
    }
}

void dismiss(LauncherProcess launcher) {
    launcher.told.reset();
    ::kill(static_cast<pid_t>(launcher.pid), SIGKILL); // it may be stopped, and has nothing to lose
    collect(launcher);
}

std::optional<LauncherProcess> adopt(const Claim &claim) {
    if (claim.boot != boot_id()) return std::nullopt;
    auto ended = open_process(static_cast<pid_t>(claim.pid));
    if (!ended.open()) return std::nullopt;
    // Looked at after the descriptor was opened: from here on the pid can't come to mean another process.
    if (process_start(claim.pid) != claim.process_start) return std::nullopt;
    LauncherProcess process{claim.pid, false, std::move(ended), {}};
    if (has_ended(process)) return std::nullopt;
    return process;
}

bool has_ended(const LauncherProcess &process) {
    pollfd state{process.ended.get(), POLLIN, 0};
    return ::poll(&state, 1, 0) == 1;
}

int collect(const LauncherProcess &process) {
    int status = 0;
    while (::waitpid(static_cast<pid_t>(process.pid), &status, 0) < 0) {
        if (errno != EINTR) return -1;
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

} // namespace host
