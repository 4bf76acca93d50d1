// The host's key for secrets at rest: AES-256-GCM, bound to what the secret belongs to.
//
// Sealed text: "orch1:<key id>:<base64 of nonce, ciphertext, tag>". The key id lets old texts be opened after
// a new key has been put first (rotation). [any thread]
#pragma once

#include <array>
#include <filesystem>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "orch/ext/tenants.h"

namespace host {

// The context of what password-encryptor seals for the configuration file.
inline constexpr std::string_view configuration_context = ORCH_CONFIGURATION_CONTEXT;

struct SecretRefused : std::runtime_error {
    using std::runtime_error::runtime_error;
};

class KeyRing {
  public:
    using Key = std::array<unsigned char, 32>;

    // Keys as text: base64 of 32 bytes each, one a line or parted by commas; the first one seals, all open.
    // Throws SecretRefused.
    static KeyRing from_text(std::string_view keys);

    explicit KeyRing(std::vector<Key> keys);
    ~KeyRing();
    KeyRing(KeyRing &&) = default;
    KeyRing &operator=(KeyRing &&) = default;
    KeyRing(const KeyRing &) = delete;
    KeyRing &operator=(const KeyRing &) = delete;

    [[nodiscard]] std::string seal(std::string_view context, std::string_view plain) const;

    // Throws SecretRefused: changed, of another context, or sealed with a key that is not here.
    [[nodiscard]] std::string open(std::string_view context, std::string_view sealed) const;

  private:
    struct Named {
        std::string id;
        Key key;
    };
    std::vector<Named> keys_;
};

// Puts a new key before the ones in the file, which stay: what they sealed opens, and what is sealed from now
// on is sealed with the new one. A host that runs has to be started again. Throws SecretRefused.
void add_key(const std::filesystem::path &file);

// The file of the host's own keys.
std::filesystem::path own_key_file(const std::filesystem::path &data_folder);

// Where the key comes from, in this order: ORCH_SECRET_KEY, the file named on the command line, secret.key in
// the data folder, which is made if it is not there.
KeyRing find_keys(const std::optional<std::filesystem::path> &key_file,
                  const std::optional<std::filesystem::path> &data_folder);

} // namespace host
