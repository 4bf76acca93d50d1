// A command as it goes over the wire. Whatever a person typed can only become a string in it: quoted or a
// literal, so that neither CR LF nor a quote in a name or password can add a command of its own.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/wipe.hpp"

#include "source/imap/capabilities.hpp"

namespace roe::imap {

// How strings are written to this server.
struct Dialect {
    enum class FreeLiterals : std::uint8_t { none, small, any }; // RFC 7888: nothing, LITERAL-, LITERAL+
    FreeLiterals free_literals = FreeLiterals::none;
    bool utf8 = false; // ENABLE UTF8=ACCEPT took effect (RFC 6855)

    static Dialect of(const Capabilities &capabilities, bool utf8);
};

class Command {
  public:
    // `words` and what goes to `raw` is our own text, never a person's.
    explicit Command(std::string_view words, Dialect dialect = {})
        : dialect_(dialect), pieces_{std::string(words)} {}

    Command &raw(std::string_view text);
    // A space and a string (RFC 9051 astring).
    Command &string(std::string_view text);

    // Each piece but the first waits for the server's "+". None has the final CR LF.
    [[nodiscard]] const std::vector<std::string> &pieces() const { return pieces_; }
    // False when a string held NUL, which IMAP can't carry.
    [[nodiscard]] bool sendable() const { return sendable_; }

    // Overwrites what it holds, for a command that held a password.
    void wipe();

  private:
    Dialect dialect_;
    std::vector<std::string> pieces_;
    bool sendable_ = true;
};

} // namespace roe::imap
