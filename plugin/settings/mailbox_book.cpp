#include "settings/mailbox_book.hpp"

#include <utility>

#include <nlohmann/json.hpp>

#include "base/random_id.hpp"
#include "base/unicode.hpp"
#include "orch/sdk/tenants.hpp"

namespace roe::settings {

using nlohmann::json;
using orch::sdk::Failure;
using orch::sdk::Outcome;
using orch::sdk::Status;

namespace {

Failure to_failure(const Error &error) {
    return orch::sdk::failed(error.text());
}

Failure to_failure(const FieldErrors &errors) {
    std::vector<orch::sdk::FieldError> fields;
    for (const auto &error : errors)
        fields.push_back({error.field, error.message});
    return orch::sdk::invalid(std::move(fields));
}

Failure address_taken() {
    return orch::sdk::invalid({{"Email", "is the address of another mailbox of this tenant"}});
}

Failure no_such_mailbox() {
    return orch::sdk::not_found("there is no such mailbox");
}

Failure base_is_read_only() {
    return {Status::read_only, "the base mailbox stands in the host's configuration and is changed there",
            "base-mailbox-read-only"};
}

// Bound to the mailbox and field, so that a sealed secret can't be moved to another.
std::string context_of(const std::string &mailbox, std::string_view field) {
    if (mailbox.empty()) return ORCH_CONFIGURATION_CONTEXT;
    return "run-on-email/mailbox/" + mailbox + "/" + std::string(field);
}

std::string &part_of(Secrets &secrets, std::string_view field) {
    if (field == client_certificate_field) return secrets.client_certificate;
    if (field == client_secret_field) return secrets.client_secret;
    if (field == refresh_token_field) return secrets.refresh_token;
    return secrets.password;
}

Mailbox to_mailbox(const ledger::MailboxRow &row) {
    auto mailbox = from_kept(json::parse(row.values));
    mailbox.id = row.id;
    mailbox.tenant = row.tenant;
    mailbox.revision = row.revision;
    return mailbox;
}

Before to_before(const BaseMailbox &base) {
    const auto has = [&](std::string_view field) { return base.sealed.contains(field); };
    return {base.mailbox, has(password_field), has(client_certificate_field), has(client_secret_field),
            has(refresh_token_field)};
}

Before to_before(const ledger::MailboxRow &row) {
    const auto has = [&](std::string_view field) { return row.sealed.contains(std::string(field)); };
    return {to_mailbox(row), has(password_field), has(client_certificate_field), has(client_secret_field),
            has(refresh_token_field)};
}

} // namespace

const BaseMailbox *MailboxBook::base(std::string_view tenant) const {
    const auto found = bases_.find(tenant);
    return found == bases_.end() ? nullptr : &found->second;
}

bool MailboxBook::is_base_address(const std::string &tenant, const std::string &folded) const {
    const auto *own = base(tenant);
    return own != nullptr && unicode::folded_address(own->mailbox.email) == folded;
}

Outcome<std::vector<Mailbox>> MailboxBook::list(const std::string &tenant) {
    const auto rows = ledger_.mailboxes(tenant);
    if (!rows) return to_failure(rows.error());
    std::vector<Mailbox> mailboxes;
    if (const auto *own = base(tenant)) mailboxes.push_back(own->mailbox);
    for (const auto &row : *rows)
        mailboxes.push_back(to_mailbox(row));
    return mailboxes;
}

Outcome<ledger::MailboxRow> MailboxBook::row(const std::string &tenant, const std::string &id) {
    auto row = ledger_.mailbox(id);
    if (!row) return to_failure(row.error());
    if (!*row || (*row)->tenant != tenant) return no_such_mailbox();
    return std::move(**row);
}

Outcome<Mailbox> MailboxBook::get(const std::string &tenant, const std::string &id) {
    if (const auto *own = id == base_id ? base(tenant) : nullptr) return own->mailbox;
    const auto found = row(tenant, id);
    if (!found) return found.failure();
    return to_mailbox(*found);
}

Outcome<std::optional<Mailbox>> MailboxBook::find(const std::string &tenant, const std::string &address) {
    const auto rows = ledger_.mailboxes(tenant);
    if (!rows) return to_failure(rows.error());
    const auto folded = unicode::folded_address(address);
    for (const auto &row : *rows)
        if (row.address == folded) return std::optional(to_mailbox(row));
    if (is_base_address(tenant, folded)) return std::optional(base(tenant)->mailbox);
    return std::optional<Mailbox>();
}

Outcome<Before> MailboxBook::with_secret_marks(const Mailbox &mailbox) {
    if (const auto *own = mailbox.is_base() ? base(mailbox.tenant) : nullptr) return to_before(*own);
    const auto found = row(mailbox.tenant, mailbox.id);
    if (!found) return found.failure();
    return to_before(*found);
}

Outcome<Mailbox> MailboxBook::create(const std::string &tenant, const json &form) {
    auto read = read_mailbox(form, std::nullopt);
    if (!read) return to_failure(read.errors());
    ledger::MailboxRow row;
    row.id = random_id("mb-");
    row.tenant = tenant;
    row.address = unicode::folded_address(read->mailbox.email);
    if (is_base_address(tenant, row.address)) return address_taken();
    row.values = to_json(read->mailbox).dump();
    row.revision = 1;
    if (auto sealed = seal(row, read->secrets); !sealed) return sealed.failure();
    const auto inserted = ledger_.insert_mailbox(row);
    if (!inserted) return to_failure(inserted.error());
    if (!*inserted) return address_taken();
    return to_mailbox(row);
}

Outcome<Mailbox> MailboxBook::update(const std::string &tenant, const std::string &id, const json &form) {
    if (id == base_id && base(tenant) != nullptr) return base_is_read_only();
    auto found = row(tenant, id);
    if (!found) return found.failure();
    auto read = read_mailbox(form, to_before(*found));
    if (!read) return to_failure(read.errors());

    const auto others = list(tenant);
    if (!others) return others.failure();
    const auto folded = unicode::folded_address(read->mailbox.email);
    for (const auto &other : *others)
        if (other.id != id && unicode::folded_address(other.email) == folded) return address_taken();

    auto row = std::move(*found);
    row.address = folded;
    row.values = to_json(read->mailbox).dump();
    ++row.revision;
    if (auto sealed = seal(row, read->secrets); !sealed) return sealed.failure();
    const auto updated = ledger_.update_mailbox(row);
    if (!updated) return to_failure(updated.error());
    if (!*updated)
        return Failure{Status::conflict, "somebody else changed this mailbox meanwhile: load it again"};
    return to_mailbox(row);
}

Outcome<void> MailboxBook::remove(const std::string &tenant, const std::string &id) {
    if (id == base_id && base(tenant) != nullptr) return base_is_read_only();
    if (const auto found = row(tenant, id); !found) return found.failure();
    if (const auto removed = ledger_.remove_mailbox(id); !removed) return to_failure(removed.error());
    return {};
}

Outcome<MailboxBook::Draft> MailboxBook::draft(const std::string &tenant, const std::optional<std::string> &id,
                                               const json &values) {
    std::optional<Before> before;
    Sealed sealed;
    if (const auto *own = id && *id == base_id ? base(tenant) : nullptr) {
        before = to_before(*own);
        sealed = sealed_of(*own);
    } else if (id) {
        const auto found = row(tenant, *id);
        if (!found) return found.failure();
        before = to_before(*found);
        sealed = sealed_of(*found);
    }
    auto read = read_mailbox(before ? merged(before->mailbox, values) : values, before);
    if (!read) return to_failure(read.errors());

    Draft draft{std::move(read->mailbox), {}};
    draft.mailbox.tenant = tenant;
    const auto typed_oauth =
        read->secrets.contains(client_secret_field) || read->secrets.contains(refresh_token_field);
    // Tokens that were got with the same settings are as good for the form.
    if (before && draft.mailbox.oauth == before->mailbox.oauth && !typed_oauth)
        draft.mailbox.id = before->mailbox.id;
    for (const auto field : secret_fields) {
        auto *secret = &part_of(draft.secrets, field);
        if (const auto typed = read->secrets.find(field); typed != read->secrets.end()) {
            *secret = std::move(typed->second);
        } else {
            auto opened = open_secret(sealed, field);
            if (!opened) return to_failure(opened.error());
            *secret = std::move(*opened);
        }
    }
    return draft;
}

Result<Secrets> MailboxBook::open_secrets(const Mailbox &mailbox) {
    Sealed sealed;
    if (const auto *own = mailbox.is_base() ? base(mailbox.tenant) : nullptr) {
        sealed = sealed_of(*own);
    } else {
        const auto row = ledger_.mailbox(mailbox.id);
        if (!row) return row.error();
        if (!*row)
            return Error{
                Fault::storage, "login", "reading the mailbox's settings", "the mailbox was deleted", {}};
        sealed = sealed_of(**row);
    }
    Secrets secrets;
    for (const auto field : secret_fields) {
        auto opened = open_secret(sealed, field);
        if (!opened) return opened.error();
        part_of(secrets, field) = std::move(*opened);
    }
    return secrets;
}

MailboxBook::Sealed MailboxBook::sealed_of(const ledger::MailboxRow &row) {
    return {{row.sealed.begin(), row.sealed.end()}, row.id};
}

Result<std::string> MailboxBook::open_secret(const Sealed &sealed, std::string_view field) {
    const auto text = sealed.texts.find(field);
    if (text == sealed.texts.end()) return std::string();
    auto opened = secrets_.open(context_of(sealed.mailbox, field), text->second);
    if (!opened)
        return Error{
            Fault::storage, "login", "opening the mailbox's saved password", opened.failure().words,
            "The host's secret key is another than when the password was saved: type the password again."};
    return std::move(*opened);
}

Outcome<void> MailboxBook::seal(ledger::MailboxRow &row, const SecretChanges &changes) {
    for (const auto &[field, text] : changes) {
        row.sealed.erase(field);
        if (text.empty()) continue;
        auto sealed = secrets_.seal(context_of(row.id, field), text);
        if (!sealed) return sealed.failure();
        row.sealed[field] = std::move(*sealed);
    }
    return {};
}

} // namespace roe::settings
