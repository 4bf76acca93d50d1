// Sealing that behaves like a host's towards a plugin: unreadable at a glance, never twice the same, bound to
// its context, and noticing a change. It is no encryption and protects nothing.
#pragma once

#include <atomic>
#include <charconv>
#include <cstdint>
#include <string>
#include <string_view>

#include "orch/sdk/secrets.hpp"

namespace orch::sdk::testing {

// [any thread]
class BoxedSecrets final : public SecretsService {
  public:
    // From now on nothing opens that was sealed before, as when a host's key is lost.
    void change_key() { ++key_; }

    Outcome<std::string> seal(std::string_view context, std::string_view plain) override {
        const std::uint64_t nonce = ++nonce_;
        std::string sealed = "boxed:" + hex(nonce, 16) + hex(tag(nonce, context, plain), 16);
        for (std::size_t i = 0; i < plain.size(); ++i) {
            sealed += hex(static_cast<unsigned char>(plain[i]) ^ pad(nonce, i), 2);
        }
        return sealed;
    }

    Outcome<std::string> open(std::string_view context, std::string_view sealed) override {
        constexpr std::size_t head = 6 + 16 + 16;
        if (!sealed.starts_with("boxed:") || sealed.size() < head || sealed.size() % 2 != 0) {
            return failed("this was not sealed here");
        }
        const std::uint64_t nonce = number(sealed.substr(6, 16));
        std::string plain;
        for (std::size_t i = head; i < sealed.size(); i += 2) {
            plain += static_cast<char>(number(sealed.substr(i, 2)) ^ pad(nonce, plain.size()));
        }
        if (number(sealed.substr(22, 16)) != tag(nonce, context, plain)) {
            return failed("this was changed, or sealed for something else or with another key");
        }
        return plain;
    }

  private:
    // FNV-1a.
    static std::uint64_t mix(std::uint64_t hash, std::string_view bytes) {
        for (const char byte : bytes) {
            hash = (hash ^ static_cast<unsigned char>(byte)) * 1099511628211U;
        }
        return hash;
    }

    [[nodiscard]] std::uint64_t tag(std::uint64_t nonce, std::string_view context,
                                    std::string_view plain) const {
        std::uint64_t hash = mix(14695981039346656037U ^ key_, hex(nonce, 16));
        hash = mix(hash, hex(context.size(), 16));
        return mix(mix(hash, context), plain);
    }

    [[nodiscard]] std::uint64_t pad(std::uint64_t nonce, std::size_t position) const {
        return (mix(14695981039346656037U ^ key_, hex(nonce * 1000003U + position, 16)) >> 17U) & 0xFFU;
    }

    static std::string hex(std::uint64_t value, std::size_t digits) {
        std::string text(digits, '0');
        for (std::size_t i = digits; i-- > 0; value >>= 4U) {
            text[i] = "0123456789abcdef"[value & 0xFU];
        }
        return text;
    }

    static std::uint64_t number(std::string_view digits) {
        std::uint64_t value = 0;
        std::from_chars(digits.data(), digits.data() + digits.size(), value, 16);
        return value;
    }

    std::atomic<std::uint64_t> key_{0x5EA1};
    std::atomic<std::uint64_t> nonce_{0};
};

} // namespace orch::sdk::testing
