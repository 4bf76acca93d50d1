// What is done to mails that are finished with: marking, moving and deleting.
//
// Never a bare EXPUNGE: it would remove what other people have marked. A mail that is gone already counts as
// done. When a connection breaks between copying and deleting, a mail moved to a folder may be there twice: the
// other way round it could be nowhere.
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
    Result<void> dispose(const UidSet &uids, const Disposal &what);

    // A mail was to be removed, and the server can do it neither by UID nor by moving.
    [[nodiscard]] bool only_marks() const { return only_marks_; }

  private:
    enum class Leaving : std::uint8_t {
        stay,
        move,    // UID MOVE (RFC 6851)
        expunge, // mark as deleted and UID EXPUNGE these
        mark,    // as deleted, which leaves the rest to whoever owns the mailbox
    };
    struct Plan {
        std::string flags{};  // to set, with spaces between
        std::string target{}; // the folder that they go to, as the server writes it; empty: none
        Leaving leaving = Leaving::stay;
    };

    Result<Plan> plan(const Disposal &what);
    // Where deleted mail goes instead of being expunged; empty: nowhere.
    Result<std::string> bin();
    // The name of the folder for deleted mail as the server has it; empty when there is none, or it is the open
    // one.
    Result<std::string> trash();
    Result<Status> apply(const Plan &plan, const std::string &uids);
    Result<Status> put_into(std::string_view verb, const std::string &uids, const std::string &folder);
    Result<Status> store(const std::string &uids, const std::string &flags);
    static Command storing(const std::string &uids, const std::string &flags);
    Result<Status> delete_here(Leaving leaving, const std::string &uids, const std::string &flags);
    static std::string undone(const Disposal &what, Leaving leaving);
    [[nodiscard]] std::string as_sent(const std::string &folder) const;
    Result<void> settle(const UidSet &uids, const Status &answer, const Disposal &what, Leaving leaving);

    Session &session_;
    std::string folder_;
    std::optional<std::string> trash_; // once it was asked for
    bool only_marks_ = false;
};

} // namespace roe::imap
