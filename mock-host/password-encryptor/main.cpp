// Reads a password from standard input and prints it as the configuration file wants it: one line.
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <iostream>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>

#include <openssl/crypto.h>

#include "security/key_ring.hpp"
#include "security/password_hash.hpp"
#include "security/terminal.hpp"

namespace {

constexpr std::string_view usage =
    "usage: password-encryptor [--key-file FILE | --data DIR] < password    for IncomingEmail secrets\n"
    "       password-encryptor --hash < password                            for Users[].Password\n"
    "       password-encryptor --reseal [--key-file FILE | --data DIR] < sealed line   the same, with the "
    "newest key\n"
    "       password-encryptor --rotate (--key-file FILE | --data DIR)      puts a new key before the old "
    "ones\n"
    "The key: ORCH_SECRET_KEY (base64 of 32 bytes), else FILE, else DIR/secret.key of the host's data "
    "folder.\n";

struct Wish {
    enum class What { seal, hash, reseal, rotate };
    What what = What::seal;
    std::optional<std::filesystem::path> key_file;
    std::optional<std::filesystem::path> data;
};

std::optional<Wish> read_arguments(int count, char **arguments) {
    Wish wish;
    for (int index = 1; index < count; ++index) {
        const std::string_view name = arguments[index];
        const bool has_value = index + 1 < count;
        if (name == "--hash") {
            wish.what = Wish::What::hash;
        } else if (name == "--reseal") {
            wish.what = Wish::What::reseal;
        } else if (name == "--rotate") {
            wish.what = Wish::What::rotate;
        } else if (name == "--key-file" && has_value) {
            wish.key_file = arguments[++index];
        } else if (name == "--data" && has_value) {
            wish.data = arguments[++index];
        } else {
            return std::nullopt;
        }
    }
    return wish;
}

std::string read_password() {
    const host::QuietTerminal quiet("Password: ");
    std::string password;
    if (quiet.is_terminal()) {
        std::getline(std::cin, password);
    } else {
        password.assign(std::istreambuf_iterator<char>(std::cin), {});
        if (password.ends_with('\n')) password.pop_back();
        if (password.ends_with('\r')) password.pop_back();
    }
    return password;
}

std::string line_for(const Wish &wish, const std::string &given) {
    if (wish.what == Wish::What::hash) return host::hash_password(given);
    const auto keys = host::find_keys(wish.key_file, wish.data);
    if (wish.what == Wish::What::seal) return keys.seal(host::configuration_context, given);
    std::string plain = keys.open(host::configuration_context, given);
    auto line = keys.seal(host::configuration_context, plain);
    OPENSSL_cleanse(plain.data(), plain.size());
    return line;
}

void rotate(const Wish &wish) {
    const char *environment = std::getenv("ORCH_SECRET_KEY");
    if (environment != nullptr && *environment != '\0') {
        throw host::SecretRefused(
            "the keys are in ORCH_SECRET_KEY: put a new one (openssl rand -base64 32) before "
            "the old ones there, parted by a comma");
    }
    if (!wish.key_file && !wish.data) throw host::SecretRefused("give --key-file FILE or --data DIR");
    const auto file = wish.key_file ? std::filesystem::path(*wish.key_file) : host::own_key_file(*wish.data);
    host::add_key(file);
    std::cerr
        << "password-encryptor: " << file.string()
        << " has a new key; start the host again. The old ones open what they have sealed: keep them until\n"
           "all of it has been sealed anew.\n";
}

} // namespace

int main(int count, char **arguments) {
    const auto wish = read_arguments(count, arguments);
    if (!wish) {
        std::cerr << usage;
        return 2;
    }
    try {
        if (wish->what == Wish::What::rotate) {
            rotate(*wish);
            return 0;
        }
        std::string password = read_password();
        if (password.empty()) {
            std::cerr << "password-encryptor: nothing on standard input\n";
            return 2;
        }
        const std::string line = line_for(*wish, password);
        OPENSSL_cleanse(password.data(), password.size());
        std::cout << line << '\n';
        return std::cout.flush() ? 0 : 1;
    } catch (const std::exception &error) {
        std::cerr << "password-encryptor: " << error.what() << '\n';
        return 1;
    }
}
