#include "process_environment.hpp"

#include <cerrno>
#include <csignal>
#include <system_error>

#include <signal.h> // NOLINT(modernize-deprecated-headers): POSIX has more in it than C
#include <sys/resource.h>
#include <sys/stat.h>

namespace host {
namespace {

sigset_t stop_signals() {
    sigset_t set;
    ::sigemptyset(&set);
    ::sigaddset(&set, SIGTERM);
    ::sigaddset(&set, SIGINT);
    return set;
}

} // namespace

StopSignal::StopSignal() {
    const sigset_t set = stop_signals();
    if (const int error = ::pthread_sigmask(SIG_BLOCK, &set, nullptr); error != 0) {
        throw std::system_error(error, std::generic_category(), "pthread_sigmask");
    }
    ::signal(SIGPIPE, SIG_IGN);
    ::umask(077);
    // Plugins hold a socket for each mailbox.
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
        limit.rlim_cur = limit.rlim_max;
        ::setrlimit(RLIMIT_NOFILE, &limit);
    }
}

void StopSignal::wait() {
    const sigset_t set = stop_signals();
    int received = 0;
    while (::sigwait(&set, &received) == EINTR) {
    }
}

std::filesystem::path program_folder() {
    return std::filesystem::canonical("/proc/self/exe").parent_path();
}

} // namespace host
