// The vocabulary of the stream tests.
#pragma once

#include <chrono>
#include <csignal>
#include <memory>
#include <string>

#include <gtest/gtest.h>

#include "net/stream.hpp"
#include "support/tls_server.hpp"

namespace roe::net {

using namespace std::chrono_literals;

inline SteadyTime in(std::chrono::milliseconds time) {
    return std::chrono::steady_clock::now() + time;
}

// Long enough on a busy machine; a test that comes to wait for it has failed.
inline constexpr std::chrono::milliseconds patience = 30s;

// What ends well before that, ended by itself.
inline constexpr std::chrono::milliseconds soon = 10s;

class Stopwatch {
  public:
    [[nodiscard]] std::chrono::milliseconds elapsed() const {
        return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - start_);
    }

  private:
    std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

inline std::unique_ptr<Stream> connect_to(const test::Server &server) {
    static const auto connector = make_connector();
    auto stream = connector->connect("127.0.0.1", server.port(), in(patience));
    if (!stream) throw std::runtime_error(stream.error().text());
    return *std::move(stream);
}

// Reads until `text` has come; what came instead if it does not.
inline std::string read_up_to(Stream &stream, std::string_view text) {
    std::string all;
    while (all.size() < text.size()) {
        char buffer[4096];
        const auto got = stream.read(buffer, sizeof buffer, in(patience));
        if (!got) return all + " [" + got.error().text() + "]";
        if (*got == 0) return all + " [end]";
        all.append(buffer, *got);
    }
    return all;
}

// SIGPIPE as a foreign host may have it: deadly. Poco blocks it in the thread that loads it, and so in this
// one.
class DeadlyBrokenPipe {
  public:
    DeadlyBrokenPipe() : handler_(std::signal(SIGPIPE, SIG_DFL)) {
        const sigset_t set = broken_pipe();
        ::pthread_sigmask(SIG_UNBLOCK, &set, &mask_);
    }
    ~DeadlyBrokenPipe() {
        ::pthread_sigmask(SIG_SETMASK, &mask_, nullptr);
        std::signal(SIGPIPE, handler_);
    }
    DeadlyBrokenPipe(const DeadlyBrokenPipe &) = delete;
    DeadlyBrokenPipe &operator=(const DeadlyBrokenPipe &) = delete;

    // One left pending in a thread that has it blocked would strike when the thread's owner unblocks it.
    [[nodiscard]] static bool left_pending() {
        sigset_t pending{};
        ::sigpending(&pending);
        return sigismember(&pending, SIGPIPE) == 1;
    }

    [[nodiscard]] bool still_unblocked() const {
        sigset_t now{};
        ::pthread_sigmask(SIG_BLOCK, nullptr, &now);
        return sigismember(&now, SIGPIPE) == 0;
    }

  private:
    static sigset_t broken_pipe() {
        sigset_t set{};
        sigemptyset(&set);
        sigaddset(&set, SIGPIPE);
        return set;
    }

    void (*handler_)(int);
    sigset_t mask_{};
};

inline std::string words(const Error &error) {
    return error.text() + " | " + error.advice;
}

} // namespace roe::net
