// A set of UIDs as ranges: what SEARCH answers and what commands are given. Never grows with what a range
// spans, so that a hostile "1:4294967295" costs nothing. [pure]
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace roe::imap {

class UidSet {
  public:
    struct Range {
        std::uint32_t first = 0;
        std::uint32_t last = 0;
        friend bool operator==(const Range &, const Range &) = default;
    };

    UidSet() = default;
    explicit UidSet(std::vector<std::uint32_t> uids);

    // "7" or "3:9", in either order of its ends; empty for anything else, as for "*".
    static std::optional<Range> parse_range(std::string_view text);

    // Cheap when ranges come in ascending order; `normalize` before anything is asked.
    void add(Range range);
    void add(std::uint32_t uid) { add({uid, uid}); }
    void normalize();

    [[nodiscard]] bool empty() const { return ranges_.empty(); }
    [[nodiscard]] std::uint64_t count() const;
    [[nodiscard]] std::uint32_t highest() const { return ranges_.empty() ? 0 : ranges_.back().last; }
    [[nodiscard]] const std::vector<Range> &ranges() const { return ranges_; }

    [[nodiscard]] bool contains(std::uint32_t uid) const;
    // At most `limit` members above `after`, the lowest first.
    [[nodiscard]] std::vector<std::uint32_t> lowest(std::size_t limit, std::int64_t after = 0) const;
    // At most `limit` members, the highest.
    [[nodiscard]] std::vector<std::uint32_t> topmost(std::size_t limit) const;
    // Removes every member up to and with `uid`.
    void drop_through(std::int64_t uid);

    // As an IMAP sequence set, cut into pieces for separate commands: none longer than `bytes`, none with
    // more than `uids` members.
    [[nodiscard]] std::vector<std::string> texts(std::size_t bytes, std::size_t uids) const;

    friend bool operator==(const UidSet &, const UidSet &) = default;
    friend UidSet common(const UidSet &a, const UidSet &b);

  private:
    std::vector<Range> ranges_;
};

// The members of both.
UidSet common(const UidSet &a, const UidSet &b);

} // namespace roe::imap
