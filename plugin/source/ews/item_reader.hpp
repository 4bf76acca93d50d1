// Heads and whole mails of items that are known by name (GetItem), in batches.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/result.hpp"
#include "source/ews/session.hpp"
#include "source/mail_source.hpp"

namespace roe::ews {

class ItemReader {
  public:
    // The session outlives it.
    explicit ItemReader(Session &session) : session_(session) {}

    // In the order of `refs`, without those that are gone: the first of them whose headers have `most_bytes`,
    // but one at least. `read_to` is how many of the refs that were.
    struct Heads {
        std::vector<MailHead> heads;
        std::size_t read_to = 0;
    };
    Result<Heads> heads(std::span<const MailRef> refs, std::size_t most_bytes);

    Result<void> fetch(std::span<const MailRef> refs, RawSink &sink);

  private:
    Result<void> read_heads(std::span<const MailRef> refs, std::vector<MailHead> &heads);
    Result<void> read_batch(std::span<const MailRef> refs, const std::vector<std::size_t> &places,
                            HeaderFields fields, std::vector<MailHead> &heads, std::vector<std::size_t> *poor);
    Result<void> fetch_batch(std::span<const MailRef> refs, RawSink &sink);
    [[nodiscard]] std::size_t batch_size(std::span<const MailRef> refs) const;

    Session &session_;
    std::unordered_map<std::string, std::int64_t> sizes_; // of the mails of the last heads, as the server says
};

} // namespace roe::ews
