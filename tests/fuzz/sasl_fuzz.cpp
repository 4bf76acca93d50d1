// A server's challenges as any bytes, to every mechanism but Kerberos'. No crash, no hang; what is answered is
// Base64, and no server proves by chance that it knows the password.
#include <algorithm>
#include <cctype>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "net/sasl.hpp"

namespace {

void require(bool promise) {
    if (!promise) std::abort();
}

std::string base64(std::string_view bytes) {
    constexpr std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string text;
    for (std::size_t i = 0; i < bytes.size(); i += 3) {
        std::uint32_t bits = 0;
        for (std::size_t k = 0; k < 3; ++k)
            bits = bits << 8U | (i + k < bytes.size() ? static_cast<unsigned char>(bytes[i + k]) : 0U);
        for (std::size_t k = 0; k < 4; ++k)
            text += i + k <= bytes.size() ? digits[bits >> (18 - 6 * k) & 63U] : '=';
    }
    return text;
}

} // namespace

// A line is a challenge: as it is when it begins with "=", else as Base64 of it.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *bytes, std::size_t size) {
    const std::string_view input(reinterpret_cast<const char *>(bytes), size);
    for (int kind = 0; kind <= static_cast<int>(roe::net::Mechanism::anonymous); ++kind) {
        const auto mechanism = static_cast<roe::net::Mechanism>(kind);
        if (mechanism == roe::net::Mechanism::gssapi) continue; // without a ticket nothing is said
        roe::net::SaslExchange exchange(mechanism, {.login = "ann@example.com",
                                                    .password = "secret",
                                                    .service = "imap",
                                                    .server = "imap.example.com"});
        if (exchange.client_begins()) require(exchange.answer({}).has_value());
        std::string_view rest = input;
        while (!rest.empty()) {
            const std::string_view line = rest.substr(0, rest.find('\n'));
            rest.remove_prefix(std::min(line.size() + 1, rest.size()));
            const auto words =
                exchange.answer(line.starts_with('=') ? std::string(line.substr(1)) : base64(line));
            if (!words) break;
            for (const char c : *words)
                require(std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '+' || c == '/' || c == '=');
        }
        using roe::net::Mechanism;
        if (mechanism == Mechanism::scram_sha_1 || mechanism == Mechanism::scram_sha_256 ||
            mechanism == Mechanism::digest_md5)
            require(!exchange.complete());
    }
    return 0;
}
