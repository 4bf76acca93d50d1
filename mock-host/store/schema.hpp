// The tables of the host's database. Forward only; the version stands in PRAGMA user_version.
#pragma once

#include <Poco/Data/Session.h>

namespace host {

// Throws std::runtime_error when the database was made by a newer host.
void migrate(Poco::Data::Session &session);

} // namespace host
