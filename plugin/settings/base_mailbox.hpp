// The mailbox that the host's administrator has written into its configuration for a tenant: read, never
// written.
#pragma once

#include <map>
#include <string>

#include <nlohmann/json.hpp>

#include "base/form_error.hpp"
#include "settings/mailbox.hpp"

namespace roe::settings {

struct BaseMailbox {
    Mailbox mailbox;
    std::map<std::string, std::string, std::less<>> sealed; // secrets by field, as the host has sealed them
    nlohmann::json configured;                              // what stands there, without secrets
    FieldErrors faults;                                     // why it can't be used; empty: it can
};

// `incoming_email` as in orch/ext/tenants.h. Always gives a mailbox, so that one that can't be used is shown.
BaseMailbox read_base_mailbox(const std::string &tenant, const nlohmann::json &incoming_email);

// What is wrong with it, as the page shows the fault of a mailbox.
Error error_of(const FieldErrors &faults);

} // namespace roe::settings
