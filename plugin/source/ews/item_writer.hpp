// What is done to processed mails: marked as read, given a category, moved, deleted; in batches.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "source/ews/batch.hpp"
#include "source/ews/folders.hpp"
#include "source/ews/session.hpp"
#include "source/mail_source.hpp"

namespace roe::ews {

class ItemWriter {
  public:
    // `folder` is the one that the mails are in. All outlive it.
    ItemWriter(Session &session, Folders &folders, const FolderId &folder, BatchSize &batch_size)
        : session_(session), folders_(folders), folder_(folder), batch_size_(batch_size) {}

    // A mail that is gone counts as done. The first refusal of one is the error, after the others were done.
    Result<void> dispose(std::span<const MailRef> refs, const Disposal &what);
    // As MailSource::refused.
    [[nodiscard]] std::optional<std::vector<std::string>> refused() const;

  private:
    Result<FolderId> target(const std::string &name);
    Result<void> mark(const std::vector<ItemId> &items, const std::string &category);
    Result<std::vector<ItemUpdate>> updates_of(const std::vector<ItemId> &items, const std::string &category);

    // For things that each name an item: asks about them in batches until the server has dealt with all. What
    // was well for an item is told to `well`. Repeating it harms nothing: what is done already is gone or the
    // same.
    template <class Thing>
    using Asking = std::function<std::string(const Caller &, std::span<const Thing>)>;
    template <class Thing>
    using Well = std::function<void(const Thing &, Message)>;
    template <class Thing>
    Result<void> ask(std::vector<Thing> things, const Asking<Thing> &request, const Well<Thing> &well);
    Result<void> change(const std::vector<ItemId> &items, const Asking<ItemId> &request);
    void remember(Error error, std::string name);

    Session &session_;
    Folders &folders_;
    const FolderId &folder_;
    BatchSize &batch_size_;
    std::string target_name_; // where mails were moved to last
    FolderId target_;
    std::optional<Error> refusal_;
    std::vector<std::string> refused_; // by name; a mail may stand in it twice
};

} // namespace roe::ews
