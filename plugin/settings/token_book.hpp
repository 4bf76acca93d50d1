// The access tokens of all mailboxes: got from their token endpoints, kept sealed in the ledger, renewed before
// they lapse. [any thread]
//
// Promises
//  - One request to the endpoint at a time for a mailbox, however many of its folders are watched.
//  - A refresh token that replaces another one is on disk before anything is done with the access token that
//    came with it; the one that it replaces is forgotten by the same write.
//  - A refusal is remembered: the endpoint is not asked again for a long while, unless for a connection test or
//    after the mailbox was saved.
//  - What was kept counts only for the settings and secrets that it was got with.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "ledger/ledger.hpp"
#include "net/oauth2.hpp"
#include "net/step_observer.hpp"
#include "net/token_source.hpp"
#include "orch/sdk/secrets.hpp"

namespace roe::settings {

class TokenBook {
  public:
    // Ledger and secrets outlive the book, and the book its sources.
    TokenBook(ledger::Ledger &ledger, orch::sdk::SecretsService &secrets,
              std::shared_ptr<net::Connector> connector, std::shared_ptr<const Clock> clock);
    ~TokenBook();
    TokenBook(const TokenBook &) = delete;
    TokenBook &operator=(const TokenBook &) = delete;

    // `mailbox` is its key, or empty for a form that is not saved: what that gets is kept in memory, for the
    // mailbox that is saved with the same secrets. `observer` may be null.
    std::shared_ptr<net::TokenSource> source(const std::string &mailbox, net::TokenRequest request,
                                             net::StepObserver *observer);

    // The mailbox was saved: what was refused may be asked for again.
    void forget_refusal(const std::string &mailbox);

  private:
    struct Kept;
    struct Desk;
    class Tap;

    std::shared_ptr<Desk> desk_for(const std::string &mailbox, const std::string &grant);
    Result<net::AccessToken> token(Desk &desk, const net::TokenRequest &request, std::string_view refused,
                                   bool ask_anyway, const std::stop_token &stop);
    Result<void> renew(Desk &desk, const net::TokenRequest &request, const std::stop_token &stop);
    void recall(Desk &desk, const std::stop_token &stop);
    Result<void> keep(Desk &desk);

    ledger::Ledger &ledger_;
    orch::sdk::SecretsService &secrets_;
    const std::shared_ptr<net::Connector> connector_;
    const std::shared_ptr<const Clock> clock_;
    std::mutex mutex_;                                    // guards the maps
    std::map<std::string, std::shared_ptr<Desk>> desks_;  // by mailbox
    std::map<std::string, std::shared_ptr<Desk>> drafts_; // by grant
};

} // namespace roe::settings
