// Tells the authors of mails what became of them, where their trigger says so (NotifyAuthors). [any thread]
//
// Nothing is kept here. Who they are is in the ledger; that a job has ended the host tells until it is answered
// with success; that a message is sent once the host sees to by its key. So whatever dies, each author gets one
// mail for each job that his mail started, and one when it could not be started.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>

#include "ledger/ledger.hpp"
#include "orch/sdk/job_outcomes.hpp"
#include "orch/sdk/notifications.hpp"

namespace roe::trigger {

class AuthorNotices {
  public:
    // All outlive it.
    struct Ports {
        ledger::Ledger &ledger;
        orch::sdk::NotificationsService *notifications; // null: the host can't mail
        // The name of the task of a trigger; empty when it is not known any more.
        std::function<std::string(const std::string &tenant, const std::string &trigger)> task_name;
        std::function<void(const std::string &)> warn; // a line for the log
    };

    explicit AuthorNotices(Ports ports) : ports_(std::move(ports)) {}

    [[nodiscard]] bool can_mail() const { return ports_.notifications != nullptr; }

    // Fails when it is to be told again.
    orch::sdk::Outcome<void> job_ended(const std::string &tenant, const orch::sdk::EndedJob &job);

    // Tells the authors of parked starts. When to come again, where not all could be told.
    std::optional<std::chrono::milliseconds> tell_of_parked();

  private:
    orch::sdk::Outcome<void> send(const std::string &tenant, const std::string &key,
                                  const orch::sdk::Notification &message) const;

    Ports ports_;
};

} // namespace roe::trigger
