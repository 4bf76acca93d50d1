// Reads a password from standard input and prints it as the configuration file wants it: one line.
#include <cstdio>
#include <exception>
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
    "The key: ORCH_SECRET_KEY (base64 of 32 bytes), else FILE, else DIR/secret.key of the host's data "
    "folder.\n";

struct Wish {
    bool hash = false;
    std::optional<std::filesystem::path> key_file;
    std::optional<std::filesystem::path> data;
};

std::optional<Wish> read_arguments(int count, char **arguments) {
    Wish wish;
    for (int index = 1; index < count; ++index) {
        const std::string_view name = arguments[index];
        const bool has_value = index + 1 < count;
        if (name == "--hash") {
            wish.hash = true;
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

} // namespace

int main(int count, char **arguments) {
    const auto wish = read_arguments(count, arguments);
    if (!wish) {
        std::cerr << usage;
        return 2;
    }
    try {
        std::string password = read_password();
        if (password.empty()) {
            std::cerr << "password-encryptor: nothing on standard input\n";
            return 2;
        }
        const std::string line =
            wish->hash
                ? host::hash_password(password)
                : host::find_keys(wish->key_file, wish->data).seal(host::configuration_context, password);
        OPENSSL_cleanse(password.data(), password.size());
        std::cout << line << '\n';
        return std::cout.flush() ? 0 : 1;
    } catch (const std::exception &error) {
        std::cerr << "password-encryptor: " << error.what() << '\n';
        return 1;
    }
}
