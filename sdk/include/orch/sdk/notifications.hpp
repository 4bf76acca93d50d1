// orch.notifications/1: mails to people outside. A host implements NotificationsService; a plugin gets one from
// `Host::notifications()`. [any thread]
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "orch/ext/notifications.h"
#include "orch/sdk/outcome.hpp"

namespace orch::sdk {

// Each address of `to` gets a mail of its own.
struct Notification {
    std::vector<std::string> to; // 1 to 100 addresses, ASCII, without names
    std::string subject;
    std::string text;                       // lines parted by "\n"
    std::optional<std::string> in_reply_to; // message ids are without angle brackets
    std::vector<std::string> references;
};

class NotificationsService {
  public:
    virtual ~NotificationsService() = default;

    // Durably accepted when it returns; the same key, of 1 to 300 bytes, sends nothing more. Status::invalid:
    // it will never be taken; Status::busy: hand it over again later. Blocks for a database transaction.
    virtual Outcome<void> send(std::string_view tenant, std::string_view key, const Notification &message) = 0;
};

} // namespace orch::sdk
