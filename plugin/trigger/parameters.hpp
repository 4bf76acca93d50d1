// The form of the trigger "Run on Email": its parameters, rules and description. Pure. [any thread]
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "base/form_error.hpp"
#include "trigger/condition.hpp"

namespace roe::trigger {

enum class StartFrom { new_mail, unread, all };
enum class Launch { per_mail, per_pass };

struct Parameters {
    std::string email; // address of one of the tenant's mailboxes
    std::string from;  // as typed; see Filter
    std::string subject;
    std::string folder;        // empty: the mailbox's own
    int interval_seconds = 60; // 1..600
    int window_size = 100;     // 1..10,000
    StartFrom start_from = StartFrom::new_mail;
    Launch launch = Launch::per_mail;
    bool notify_authors = false; // needs `from`
    std::string resource;        // name of the asset of the host that a job's mail is written into; empty: none
    int brake_starts = 0;        // so many starts of the task within `brake_minutes`, the next are held; 0: any
    int brake_minutes = 60;      // 1..1440
    Conditions more_filters;
};

// Reads what a form or script sent. Absent and null fields take their defaults; every fault is named.
FormResult<Parameters> read_parameters(const nlohmann::json &form);

// The same with every default filled in, as it is kept and shown.
nlohmann::json to_json(const Parameters &parameters);

// What only some hosts have.
struct HostHas {
    bool assets = true; // else there is no Resource
    bool mail = true;   // else there is no NotifyAuthors
};

// JSON Schema and UI schema of the form; `addresses` are the mailboxes that the list offers.
nlohmann::json describe_trigger_type(const std::vector<std::string> &addresses, HostHas host);

} // namespace roe::trigger
