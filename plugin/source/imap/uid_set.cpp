#include "source/imap/uid_set.hpp"

#include <algorithm>
#include <charconv>

namespace roe::imap {

namespace {

std::optional<std::uint32_t> parse_uid(std::string_view text) {
    std::uint32_t uid = 0;
    const auto *const end = text.data() + text.size();
    const auto parsed = std::from_chars(text.data(), end, uid);
    if (parsed.ec != std::errc{} || parsed.ptr != end || uid == 0) return std::nullopt;
    return uid;
}

std::string text_of(UidSet::Range range) {
    std::string text = std::to_string(range.first);
    if (range.last != range.first) text += ':' + std::to_string(range.last);
    return text;
}

} // namespace

UidSet::UidSet(std::vector<std::uint32_t> uids) {
    std::ranges::sort(uids);
    for (const std::uint32_t uid : uids)
        add(uid);
}

std::optional<UidSet::Range> UidSet::parse_range(std::string_view text) {
    const std::size_t colon = text.find(':');
    const auto first = parse_uid(text.substr(0, colon));
    const auto last = colon == std::string_view::npos ? first : parse_uid(text.substr(colon + 1));
    if (!first || !last) return std::nullopt;
    return Range{std::min(*first, *last), std::max(*first, *last)};
}

void UidSet::add(Range range) {
    if (!ranges_.empty()) {
        Range &back = ranges_.back();
        if (range.first >= back.first && range.first - 1 <= back.last) {
            back.last = std::max(back.last, range.last);
            return;
        }
    }
    ranges_.push_back(range);
}

void UidSet::normalize() {
    if (std::ranges::is_sorted(ranges_, {}, &Range::first)) return;
    std::ranges::sort(ranges_, {}, &Range::first);
    std::vector<Range> sorted;
    sorted.swap(ranges_);
    for (const Range range : sorted)
        add(range);
}

std::uint64_t UidSet::count() const {
    std::uint64_t total = 0;
    for (const Range range : ranges_)
        total += std::uint64_t{range.last} - range.first + 1;
    return total;
}

bool UidSet::contains(std::uint32_t uid) const {
    const auto found = std::ranges::lower_bound(ranges_, uid, {}, &Range::last);
    return found != ranges_.end() && found->first <= uid;
}

UidSet common(const UidSet &a, const UidSet &b) {
    UidSet both;
    auto x = a.ranges_.begin();
    auto y = b.ranges_.begin();
    while (x != a.ranges_.end() && y != b.ranges_.end()) {
        const UidSet::Range part{std::max(x->first, y->first), std::min(x->last, y->last)};
        if (part.first <= part.last) both.add(part);
        ++(x->last < y->last ? x : y);
    }
    return both;
}

std::vector<std::uint32_t> UidSet::lowest(std::size_t limit, std::int64_t after) const {
    std::vector<std::uint32_t> uids;
    for (const Range range : ranges_) {
        // 64 bits, so that a range that ends at the last UID ends.
        for (std::int64_t uid = std::max<std::int64_t>(range.first, after + 1); uid <= range.last; ++uid) {
            if (uids.size() == limit) return uids;
            uids.push_back(static_cast<std::uint32_t>(uid));
        }
    }
    return uids;
}

std::vector<std::uint32_t> UidSet::topmost(std::size_t limit) const {
    std::vector<std::uint32_t> uids;
    for (auto range = ranges_.rbegin(); range != ranges_.rend(); ++range) { // NOLINT(modernize-loop-convert)
        for (std::int64_t uid = range->last; uid >= range->first; --uid) {
            if (uids.size() == limit) return uids;
            uids.push_back(static_cast<std::uint32_t>(uid));
        }
    }
    return uids;
}

void UidSet::drop_through(std::int64_t uid) {
    std::erase_if(ranges_, [uid](Range range) { return range.last <= uid; });
    if (!ranges_.empty() && ranges_.front().first <= uid) {
        ranges_.front().first = static_cast<std::uint32_t>(uid + 1);
    }
}

std::vector<std::string> UidSet::texts(std::size_t bytes, std::size_t uids) const {
    std::vector<std::string> pieces;
    std::size_t members = uids;
    for (Range range : ranges_) {
        for (bool more = true; more;) {
            if (members >= uids) {
                pieces.emplace_back();
                members = 0;
            }
            const std::uint64_t room = uids - members;
            Range part = range;
            more = std::uint64_t{range.last} - range.first >= room;
            if (more) {
                part.last = static_cast<std::uint32_t>(range.first + room - 1);
                range.first = part.last + 1;
            }
            const std::string text = text_of(part);
            if (!pieces.back().empty() && pieces.back().size() + 1 + text.size() > bytes) {
                pieces.emplace_back();
                members = 0;
            }
            if (!pieces.back().empty()) pieces.back() += ',';
            pieces.back() += text;
            members += part.last - part.first + std::size_t{1};
        }
    }
    return pieces;
}

} // namespace roe::imap
