#include "transcript.hpp"

#include <fstream>
#include <stdexcept>

namespace roe::replay {

namespace {

bool take_prefix(std::string_view &line, std::string_view prefix) {
    if (!line.starts_with(prefix)) return false;
    line.remove_prefix(prefix.size());
    if (line.starts_with(' ')) line.remove_prefix(1);
    return true;
}

} // namespace

Transcript read_transcript(const std::string &path) {
    std::ifstream file(path, std::ios::binary);
    if (!file) throw std::runtime_error("can't read " + path);
    Transcript transcript;
    int number = 0;
    for (std::string text; std::getline(file, text);) {
        ++number;
        std::string_view line = text;
        if (line.empty() || line.starts_with('#')) continue;
        if (take_prefix(line, "account")) {
            transcript.account = line;
            continue;
        }
        if (take_prefix(line, ">")) {
            transcript.exchanges.push_back({std::string(line), {}, {}});
            continue;
        }
        if (transcript.exchanges.empty())
            throw std::runtime_error(path + ":" + std::to_string(number) + ": no action");
        Exchange &exchange = transcript.exchanges.back();
        const auto wire = [&exchange](Wire::Kind kind, std::string bytes) {
            exchange.wire.push_back({kind, std::move(bytes)});
        };
        if (take_prefix(line, "S:")) {
            wire(Wire::Kind::server, std::string(line) + "\r\n");
        } else if (take_prefix(line, "S.")) {
            wire(Wire::Kind::server, std::string(line));
        } else if (take_prefix(line, "C:")) {
            wire(Wire::Kind::client, std::string(line) + "\r\n");
        } else if (take_prefix(line, "N:")) {
            wire(Wire::Kind::connect, {});
        } else if (take_prefix(line, "T:")) {
            wire(Wire::Kind::handshake, {});
        } else if (take_prefix(line, "T!")) {
            wire(Wire::Kind::failed_handshake, std::string(line));
        } else if (take_prefix(line, "X:")) {
            wire(Wire::Kind::close, {});
        } else if (take_prefix(line, "=")) {
            exchange.outcome.emplace_back(line);
        } else {
            throw std::runtime_error(path + ":" + std::to_string(number) + ": what is this line?");
        }
    }
    return transcript;
}

} // namespace roe::replay
