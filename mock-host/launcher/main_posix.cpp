// job-launcher: runs one job, apart from the host, so that neither's end is the other's.
//
//   job-launcher JOBS_FOLDER      descriptor 3, a socket: the order comes in, "at <microseconds>" goes out once
//                                 the job is claimed
//
// It is started as the leader of a session of its own, perhaps long before there is a job for it. The order is
// "<job id>\0<project>\0"; a host that goes away before it has sent one whole leaves a launcher that ends.
// Before the first instruction of the job it claims it: an exclusive, durable file. Whoever comes second goes
// away, so that a job whose host died between starting it and hearing of it is run once. No C++ library calls
// that allocate or throw: it is linked statically and starts in well under a millisecond.
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>

#include <fcntl.h>
#include <poll.h>
#include <signal.h> // NOLINT(modernize-deprecated-headers): POSIX has more in it than C
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "launcher/exit_codes.hpp"

namespace {

using host::launcher::exit_already_claimed;
using host::launcher::exit_trouble;

constexpr int host_descriptor = 3;
constexpr std::size_t path_size = 4096;
constexpr std::size_t most_order = std::size_t{192} * 1024; // the kernel takes no argument above 128 KiB
constexpr std::size_t kept_output = std::size_t{64} * 1024;
constexpr std::size_t most_output = 4 * kept_output; // on disk at any time, and once more while it is cut

struct Paths {
    char jobs[path_size];
    char claim[path_size];
    char claim_draft[path_size];
    char result[path_size];
    char result_draft[path_size];
    char payload[path_size];
    char output[path_size];
    char output_draft[path_size];
    char work[path_size];
};

bool make_path(char *to, const char *format, const char *jobs, const char *id, long pid) {
    const int size = std::snprintf(to, path_size, format, jobs, id, pid);
    return size > 0 && static_cast<std::size_t>(size) < path_size;
}

bool make_paths(Paths &paths, const char *jobs, const char *id) {
    const long pid = ::getpid();
    return make_path(paths.jobs, "%s", jobs, id, pid) && make_path(paths.claim, "%s/%s.claim", jobs, id, pid) &&
           make_path(paths.claim_draft, "%s/%s.claim.%ld", jobs, id, pid) &&
           make_path(paths.result, "%s/%s.result", jobs, id, pid) &&
           make_path(paths.result_draft, "%s/%s.result.%ld", jobs, id, pid) &&
           make_path(paths.payload, "%s/%s/payload.json", jobs, id, pid) &&
           make_path(paths.output, "%s/%s/output", jobs, id, pid) &&
           make_path(paths.output_draft, "%s/%s/output.%ld", jobs, id, pid) &&
           make_path(paths.work, "%s/%s/work", jobs, id, pid);
}

std::int64_t now_micros() {
    timespec time{};
    ::clock_gettime(CLOCK_REALTIME, &time);
    return static_cast<std::int64_t>(time.tv_sec) * 1'000'000 + time.tv_nsec / 1000;
}

std::size_t read_small_file(const char *name, char *to, std::size_t size) {
    const int file = ::open(name, O_RDONLY | O_CLOEXEC);
    if (file < 0) return 0;
    const ssize_t got = ::read(file, to, size - 1);
    ::close(file);
    to[got > 0 ? got : 0] = '\0';
    return got > 0 ? static_cast<std::size_t>(got) : 0;
}

// Field 22 of /proc/self/stat (proc(5)); the name in field 2 may hold spaces and brackets.
unsigned long long process_start() {
    char text[1024];
    if (read_small_file("/proc/self/stat", text, sizeof text) == 0) return 0;
    const char *at = std::strrchr(text, ')');
    for (int field = 2; at != nullptr && field < 22; ++field)
        at = std::strchr(at + 1, ' ');
    return at == nullptr ? 0 : std::strtoull(at + 1, nullptr, 10);
}

bool write_all(int file, const char *bytes, std::size_t size) {
    while (size > 0) {
        const ssize_t written = ::write(file, bytes, size);
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return false;
        bytes += written;
        size -= static_cast<std::size_t>(written);
    }
    return true;
}

bool write_file(const char *name, const char *text, std::size_t size, bool durable) {
    const int file = ::open(name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (file < 0) return false;
    const bool good = write_all(file, text, size) && (!durable || ::fsync(file) == 0);
    return (::close(file) == 0) && good;
}

bool sync_folder(const char *name) {
    const int folder = ::open(name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder < 0) return false;
    const bool good = ::fsync(folder) == 0;
    ::close(folder);
    return good;
}

// Who we are, as a claim says it. Found out before the job comes.
struct Name {
    long pid = 0;
    unsigned long long start = 0;
    char boot[64] = "";
};

void find_name(Name &name) {
    name.pid = ::getpid();
    name.start = process_start();
    read_small_file("/proc/sys/kernel/random/boot_id", name.boot, sizeof name.boot);
    name.boot[std::strcspn(name.boot, "\n")] = '\0';
}

struct Order {
    const char *job = nullptr;
    const char *project = nullptr;
};

enum class Came { whole, not_at_all, broken };

Came receive(Order &order) {
    static char text[most_order];
    std::size_t size = 0;
    while (size < sizeof text) {
        const ssize_t got = ::read(host_descriptor, text + size, sizeof text - size);
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) return size == 0 ? Came::not_at_all : Came::broken;
        size += static_cast<std::size_t>(got);
        const char *end_of_job = static_cast<const char *>(std::memchr(text, '\0', size));
        if (end_of_job == nullptr || text[size - 1] != '\0' || end_of_job == text + size - 1) continue;
        order = {text, end_of_job + 1};
        return Came::whole;
    }
    return Came::broken;
}

// Linked into place with its content, so that nobody reads a claim of a living launcher without its name. Only
// that it exists must be durable: after a loss of power the one whom it names is gone in any case.
int claim(const Paths &paths, const Name &name, std::int64_t at) {
    char text[256];
    const int size = std::snprintf(text, sizeof text, "pid %ld\nstart %llu\nboot %s\nat %lld\n", name.pid,
                                   name.start, name.boot, static_cast<long long>(at));
    if (!write_file(paths.claim_draft, text, static_cast<std::size_t>(size), false)) return exit_trouble;
    const bool linked = ::link(paths.claim_draft, paths.claim) == 0;
    const int reason = errno;
    ::unlink(paths.claim_draft);
    if (!linked) return reason == EEXIST ? exit_already_claimed : exit_trouble;
    return sync_folder(paths.jobs) ? 0 : exit_trouble;
}

int record(const Paths &paths, const char *what, const char *value) {
    char text[512];
    const int size =
        std::snprintf(text, sizeof text, "%s %s\nat %lld\n", what, value, static_cast<long long>(now_micros()));
    const bool good = write_file(paths.result_draft, text, static_cast<std::size_t>(size), true) &&
                      ::rename(paths.result_draft, paths.result) == 0 && sync_folder(paths.jobs);
    return good ? 0 : exit_trouble;
}

int record_number(const Paths &paths, const char *what, int value) {
    char text[16];
    std::snprintf(text, sizeof text, "%d", value);
    return record(paths, what, text);
}

int record_errno(const Paths &paths, const char *doing) {
    char text[256];
    std::snprintf(text, sizeof text, "%s: %s", doing, std::strerror(errno));
    return record(paths, "error", text);
}

// What the job prints, bounded: a file that is cut to its tail each time it has grown too long. Cut by a
// rename, so that a reader sees the old tail or the new one.
class Output {
  public:
    explicit Output(const Paths &paths) : paths_(paths) {
        file_ = ::open(paths.output, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    }

    // A full disk loses output, never the job.
    void append(const char *bytes, std::size_t size) {
        if (file_ < 0) return;
        if (written_ + size > most_output) cut();
        if (write_all(file_, bytes, size)) written_ += size;
    }

  private:
    void cut() {
        static char tail[kept_output];
        const std::size_t wanted = written_ < kept_output ? written_ : kept_output;
        const ssize_t got = ::pread(file_, tail, wanted, static_cast<off_t>(written_ - wanted));
        const int fresh = ::open(paths_.output_draft, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
        if (fresh < 0 || got < 0 || !write_all(fresh, tail, static_cast<std::size_t>(got)) ||
            ::rename(paths_.output_draft, paths_.output) != 0) {
            if (fresh >= 0) ::close(fresh);
            return;
        }
        ::close(file_);
        file_ = fresh;
        written_ = static_cast<std::size_t>(got);
    }

    const Paths &paths_;
    int file_ = -1;
    std::size_t written_ = 0;
};

// The whole environment of a job: nothing of the host's own, a secret key least of all.
struct Environment {
    char home[path_size + 8];
    char id[path_size + 16];
    char payload[path_size + 32];
    const char *all[6];
};

void make_environment(Environment &environment, const Paths &paths, const char *job) {
    std::snprintf(environment.home, sizeof environment.home, "HOME=%s", paths.work);
    std::snprintf(environment.id, sizeof environment.id, "ORCH_JOB_ID=%s", job);
    std::snprintf(environment.payload, sizeof environment.payload, "ORCH_JOB_PAYLOAD=%s", paths.payload);
    const char **next = environment.all;
    *next++ = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
    *next++ = "LANG=C.UTF-8";
    *next++ = environment.home;
    *next++ = environment.id;
    *next++ = environment.payload;
    *next = nullptr;
}

// Runs between vfork and exec, in the memory of the launcher: changes nothing there.
[[noreturn]] void become_project(const Paths &paths, const Environment &environment, const char *project,
                                 int output, pid_t launcher) {
    // Should the launcher be killed, nobody could tell how the job ended: `interrupted` must mean that it has.
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != launcher) ::_exit(126);
    ::umask(022);
    const int payload = ::open(paths.payload, O_RDONLY);
    if (payload < 0 || ::dup2(payload, STDIN_FILENO) < 0 || ::dup2(output, STDOUT_FILENO) < 0 ||
        ::dup2(output, STDERR_FILENO) < 0 || ::chdir(paths.work) != 0) {
        constexpr char words[] = "job-launcher: can't set the job up\n";
        write_all(STDERR_FILENO, words, sizeof words - 1);
        ::_exit(126);
    }
    ::close(payload);
    ::execle("/bin/sh", "sh", "-c", project, static_cast<char *>(nullptr), environment.all);
    ::_exit(127);
}

// Reads until the project itself has ended and what it printed is read; what it left running keeps a pipe that
// nobody reads.
void follow(int pipe, int child_descriptor, Output &output) {
    static char buffer[32 * 1024];
    bool open = true;
    while (true) {
        pollfd waiting[2] = {{child_descriptor, POLLIN, 0}, {open ? pipe : -1, POLLIN, 0}};
        if (::poll(waiting, 2, -1) < 0 && errno != EINTR) return;
        const bool ended = (waiting[0].revents & POLLIN) != 0;
        if (open && waiting[1].revents != 0) {
            const ssize_t got = ::read(pipe, buffer, sizeof buffer);
            if (got > 0) output.append(buffer, static_cast<std::size_t>(got));
            if (got == 0) open = false;
        }
        if (!ended) continue;
        ::fcntl(pipe, F_SETFL, O_NONBLOCK);
        // At most what a pipe holds: something that goes on printing must not keep the job from ending.
        std::size_t left = 1U << 20U;
        ssize_t got = 0;
        while (left > 0 && (got = ::read(pipe, buffer, sizeof buffer < left ? sizeof buffer : left)) > 0) {
            output.append(buffer, static_cast<std::size_t>(got));
            left -= static_cast<std::size_t>(got);
        }
        return;
    }
}

int run(const Paths &paths, const Order &order) {
    static Environment environment;
    make_environment(environment, paths, order.job);
    int output_pipe[2];
    if (::pipe2(output_pipe, O_CLOEXEC) != 0) return record_errno(paths, "making a pipe");
    Output output(paths);
    const pid_t launcher = ::getpid();
    // A copy of our memory would be made only to be thrown away, while the job waits for it.
    const pid_t child = ::vfork(); // NOLINT(clang-analyzer-security.insecureAPI.vfork)
    if (child < 0) return record_errno(paths, "starting a process");
    // It does nothing that is not allowed in a signal handler.
    // NOLINTNEXTLINE(clang-analyzer-unix.Vfork)
    if (child == 0) become_project(paths, environment, order.project, output_pipe[1], launcher);
    ::close(output_pipe[1]);
    const int child_descriptor = static_cast<int>(::syscall(SYS_pidfd_open, child, 0));
    if (child_descriptor >= 0) follow(output_pipe[0], child_descriptor, output);
    int status = 0;
    while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    if (WIFSIGNALED(status)) return record_number(paths, "signal", WTERMSIG(status));
    return record_number(paths, "exit", WEXITSTATUS(status));
}

} // namespace

int main(int count, char **arguments) {
    static Paths paths;
    static Name name;
    if (count != 2) return exit_trouble;
    ::fcntl(host_descriptor, F_SETFD, FD_CLOEXEC);
    ::umask(077);
    find_name(name);
    Order order;
    switch (receive(order)) {
    case Came::whole:
        break;
    case Came::not_at_all:
        return 0;
    case Came::broken:
        return exit_trouble;
    }
    if (!make_paths(paths, arguments[1], order.job)) return exit_trouble;
    if (const int trouble = claim(paths, name, now_micros()); trouble != 0) return trouble;
    char told[48];
    const int size = std::snprintf(told, sizeof told, "at %lld\n", static_cast<long long>(now_micros()));
    // Nobody may be listening any more; the claim says the same.
    ::send(host_descriptor, told, static_cast<std::size_t>(size), MSG_NOSIGNAL);
    ::close(host_descriptor);
    return run(paths, order);
}
