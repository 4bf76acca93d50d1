#include "message/gmime.hpp"

#include <csignal>
#include <mutex>

namespace roe::message {

GMimeParserOptions *gmime_options() {
    static GMimeParserOptions *options = nullptr;
    static std::once_flag once;
    std::call_once(once, [] {
        // g_mime_init starts GpgME, which sets SIGPIPE to "ignore" for the whole process when it finds the
        // default (gpgme, posix-io.c, _gpgme_io_subsystem_init). Signals are the host's.
        struct sigaction before {};
        sigaction(SIGPIPE, nullptr, &before);
        g_mime_init();
        sigaction(SIGPIPE, &before, nullptr);
        options = g_mime_parser_options_new();
    });
    return options;
}

} // namespace roe::message
