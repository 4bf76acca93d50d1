// Errors as values: what was being done, the server's own words, what to do about it, when to retry.
//
// Made where the fault happens and shown unchanged to the person. Exceptions are for our own mistakes only.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>

namespace roe {

// What kind of fault it is; decides the mailbox's state and whether and when to try again.
enum class Fault {
    name_lookup,   // the host name has no address
    unreachable,   // no connection, or it broke
    timed_out,     // the server did not answer in time
    tls,           // the handshake failed
    untrusted,     // the certificate is not trusted, expired, or for another host; or the server is an impostor
    not_encrypted, // encryption is required and the server offers none
    login_refused, // the server refused the login: not to be repeated by itself
    consent_needed, // OAuth 2.0: the token or the grant was refused: not to be repeated by itself
    no_folder,      // the folder does not exist
    throttled,      // the server asks to come back later
    refused,        // the server refused a command
    protocol,       // the server's answer makes no sense or exceeds a limit
    gone,           // the message is no longer there
    identity_lost,  // the folder's UIDVALIDITY changed
    storage,        // the ledger or the spool failed
    cancelled,      // we are stopping, or the caller took it back
};

struct Error {
    Fault fault = Fault::protocol;
    std::string step;        // dns | connect | tls | login | folder | look | fetch | dispose | ledger | host
    std::string doing;       // "signing in to imap.example.com as ann@example.com"
    std::string server_text; // the server's own words, cleaned of control characters; may be empty
    std::string advice;      // what a person can do about it; may be empty
    std::optional<std::chrono::milliseconds> retry_after{}; // the server's own hint

    // One line for a log: "signing in to ...: the server said ...".
    [[nodiscard]] std::string text() const { return server_text.empty() ? doing : doing + ": " + server_text; }
};

// A value or the error that took its place.
template <class T>
class [[nodiscard]] Result {
  public:
    Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
    Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}

    [[nodiscard]] bool ok() const { return state_.index() == 0; }
    explicit operator bool() const { return ok(); }

    [[nodiscard]] T &value() & { return std::get<0>(state_); }
    [[nodiscard]] const T &value() const & { return std::get<0>(state_); }
    [[nodiscard]] T &&value() && { return std::get<0>(std::move(state_)); }
    T &operator*() & { return value(); }
    const T &operator*() const & { return value(); }
    T &&operator*() && { return std::move(*this).value(); }
    T *operator->() { return &value(); }
    const T *operator->() const { return &value(); }

    [[nodiscard]] Error &error() { return std::get<1>(state_); }
    [[nodiscard]] const Error &error() const { return std::get<1>(state_); }

  private:
    std::variant<T, Error> state_;
};

template <>
class [[nodiscard]] Result<void> {
  public:
    Result() = default;
    Result(Error error) : error_(std::move(error)) {}

    [[nodiscard]] bool ok() const { return !error_.has_value(); }
    explicit operator bool() const { return ok(); }
    [[nodiscard]] Error &error() { return *error_; }
    [[nodiscard]] const Error &error() const { return *error_; }

  private:
    std::optional<Error> error_;
};

} // namespace roe
