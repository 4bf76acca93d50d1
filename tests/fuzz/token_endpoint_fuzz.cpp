// A token endpoint that says anything: the request ends with a token that is fit to send or with an error in
// words, and no secret comes back in those.
#include <cstdint>
#include <string>

#include "any_server.hpp"
#include "net/bearer.hpp"
#include "net/oauth2.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
    using namespace roe;
    std::string bytes(reinterpret_cast<const char *>(data), size);
    std::size_t piece = 1U << 16U;
    if (!bytes.empty()) {
        piece = static_cast<std::size_t>(static_cast<unsigned char>(bytes.back())) * 8 + 1;
        bytes.pop_back();
    }
    net::TokenRequest request;
    request.endpoint = "http://127.0.0.1/token";
    request.client_id = "robot";
    request.client_secret = fuzz::password;
    fuzz::AnyServer server(bytes, piece);
    const auto tokens = net::request_tokens(server, fuzz::StillClock(), request, {});
    if (tokens) {
        fuzz::require(!tokens->access.empty() && tokens->lifetime.count() > 0);
        for (const char c : tokens->access)
            fuzz::require(c > 0x20 && c < 0x7f);
    } else {
        fuzz::require(!tokens.error().doing.empty() && tokens.error().step == "login");
    }
    fuzz::require(!net::bearer_refusal(bytes).empty());
    return 0;
}
