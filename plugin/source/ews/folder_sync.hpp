// Brings the change book of a folder up to what the server has (SyncFolderItems).
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>

#include "base/result.hpp"
#include "source/change_book.hpp"
#include "source/ews/gathered_changes.hpp"
#include "source/ews/session.hpp"

namespace roe::ews {

using Sizes = std::unordered_map<std::string, std::int64_t>; // by name

class FolderSync {
  public:
    // Session and book outlive it.
    FolderSync(Session &session, ChangeBook &book, FolderId folder)
        : session_(session), book_(book), folder_(std::move(folder)) {}

    // Where an earlier session has left off, and what has changed since.
    Result<void> open();
    Result<void> run();

    [[nodiscard]] const ChangeBook::Standing &standing() const { return standing_; }

    // Of mails that were told of lately, as the server says; of some of them only.
    [[nodiscard]] const Sizes &sizes() const { return sizes_; }
    void forget_sizes() { sizes_ = {}; }

  private:
    Result<SyncChanges> next_page(const std::string &state);
    Result<void> follow_changes();
    Result<void> write(const std::string &state, bool last);

    Session &session_;
    ChangeBook &book_;
    const FolderId folder_;
    ChangeBook::Standing standing_;
    GatheredChanges gathered_; // since the book was last written
    Sizes sizes_;
};

} // namespace roe::ews
