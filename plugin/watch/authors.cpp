#include "watch/authors.hpp"

#include <algorithm>
#include <optional>
#include <set>

#include "base/unicode.hpp"
#include "message/auto_reply.hpp"
#include "message/mail_header.hpp"
#include "net/host_name.hpp"

namespace roe::watch {
namespace {

constexpr std::size_t most_authors = 10;
constexpr std::size_t most_references = 20;
constexpr std::size_t longest_subject = 300;
constexpr std::size_t longest_id = 250; // what a host takes

// As SMTP without SMTPUTF8 takes it. Empty: it can't be written to.
std::optional<std::string> mailable(const std::string &address) {
    const auto at = address.rfind('@');
    if (at == std::string::npos || at == 0 || !unicode::is_ascii(address.substr(0, at))) return std::nullopt;
    const auto domain = net::ascii_host(address.substr(at + 1));
    if (!domain || domain->empty()) return std::nullopt;
    return address.substr(0, at + 1) + *domain;
}

bool is_plain(const std::string &id) {
    return !id.empty() && id.size() <= longest_id &&
           std::ranges::all_of(id, [](char c) { return c > ' ' && c < 0x7F && c != '<' && c != '>'; });
}

// What the mail is an answer to, and the mail itself (RFC 5322 §3.6.4).
std::vector<std::string> references_of(const message::MailHeader &mail, const std::string &message_id) {
    auto references = mail.ids("References");
    if (references.empty()) references = mail.ids("In-Reply-To");
    std::erase_if(references, [](const std::string &id) { return !is_plain(id); });
    if (references.size() > most_references)
        references.erase(references.begin(), references.end() - most_references);
    if (!message_id.empty()) references.push_back(message_id);
    return references;
}

} // namespace

std::vector<ledger::Author> authors_to_tell(const trigger::Filter &filter, const message::Envelope &envelope,
                                            std::string_view header, const std::string &mailbox_address) {
    if (!message::automatic_sign(header).empty()) return {};
    const message::MailHeader mail(header);
    const auto message_id = is_plain(envelope.message_id) ? envelope.message_id : std::string();
    const auto references = references_of(mail, message_id);
    std::set<std::string> known{unicode::folded_address(mailbox_address)};
    std::vector<ledger::Author> authors;
    for (const auto &from : envelope.from) {
        if (authors.size() == most_authors) break;
        const auto address = mailable(from.address);
        if (!address || !trigger::wants_sender(filter, from)) continue;
        if (!known.insert(unicode::folded_address(from.address)).second) continue;
        authors.push_back({0, *address, std::string(unicode::beginning(envelope.subject, longest_subject)),
                           message_id, references});
    }
    return authors;
}

} // namespace roe::watch
