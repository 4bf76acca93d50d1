// How a user's password is kept: scrypt (RFC 7914), as "scrypt$<N>$<r>$<p>$<salt>$<hash>".
#pragma once

#include <string>
#include <string_view>

namespace host {

std::string hash_password(std::string_view password);

// In constant time; false also for a text that `hash_password` did not make.
bool password_matches(std::string_view password, std::string_view hash);

// Whether it was made by `hash_password`, so that a plain password in the configuration is noticed.
bool is_password_hash(std::string_view text);

} // namespace host
