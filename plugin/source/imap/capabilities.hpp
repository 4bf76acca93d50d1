// What a server can do, as it says itself.
#pragma once

#include <set>
#include <span>
#include <string>
#include <string_view>

namespace roe::imap {

class Capabilities {
  public:
    Capabilities() = default;
    explicit Capabilities(std::span<const std::string> words);

    // As said, or implied by IMAP4rev2 (RFC 9051 Appendix E).
    [[nodiscard]] bool has(std::string_view name) const;
    // The mechanisms for AUTHENTICATE, for people: "PLAIN, SCRAM-SHA-256".
    [[nodiscard]] std::string mechanisms() const;

  private:
    std::set<std::string, std::less<>> words_; // upper case
};

} // namespace roe::imap
