// What a server's refusal means: the fault, the words, what to do about it, when to come again. [pure]
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "source/ews/answers.hpp"

namespace roe::ews {

// Of a message or SOAP fault that is not ok. `step` and `doing` as in Error. Codes that nobody knows are
// Fault::refused with the server's words.
Error error_of(const Outcome &outcome, std::string step, std::string doing);

// Of an HTTP status other than 200 whose body is no SOAP (a SOAP fault comes with 500 and says more).
// `retry_after` is the head's. 401 and 403 are Fault::login_refused.
Error error_of_status(int status, std::optional<std::chrono::milliseconds> retry_after, std::string step,
                      std::string doing);

// The state of SyncFolderItems is lost or of another folder: begin from nothing.
bool refuses_state(std::string_view code);

// The server, or this kind of item, does not have all properties that were asked for.
bool refuses_properties(std::string_view code);

// The server does not know the schema of RequestServerVersion: ask by an older one.
bool refuses_version(std::string_view code);

// No streaming for this mailbox, now or ever: poll.
bool refuses_streaming(std::string_view code);

// The subscription is over: subscribe anew, and look, as what it would have told is lost.
bool ends_subscription(std::string_view code);

} // namespace roe::ews
