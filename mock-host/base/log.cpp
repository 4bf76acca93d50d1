#include "base/log.hpp"

#include <cstdio>
#include <string>

#include "base/times.hpp"

namespace host {

void log_line(Severity severity, std::string_view who, std::string_view message) {
    std::string line = rfc3339(wall_now());
    switch (severity) {
    case Severity::debug:
        line += " debug   ";
        break;
    case Severity::info:
        line += " info    ";
        break;
    case Severity::warning:
        line += " warning ";
        break;
    case Severity::error:
        line += " error   ";
        break;
    }
    line += who;
    line += ": ";
    for (const char c : message) {
        // One event is one line: what a mail server said must not be able to forge another.
        line.push_back(static_cast<unsigned char>(c) < 0x20 || c == 0x7F ? ' ' : c);
    }
    line.push_back('\n');
    std::fwrite(line.data(), 1, line.size(), stderr);
}

} // namespace host
