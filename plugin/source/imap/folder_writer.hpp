// What is done to mails that are finished with: marking and deleting.
//
// Never a bare EXPUNGE: it would remove what other people have marked. A mail that is gone already counts as
// done.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "source/imap/session.hpp"
#include "source/imap/uid_set.hpp"
#include "source/mail_source.hpp"

namespace roe::imap {

class FolderWriter {
  public:
    // Of the open folder, by its name in UTF-8. The session outlives it.
    FolderWriter(Session &session, std::string folder) : session_(session), folder_(std::move(folder)) {}

    // Fault::refused when the server does not let us; the session stands then.
    Result<void> dispose(const UidSet &uids, Disposal what);

    // A mail was to be removed, and the server can do it neither by UID nor by moving.
    [[nodiscard]] bool only_marks() const { return only_marks_; }

  private:
    enum class Way : std::uint8_t {
        read,
        expunge, // mark as deleted and UID EXPUNGE these
        move,    // to the folder for deleted mail
        mark,    // as deleted, which leaves the rest to whoever owns the mailbox
    };

    Result<Way> way_to(Disposal what);
    // The name of the folder for deleted mail as the server has it; empty when there is none, or it is the open
    // one.
    Result<std::string> trash();
    Result<Status> apply(Way way, const std::string &uids);
    Result<void> settle(const UidSet &uids, const Status &answer, std::string_view undone);

    Session &session_;
    std::string folder_;
    std::optional<std::string> trash_; // once it was asked for
    bool only_marks_ = false;
};

} // namespace roe::imap
