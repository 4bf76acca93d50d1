// What a server may take and send: time for each step, bytes for each thing.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace roe {

struct Limits {
    std::chrono::milliseconds connect{15'000};
    std::chrono::milliseconds tls{15'000};
    std::chrono::milliseconds greeting{15'000};
    std::chrono::milliseconds command{30'000}; // for commands that need little work
    // For SELECT, SEARCH, FETCH and STORE: a pause between two bytes, the whole, and the rate below which a
    // body that still drips is given up. The whole grows with what arrives, so a large mail is not cut off.
    std::chrono::milliseconds pause{30'000};
    std::chrono::milliseconds answer{180'000};
    std::int64_t slowest_bytes_per_second = 2048;
    // A parked session whose descriptor woke: TLS wakes it without data too.
    std::chrono::milliseconds wake{50};
    std::chrono::milliseconds goodbye{500};
    // RFC 2177 allows 29 minutes, Gmail drops near 9 (MailKit #707); a tenth less by jitter.
    std::chrono::milliseconds idle{540'000};

    std::size_t line_bytes = 16U << 20U;
    std::size_t header_bytes = 1U << 20U;       // of one mail; the rest is cut and said so
    std::size_t look_header_bytes = 64U << 20U; // of all mails of one look; the rest comes with the next
    std::uint64_t body_bytes = 2ULL << 30U;
};

} // namespace roe
