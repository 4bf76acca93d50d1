// The folders of a mailbox by their names, as people write them: "INBOX", "INBOX/Orders", "Done".
//
// The Inbox is INBOX whatever it is called in the mailbox's language, or by its name there. "archive:" before a
// name means the mailbox's online archive. What Exchange calls a folder in requests ("sentitems", "junkemail")
// names it, too.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "source/ews/answers.hpp"
#include "source/ews/session.hpp"

namespace roe::ews {

class Folders {
  public:
    // `mailbox` is the address of whose folders are meant; empty: the login's own. The session outlives it.
    Folders(Session &session, std::string mailbox) : session_(session), mailbox_(std::move(mailbox)) {}

    Result<Folder> find(std::string_view name);
    // Of folders that hold mails.
    Result<std::vector<std::string>> names();

  private:
    struct Named {
        Folder folder;
        std::string own_path;   // in the mailbox's language
        std::string inbox_path; // the same from INBOX on; empty: it is not below the Inbox
    };

    [[nodiscard]] FolderId distinguished(std::string name) const;
    Result<Folder> ask(const FolderId &folder);
    Result<std::vector<Folder>> all(const FolderId &root);
    Result<std::vector<Named>> tree(bool archive);
    Error not_there(std::string_view name, const std::vector<Named> &tree) const;

    Session &session_;
    const std::string mailbox_;
};

} // namespace roe::ews
