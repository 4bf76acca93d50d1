// The section `IncomingEmail`: a tenant's base mailbox.
#pragma once

#include <map>
#include <string>

#include <nlohmann/json.hpp>

#include "config/section.hpp"

namespace host {

// Checks names and types, and that one server is named. The values' own rules are the plugin's.
// Null for a section in which nothing is filled in, as installers leave it.
nlohmann::json read_incoming_email(Section section);

// Its secrets, by path below the section.
std::map<std::string, std::string> incoming_email_secrets(const nlohmann::json &incoming_email);

} // namespace host
