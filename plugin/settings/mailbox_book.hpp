// The mailboxes of all tenants: additional ones, kept in the ledger, their secrets sealed by the host; and the
// base mailbox that a tenant may have, which is the host's. [any thread]
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "ledger/ledger.hpp"
#include "orch/sdk/outcome.hpp"
#include "orch/sdk/secrets.hpp"
#include "settings/base_mailbox.hpp"
#include "settings/mailbox.hpp"

namespace roe::settings {

class MailboxBook {
  public:
    using BaseMailboxes = std::map<std::string, BaseMailbox, std::less<>>; // by tenant

    // Ledger and secrets outlive the book.
    MailboxBook(ledger::Ledger &ledger, orch::sdk::SecretsService &secrets, BaseMailboxes bases)
        : ledger_(ledger), secrets_(secrets), bases_(std::move(bases)) {}

    // Null when the tenant has none.
    [[nodiscard]] const BaseMailbox *base(std::string_view tenant) const;

    // The base mailbox first.
    orch::sdk::Outcome<std::vector<Mailbox>> list(const std::string &tenant);
    // Status::not_found for another tenant's.
    orch::sdk::Outcome<Mailbox> get(const std::string &tenant, const std::string &id);
    // By its address, as a trigger names it. Empty when there is none.
    orch::sdk::Outcome<std::optional<Mailbox>> find(const std::string &tenant, const std::string &address);

    // Which secrets are set, for the page; never what they are.
    orch::sdk::Outcome<Before> with_secret_marks(const Mailbox &mailbox);

    orch::sdk::Outcome<Mailbox> create(const std::string &tenant, const nlohmann::json &form);
    orch::sdk::Outcome<Mailbox> update(const std::string &tenant, const std::string &id,
                                       const nlohmann::json &form);
    orch::sdk::Outcome<void> remove(const std::string &tenant, const std::string &id);

    // A form that is not saved, and the secrets to try it with. It has the id of a saved mailbox only while it
    // signs in by the same OAuth 2.0.
    struct Draft {
        Mailbox mailbox;
        Secrets secrets;
    };
    // `values` are those of a new mailbox, or what differs from the mailbox `id`, whose secrets are then used
    // where none are typed, by the same rule as for `update`.
    orch::sdk::Outcome<Draft> draft(const std::string &tenant, const std::optional<std::string> &id,
                                    const nlohmann::json &values);

    // Empty text for what is not set.
    Result<Secrets> open_secrets(const Mailbox &mailbox);

  private:
    // The sealed secrets of a mailbox, and the context that they were sealed under, but for the field's name.
    struct Sealed {
        std::map<std::string, std::string, std::less<>> texts;
        std::string mailbox; // empty: they are the configuration's
    };
    static Sealed sealed_of(const ledger::MailboxRow &row);
    static Sealed sealed_of(const BaseMailbox &base) { return {base.sealed, {}}; }
    Result<std::string> open_secret(const Sealed &sealed, std::string_view field);
    [[nodiscard]] bool is_base_address(const std::string &tenant, const std::string &folded) const;
    orch::sdk::Outcome<ledger::MailboxRow> row(const std::string &tenant, const std::string &id);
    orch::sdk::Outcome<void> seal(ledger::MailboxRow &row, const SecretChanges &changes);

    ledger::Ledger &ledger_;
    orch::sdk::SecretsService &secrets_;
    const BaseMailboxes bases_;
};

} // namespace roe::settings
