// What the plugin does with each mail of a folder, by itself: the payload and its attachments. See
// bench/decode.py.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "message/payload.hpp"

namespace {

using roe::message::make_payload;

std::vector<std::string> mails_in(const std::string &folder) {
    std::vector<std::string> paths;
    for (const auto &entry : std::filesystem::directory_iterator(folder))
        paths.push_back(entry.path().string());
    std::ranges::sort(paths);
    return paths;
}

std::size_t decode(const std::string &path, const std::string &spool) {
    std::filesystem::create_directories(spool);
    const auto payload = make_payload(path, spool, {"robot@example.com", "IMAP", "INBOX", "trigger", "1", {}});
    if (!payload) {
        std::fprintf(stderr, "%s\n", payload.error().text().c_str());
        std::exit(1);
    }
    return payload->json.size();
}

double seconds_of_processor() {
    return static_cast<double>(std::clock()) / CLOCKS_PER_SEC;
}

void speed(const std::string &folder, const std::string &spool, int rounds) {
    const auto mails = mails_in(folder);
    for (int round = 0; round < rounds; ++round) {
        const double began = seconds_of_processor();
        for (std::size_t i = 0; i < mails.size(); ++i)
            decode(mails[i], spool + "/" + std::to_string(round) + "/" + std::to_string(i));
        std::printf("%.6f\n", seconds_of_processor() - began);
    }
}

long kibibytes(const char *field) {
    std::ifstream status("/proc/self/status");
    for (std::string line; std::getline(status, line);) {
        if (line.starts_with(field)) return std::atol(line.c_str() + std::strlen(field) + 1);
    }
    return 0;
}

// The first mail of the folder brings in what any mail does; what the others take beyond that counts.
void memory(const std::string &folder, const std::string &spool) {
    const auto mails = mails_in(folder);
    decode(mails.front(), spool + "/first");
    std::ofstream("/proc/self/clear_refs") << "5"; // proc(5): the peak is what is resident now
    const long before = kibibytes("VmRSS");
    for (std::size_t i = 1; i < mails.size(); ++i)
        decode(mails[i], spool + "/" + std::to_string(i));
    std::printf("%ld\n", kibibytes("VmHWM") - before);
}

} // namespace

int main(int count, char **arguments) {
    constexpr int expected = 5;
    if (count != expected) {
        std::fprintf(stderr, "usage: %s speed|memory mails spool rounds\n", arguments[0]);
        return 2;
    }
    if (std::strcmp(arguments[1], "memory") == 0)
        memory(arguments[2], arguments[3]);
    else
        speed(arguments[2], arguments[3], std::atoi(arguments[4]));
    return 0;
}
