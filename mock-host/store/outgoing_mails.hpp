// Mails that the host has accepted from plugins and that no mail server has taken yet, as rows; and the keys of
// all that it ever accepted.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/times.hpp"
#include "store/database.hpp"

namespace host {

struct OutgoingMail {
    std::int64_t seq = 0;
    std::string tenant;
    std::string plugin;
    std::string key;
    std::string recipient;
    std::string content; // as SMTP takes it
    std::int64_t attempts = 0;
    Micros next_at = 0; // not to be tried before
    Micros created_at = 0;
};

// Each takes a session of `Database::read` or `Database::write`.
namespace mails {

// False when the plugin has used the key before.
bool take_key(Session &session, const std::string &plugin, const std::string &key);
void insert(Session &session, const OutgoingMail &mail);

// Those that are due, the ones that have waited longest first.
std::vector<OutgoingMail> due(Session &session, Micros at, std::int64_t limit);
// When the next one is; empty: none waits.
std::optional<Micros> next_due(Session &session);
void postpone(Session &session, std::int64_t seq, Micros next_at);
void remove(Session &session, std::int64_t seq);

std::int64_t count(Session &session);
// Those of a tenant, or of all, go unsent. How many there were.
std::int64_t drop(Session &session, const std::string &tenant);
std::int64_t drop_all(Session &session);

} // namespace mails
} // namespace host
