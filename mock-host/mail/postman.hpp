// Takes messages of plugins and mails them.
//
// Promises
//  - A message that `accept` has taken is on disk; the same key again is taken and sends nothing more.
//  - Each mail is handed to the server until that has taken it, refuses it for good, or it is too old. What is
//  given up
//    is told in the journal.
//  - A mail goes out once, but for one gap that SMTP leaves: a host that dies after the server has taken a mail
//  and
//    before that is on disk sends it once more, with the same Message-ID.
#pragma once

#include <atomic>
#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include "base/bell.hpp"
#include "mail/smtp_session.hpp"
#include "orch/sdk/notifications.hpp"
#include "security/key_ring.hpp"
#include "store/database.hpp"
#include "store/outgoing_mails.hpp"

namespace host {

struct PostmanPatience {
    std::chrono::milliseconds first_pause{1000}; // doubled with each attempt
    std::chrono::milliseconds longest_pause{5 * 60'000};
    std::chrono::milliseconds give_up_after{std::chrono::hours(72)};
};

// Since the host started; `waiting` is now.
struct MailCounts {
    std::int64_t waiting = 0;
    std::int64_t sent = 0;
    std::int64_t given_up = 0;
};

class Postman {
  public:
    // Throws ConfigurationRefused. `keys` open the password of `settings`.
    Postman(Database &database, const KeyRing &keys, SmtpSettings settings, PostmanPatience patience = {});
    ~Postman();
    Postman(const Postman &) = delete;
    Postman &operator=(const Postman &) = delete;

    // Takes up what waits.
    void start();
    // Breaks off the session under way. What is not sent waits for the next start.
    void stop();

    // [any thread] The host's side of orch.notifications/1.
    orch::sdk::Outcome<void> accept(const std::string &plugin, std::string_view tenant, std::string_view key,
                                    const orch::sdk::Notification &message);

    // [any thread]
    [[nodiscard]] MailCounts counts() const;

  private:
    void loop();
    void deliver(const std::vector<OutgoingMail> &due);
    void note(const OutgoingMail &mail, const SmtpVerdict &verdict);
    void try_again(const OutgoingMail &mail, const std::string &words);
    void give_up(const OutgoingMail &mail, const std::string &words);
    [[nodiscard]] std::string composed(const std::string &to, const orch::sdk::Notification &message,
                                       Micros at) const;

    Database &database_;
    const KeyRing &keys_;
    const SmtpSettings settings_;
    const PostmanPatience patience_;
    const Poco::Net::Context::Ptr trust_;
    SmtpCut cut_;
    std::atomic<std::int64_t> sent_{0};
    std::atomic<std::int64_t> given_up_{0};
    bool in_trouble_ = false; // said so in the log
    Bell bell_;
    std::thread thread_;
};

} // namespace host
