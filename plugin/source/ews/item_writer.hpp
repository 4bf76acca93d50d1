// What is done to processed mails: marked as read, given a category, moved, deleted; in batches.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "source/ews/folders.hpp"
#include "source/ews/session.hpp"
#include "source/mail_source.hpp"

namespace roe::ews {

class ItemWriter {
  public:
    // `folder` is the one that the mails are in. All outlive it.
    ItemWriter(Session &session, Folders &folders, const FolderId &folder)
        : session_(session), folders_(folders), folder_(folder) {}

    // A mail that is gone counts as done. The first refusal of one is the error, after the others were done.
    Result<void> dispose(std::span<const MailRef> refs, const Disposal &what);

  private:
    Result<FolderId> target(const std::string &name);
    Result<void> mark(std::span<const ItemId> items, const std::string &category);
    Result<std::vector<ItemUpdate>> updates_of(std::span<const ItemId> items, const std::string &category);
    // Repeating it harms nothing: what is done already is gone or the same.
    Result<void> change(const Session::Request &request, std::size_t expected);
    void remember(Error error);

    Session &session_;
    Folders &folders_;
    const FolderId &folder_;
    std::string target_name_; // where mails were moved to last
    FolderId target_;
    std::optional<Error> refusal_;
};

} // namespace roe::ews
