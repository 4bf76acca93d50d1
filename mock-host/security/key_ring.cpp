#include "security/key_ring.hpp"

#include <algorithm>
#include <cstdlib>
#include <memory>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

#include "base/files.hpp"
#include "security/base64.hpp"

namespace host {
namespace {

constexpr std::string_view prefix = "orch1:";
constexpr std::size_t nonce_size = 12; // SP 800-38D §8.2: 96 bits
constexpr std::size_t tag_size = 16;

using Cipher = std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)>;

const unsigned char *bytes_of(std::string_view text) {
    return reinterpret_cast<const unsigned char *>(text.data());
}

void need(int status) {
    if (status != 1) throw SecretRefused("the cipher failed");
}

// Eight bytes of the key's hash: names the key and tells nothing of it.
std::string id_of(const KeyRing::Key &key) {
    std::array<unsigned char, 32> digest{};
    std::string text("orch key id");
    text.append(reinterpret_cast<const char *>(key.data()), key.size());
    need(EVP_Digest(text.data(), text.size(), digest.data(), nullptr, EVP_sha256(), nullptr));
    OPENSSL_cleanse(text.data(), text.size());
    static constexpr std::string_view digits = "0123456789abcdef";
    std::string id;
    for (std::size_t index = 0; index < 8; ++index) {
        id.push_back(digits[digest[index] >> 4U]);
        id.push_back(digits[digest[index] & 0x0FU]);
    }
    return id;
}

std::string trimmed(std::string_view text) {
    const auto first = text.find_first_not_of(" \t\r\n");
    if (first == std::string_view::npos) return {};
    return std::string(text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1));
}

} // namespace

KeyRing KeyRing::from_text(std::string_view keys) {
    std::vector<Key> ring;
    while (!keys.empty()) {
        const auto end = keys.find_first_of(",\n");
        const auto line = trimmed(keys.substr(0, end));
        keys.remove_prefix(end == std::string_view::npos ? keys.size() : end + 1);
        if (line.empty()) continue;
        auto bytes = from_base64(line);
        Key key{};
        if (!bytes || bytes->size() != key.size()) {
            throw SecretRefused("a key must be base64 of 32 bytes (openssl rand -base64 32 makes one)");
        }
        std::copy(bytes->begin(), bytes->end(), key.begin());
        OPENSSL_cleanse(bytes->data(), bytes->size());
        ring.push_back(key);
    }
    if (ring.empty()) throw SecretRefused("there is no key in it");
    return KeyRing(std::move(ring));
}

KeyRing::KeyRing(std::vector<Key> keys) {
    for (const auto &key : keys)
        keys_.push_back({id_of(key), key});
    for (auto &key : keys)
        OPENSSL_cleanse(key.data(), key.size());
}

KeyRing::~KeyRing() {
    for (auto &named : keys_)
        OPENSSL_cleanse(named.key.data(), named.key.size());
}

std::string KeyRing::seal(std::string_view context, std::string_view plain) const {
    const auto &[id, key] = keys_.front();
    std::string sealed(nonce_size + plain.size() + tag_size, '\0');
    auto *out = reinterpret_cast<unsigned char *>(sealed.data());
    need(RAND_bytes(out, nonce_size));
    const Cipher cipher(EVP_CIPHER_CTX_new(), EVP_CIPHER_CTX_free);
    int size = 0;
    need(EVP_EncryptInit_ex(cipher.get(), EVP_aes_256_gcm(), nullptr, key.data(), out));
    need(EVP_EncryptUpdate(cipher.get(), nullptr, &size, bytes_of(context), static_cast<int>(context.size())));
    need(EVP_EncryptUpdate(cipher.get(), out + nonce_size, &size, bytes_of(plain),
                           static_cast<int>(plain.size())));
    need(EVP_EncryptFinal_ex(cipher.get(), out + nonce_size + plain.size(), &size));
    need(EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_GET_TAG, tag_size, out + nonce_size + plain.size()));
    return std::string(prefix) + id + ":" + base64(sealed);
}

std::string KeyRing::open(std::string_view context, std::string_view sealed) const {
    if (!sealed.starts_with(prefix)) throw SecretRefused("this is not a sealed text");
    sealed.remove_prefix(prefix.size());
    const auto colon = sealed.find(':');
    const auto id = sealed.substr(0, colon);
    const auto found =
        std::find_if(keys_.begin(), keys_.end(), [&](const Named &named) { return named.id == id; });
    if (colon == std::string_view::npos || found == keys_.end()) {
        throw SecretRefused("it was sealed with a key that this host does not have");
    }
    auto bytes = from_base64(sealed.substr(colon + 1));
    if (!bytes || bytes->size() < nonce_size + tag_size) throw SecretRefused("the sealed text is damaged");
    auto *in = reinterpret_cast<unsigned char *>(bytes->data());
    const std::size_t length = bytes->size() - nonce_size - tag_size;
    std::string plain(length, '\0');
    const Cipher cipher(EVP_CIPHER_CTX_new(), EVP_CIPHER_CTX_free);
    int size = 0;
    need(EVP_DecryptInit_ex(cipher.get(), EVP_aes_256_gcm(), nullptr, found->key.data(), in));
    need(EVP_DecryptUpdate(cipher.get(), nullptr, &size, bytes_of(context), static_cast<int>(context.size())));
    need(EVP_DecryptUpdate(cipher.get(), reinterpret_cast<unsigned char *>(plain.data()), &size,
                           in + nonce_size, static_cast<int>(length)));
    need(EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_SET_TAG, tag_size, in + nonce_size + length));
    unsigned char nothing = 0;
    if (EVP_DecryptFinal_ex(cipher.get(), &nothing, &size) != 1) {
        OPENSSL_cleanse(plain.data(), plain.size());
        throw SecretRefused("the sealed text was changed, or it belongs to something else");
    }
    return plain;
}

namespace {

// A new key as text.
std::string fresh_key() {
    KeyRing::Key fresh{};
    need(RAND_bytes(fresh.data(), static_cast<int>(fresh.size())));
    auto text = base64({reinterpret_cast<const char *>(fresh.data()), fresh.size()}) + "\n";
    OPENSSL_cleanse(fresh.data(), fresh.size());
    return text;
}

} // namespace

void add_key(const std::filesystem::path &file) {
    auto keys = read_file(file);
    if (!keys) throw SecretRefused(file.string() + ": no such file");
    try {
        static_cast<void>(KeyRing::from_text(*keys));
    } catch (const SecretRefused &refused) {
        throw SecretRefused(file.string() + ": " + refused.what());
    }
    auto ring = fresh_key() + *keys;
    replace_durable(file, ring);
    OPENSSL_cleanse(ring.data(), ring.size());
    OPENSSL_cleanse(keys->data(), keys->size());
}

std::filesystem::path own_key_file(const std::filesystem::path &data_folder) {
    return data_folder / "secret.key";
}

KeyRing find_keys(const std::optional<std::filesystem::path> &key_file,
                  const std::optional<std::filesystem::path> &data_folder) {
    const auto read = [](std::string text, const std::string &source) {
        try {
            auto ring = KeyRing::from_text(text);
            OPENSSL_cleanse(text.data(), text.size());
            return ring;
        } catch (const SecretRefused &refused) {
            throw SecretRefused(source + ": " + refused.what());
        }
    };
    if (const char *text = std::getenv("ORCH_SECRET_KEY"); text != nullptr && *text != '\0') {
        return read(text, "ORCH_SECRET_KEY");
    }
    if (key_file) {
        auto text = read_file(*key_file);
        if (!text) throw SecretRefused(key_file->string() + ": no such file");
        return read(*std::move(text), key_file->string());
    }
    if (!data_folder) {
        throw SecretRefused("no key: set ORCH_SECRET_KEY, or give --key-file FILE or --data DIR");
    }
    make_private_folder(*data_folder);
    const auto own = own_key_file(*data_folder);
    if (!std::filesystem::exists(own)) {
        // Two that come at once agree on the one that was first.
        auto fresh = fresh_key();
        create_durable(own, fresh);
        OPENSSL_cleanse(fresh.data(), fresh.size());
    }
    return read(read_file(own).value_or(""), own.string());
}

} // namespace host
