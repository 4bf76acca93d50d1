// Lexer and parser over any bytes: no crash, no hang, and the same responses in whatever pieces the bytes come.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "source/imap/parser.hpp"
#include "transcript_seed.hpp"

namespace {

using roe::imap::Parser;

class Drain final : public roe::imap::BodySink {
  public:
    explicit Drain(std::size_t &total) : total_(total) {}
    bool begin(const roe::imap::Fetch &so_far, std::uint64_t size) override {
        return total_ += so_far.uid ^ size, true;
    }
    bool write(std::string_view bytes) override { return total_ += bytes.size(), true; }
    bool end() override { return total_ += 1, true; }

  private:
    std::size_t &total_;
};

// A number that depends on everything that the parser said.
std::size_t digest(std::string_view input, std::size_t piece) {
    Parser parser(
        {.lexer = {.line_bytes = 1U << 20U, .token_bytes = 4096, .depth = 100, .literal_bytes = 1U << 20U},
         .header_bytes = 1000});
    std::size_t total = 0;
    Drain drain(total);
    parser.set_body_sink(&drain);
    const std::hash<std::string> hash;
    for (std::size_t at = 0; at < input.size(); at += piece) {
        const std::string bytes(input.substr(at, piece));
        parser.feed(bytes);
        Parser::Outcome outcome{};
        while ((outcome = parser.next()) == Parser::Outcome::response) {
            total = total * 31 + parser.response().index();
            if (const auto *status = std::get_if<roe::imap::Status>(&parser.response())) {
                total += hash(status->text) ^ hash(status->code.name);
            } else if (const auto *fetch = std::get_if<roe::imap::Fetch>(&parser.response())) {
                total += fetch->uid + hash(fetch->header.value_or(""));
            } else if (const auto *listed = std::get_if<roe::imap::ListedFolder>(&parser.response())) {
                total += hash(listed->name);
            } else if (const auto *found = std::get_if<roe::imap::SearchResult>(&parser.response())) {
                total += found->uids.count();
            }
        }
        if (outcome == Parser::Outcome::failed) return total ^ hash(std::string(parser.failure()));
    }
    return total;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *bytes, std::size_t size) {
    const std::string input = roe::fuzz::server_bytes(bytes, size);
    const std::size_t whole = digest(input, std::max<std::size_t>(input.size(), 1));
    if (digest(input, 1) != whole || digest(input, 7) != whole) std::abort();
    return 0;
}
