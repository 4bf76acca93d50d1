#include "store/outgoing_mails.hpp"

namespace host::mails {

using namespace Poco::Data::Keywords;

bool take_key(Session &session, const std::string &plugin, const std::string &key) {
    Poco::Data::Statement statement(session);
    statement << "INSERT INTO notifications (plugin, key) VALUES (?, ?) ON CONFLICT DO NOTHING", bind(plugin),
        bind(key);
    return statement.execute() == 1;
}

void insert(Session &session, const OutgoingMail &mail) {
    session
        << "INSERT INTO outgoing_mails (tenant, plugin, key, recipient, content, attempts, next_at, created_at)"
           " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        bind(mail.tenant), bind(mail.plugin), bind(mail.key), bind(mail.recipient), bind(mail.content),
        bind(mail.attempts), bind(mail.next_at), bind(mail.created_at), now;
}

std::vector<OutgoingMail> due(Session &session, Micros at, std::int64_t limit) {
    std::vector<std::int64_t> seqs;
    std::vector<std::string> tenants;
    std::vector<std::string> plugins;
    std::vector<std::string> keys;
    std::vector<std::string> recipients;
    std::vector<std::string> contents;
    std::vector<std::int64_t> attempts;
    std::vector<std::int64_t> next;
    std::vector<std::int64_t> created;
    session << "SELECT seq, tenant, plugin, key, recipient, content, attempts, next_at, created_at"
               " FROM outgoing_mails WHERE next_at <= ? ORDER BY next_at, seq LIMIT ?",
        bind(at), bind(limit), into(seqs), into(tenants), into(plugins), into(keys), into(recipients),
        into(contents), into(attempts), into(next), into(created), now;
    std::vector<OutgoingMail> mails;
    for (std::size_t i = 0; i < seqs.size(); ++i)
        mails.push_back({seqs[i], tenants[i], plugins[i], keys[i], recipients[i], std::move(contents[i]),
                         attempts[i], next[i], created[i]});
    return mails;
}

std::optional<Micros> next_due(Session &session) {
    std::vector<std::int64_t> times;
    session << "SELECT next_at FROM outgoing_mails ORDER BY next_at LIMIT 1", into(times), now;
    if (times.empty()) return std::nullopt;
    return times.front();
}

void postpone(Session &session, std::int64_t seq, Micros next_at) {
    session << "UPDATE outgoing_mails SET attempts = attempts + 1, next_at = ? WHERE seq = ?", bind(next_at),
        bind(seq), now;
}

void remove(Session &session, std::int64_t seq) {
    session << "DELETE FROM outgoing_mails WHERE seq = ?", bind(seq), now;
}

std::int64_t count(Session &session) {
    std::int64_t number = 0;
    session << "SELECT COUNT(*) FROM outgoing_mails", into(number), now;
    return number;
}

std::int64_t drop(Session &session, const std::string &tenant) {
    Poco::Data::Statement statement(session);
    statement << "DELETE FROM outgoing_mails WHERE tenant = ?", bind(tenant);
    return static_cast<std::int64_t>(statement.execute());
}

std::int64_t drop_all(Session &session) {
    Poco::Data::Statement statement(session);
    statement << "DELETE FROM outgoing_mails";
    return static_cast<std::int64_t>(statement.execute());
}

} // namespace host::mails
