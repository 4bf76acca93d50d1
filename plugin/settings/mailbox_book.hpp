// The mailboxes of all tenants, kept in the ledger, their secrets sealed by the host. [any thread]
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "ledger/ledger.hpp"
#include "orch/sdk/outcome.hpp"
#include "orch/sdk/secrets.hpp"
#include "settings/mailbox.hpp"

namespace roe::settings {

class MailboxBook {
  public:
    // Both outlive the book.
    MailboxBook(ledger::Ledger &ledger, orch::sdk::SecretsService &secrets)
        : ledger_(ledger), secrets_(secrets) {}

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

    // A secret in clear, or empty text when it is not set. The caller wipes it.
    Result<std::string> open_secret(const std::string &mailbox, std::string_view field);

  private:
    orch::sdk::Outcome<ledger::MailboxRow> row(const std::string &tenant, const std::string &id);
    orch::sdk::Outcome<void> seal(ledger::MailboxRow &row, const SecretChanges &changes);

    ledger::Ledger &ledger_;
    orch::sdk::SecretsService &secrets_;
};

} // namespace roe::settings
