// The host's own events in the journal: who changed what. Written in the transaction of the change itself, so
// that there is none without the other. Never a secret: what a command line or an asset holds is not told, only
// that it was changed.
#pragma once

#include <cstdint>
#include <string>

#include <nlohmann/json.hpp>

#include "store/database.hpp"

namespace host {

// On whose behalf something is done.
struct Actor {
    std::string tenant; // whose things are meant
    std::string user;
    std::string plugin{}; // when a plugin does it by itself
};

namespace audit {

struct Kind {
    std::int64_t code;
    const char *name;
};

inline constexpr Kind signed_in{40001, "SignedIn"};
inline constexpr Kind sign_in_refused{40002, "SignInRefused"};
inline constexpr Kind signed_out{40003, "SignedOut"};
inline constexpr Kind task_created{50001, "TaskCreated"};
inline constexpr Kind task_changed{50002, "TaskChanged"};
inline constexpr Kind task_deleted{50003, "TaskDeleted"};
inline constexpr Kind task_started{50004, "TaskStarted"};
inline constexpr Kind task_stopped{50005, "TaskStopped"};
inline constexpr Kind job_retried{50101, "JobRetried"};
inline constexpr Kind message_retried{50102, "MessageRetried"};
inline constexpr Kind message_skipped{50103, "MessageSkipped"};
inline constexpr Kind message_started_again{50104, "MessageStartedAgain"};
inline constexpr Kind held_released{50105, "HeldStartsReleased"};
inline constexpr Kind held_skipped{50106, "HeldStartsSkipped"};
inline constexpr Kind asset_changed{50201, "AssetChanged"};
inline constexpr Kind content_erased{50301, "ContentErased"};
inline constexpr Kind notification_given_up{50501, "NotificationGivenUp"};
inline constexpr Kind backup_restored{50401, "BackupRestored"};

struct Subject {
    const char *kind; // "task", "trigger", "job", "asset", "notification", "user", "tenant"
    std::string id;
    std::string name{};
};

void note(Session &session, const Kind &kind, const Actor &by, const Subject &subject,
          const nlohmann::json &details = nlohmann::json::object());

} // namespace audit
} // namespace host
