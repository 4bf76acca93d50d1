// Brings the change book of a folder up to what the server has (SyncFolderItems).
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/result.hpp"
#include "source/change_book.hpp"
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
    // What has come since the book was last written. One that came and went again is gone.
    class Gathered {
      public:
        void add(const SyncChanges &page);
        void clear();
        [[nodiscard]] std::size_t size() const { return mails_.size(); }
        // In the order in which they were received: the server tells the newest first (since 2010 SP2).
        [[nodiscard]] std::vector<std::string_view> there() const;
        [[nodiscard]] std::vector<std::string_view> gone() const;
        [[nodiscard]] std::int64_t size_of(std::string_view name) const;

      private:
        struct Mail {
            bool there = false;
            WallTime received_at{};
            std::int64_t size = 0;
            std::size_t place = 0; // in the server's order
        };
        std::map<std::string, Mail, std::less<>> mails_;
        std::size_t places_ = 0;
    };

    Result<SyncChanges> next_page(const std::string &state);
    Result<void> follow_changes();
    Result<void> write(const Gathered &gathered, const std::string &state, bool last);

    Session &session_;
    ChangeBook &book_;
    const FolderId folder_;
    ChangeBook::Standing standing_;
    Sizes sizes_;
};

} // namespace roe::ews
