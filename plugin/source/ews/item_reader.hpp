// Heads and whole mails of items that are known by name (GetItem), in batches.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/result.hpp"
#include "source/ews/batch.hpp"
#include "source/ews/folder_sync.hpp"
#include "source/ews/session.hpp"
#include "source/mail_source.hpp"

namespace roe::ews {

class ItemReader {
  public:
    // Both outlive it.
    ItemReader(Session &session, BatchSize &batch_size) : session_(session), batch_size_(batch_size) {}

    // In the order of `refs`, without those that are gone: the first of them whose headers have `most_bytes`,
    // but one at least. `read_to` is how many of the refs that were.
    struct Heads {
        std::vector<MailHead> heads;
        std::size_t read_to = 0;
    };
    Result<Heads> heads(std::span<const MailRef> refs, std::size_t most_bytes);
    // The same, and the contents of small mails, kept for the next `fetch`: they save a request. `sizes` may
    // know some of them.
    Result<Heads> heads_and_contents(std::span<const MailRef> refs, std::size_t most_bytes, const Sizes &sizes);

    Result<void> fetch(std::span<const MailRef> refs, RawSink &sink);

  private:
    Result<Heads> read_all(std::span<const MailRef> refs, std::size_t most_bytes, const Sizes *sizes);
    Result<void> read_heads(std::span<const MailRef> refs, bool with_content, std::vector<MailHead> &heads);
    Result<void> ask_for_heads(const std::vector<ItemId> &ids, HeaderFields fields, bool with_content,
                               const Session::Take &take);
    Result<void> hand_over(const MailRef &ref, RawSink &sink);
    Result<void> read_batch(std::span<const MailRef> refs, std::vector<std::size_t> places, HeaderFields fields,
                            bool with_content, std::vector<MailHead> &heads, std::vector<std::size_t> *poor);
    std::optional<HeaderFrom> take_head(Message message, const MailRef &ref, MailHead &head);
    Result<std::vector<std::size_t>> fetch_batch(std::span<const MailRef> refs, RawSink &sink);
    [[nodiscard]] std::size_t fitting(std::span<const MailRef> refs) const;

    Session &session_;
    BatchSize &batch_size_;
    HeaderFields fields_ = HeaderFields::transport;         // those that the server has
    bool properties_refused_ = false;                       // of an item in the last answers
    bool message_came_ = false;                             // in them
    Sizes sizes_;                                           // of the mails of the last heads
    std::unordered_map<std::string, std::string> contents_; // that came along with them, by name
};

} // namespace roe::ews
