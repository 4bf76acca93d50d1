// Gathers the heads of one look from FETCH responses: the lowest UIDs, within a number and an amount of bytes.
// [pure]
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "source/imap/response.hpp"
#include "source/imap/uid_set.hpp"
#include "source/mail_source.hpp"

namespace roe::imap {

class HeadCollector {
  public:
    HeadCollector(std::size_t most, std::size_t most_bytes, WallTime now)
        : most_(most), most_bytes_(most_bytes), now_(now) {}

    // Mails up to here are not wanted: "n:*" names the last mail even when its UID is below n (RFC 9051
    // §6.4.9).
    void only_after(std::int64_t after) { after_ = after; }
    // Nor are others than these.
    void only_these(UidSet uids) { wanted_ = std::move(uids); }

    void take(Fetch &fetch);

    // Whether a FETCH has come that should have had a header and has none, or no UID: some head may be missing.
    [[nodiscard]] bool incomplete() const { return nameless_ || !headless_.empty(); }
    [[nodiscard]] bool has(std::uint32_t uid) const;
    // Mails beyond the limits were left out.
    [[nodiscard]] bool cut() const { return lowest_left_out_.has_value(); }
    // Up to where nothing was left out; `all` when nothing was.
    [[nodiscard]] std::int64_t complete_to(std::int64_t all) const {
        return lowest_left_out_ ? std::int64_t{*lowest_left_out_} - 1 : all;
    }
    // The highest sequence number and UID that came with a header.
    [[nodiscard]] std::uint32_t last_sequence() const { return last_sequence_; }
    [[nodiscard]] std::uint32_t last_uid() const { return last_uid_; }

    // Whole messages that came in place of their headers, of mails that `finish` gives.
    std::map<std::uint32_t, std::string> take_whole() { return std::move(whole_); }

    // A mail whose header the server does not give.
    void add_without_header(std::uint32_t uid);

    // In ascending order; they leave this place.
    std::vector<MailHead> finish();

  private:
    [[nodiscard]] bool wants(std::uint32_t uid) const;
    void shed();

    std::size_t most_;
    std::size_t most_bytes_;
    WallTime now_;
    std::int64_t after_ = 0;
    std::optional<UidSet> wanted_;
    std::map<std::uint32_t, MailHead> heads_;
    std::map<std::uint32_t, std::string> whole_;
    std::set<std::uint32_t> headless_;
    std::size_t bytes_ = 0;
    std::optional<std::uint32_t> lowest_left_out_;
    std::uint32_t last_sequence_ = 0;
    std::uint32_t last_uid_ = 0;
    bool nameless_ = false;
};

} // namespace roe::imap
