#include "source/imap/head_collector.hpp"

#include <algorithm>
#include <iterator>
#include <string>
#include <utility>

namespace roe::imap {

namespace {

// The header block ends before its empty line; a server may send it with that line, as it should, or without.
void cut_empty_line(std::string &header) {
    if (header.ends_with("\r\n\r\n")) {
        header.resize(header.size() - 2);
    } else if (header.ends_with("\n\n")) {
        header.resize(header.size() - 1);
    } else if (header == "\r\n" || header == "\n") {
        header.clear();
    }
}

} // namespace

void HeadCollector::take(Fetch &fetch) {
    if (fetch.header) {
        last_sequence_ = std::max(last_sequence_, fetch.sequence);
        last_uid_ = std::max(last_uid_, fetch.uid);
    }
    if (fetch.uid == 0) {
        nameless_ = nameless_ || fetch.header.has_value();
        return;
    }
    if (fetch.uid <= after_ || (lowest_left_out_ && fetch.uid >= *lowest_left_out_)) return;
    Entry &entry = entries_[fetch.uid];
    MailHead &head = entry.head;
    head.ref = {fetch.uid, std::to_string(fetch.uid)};
    if (fetch.seen) head.seen = *fetch.seen;
    if (fetch.size) head.size = *fetch.size;
    if (fetch.received_at) head.received_at = *fetch.received_at;
    if (fetch.header && !entry.whole) {
        cut_empty_line(*fetch.header);
        head.header = std::move(*fetch.header);
        head.header_truncated = fetch.header_truncated;
        // A broken INTERNALDATE is no reason to give up a mail.
        if (head.received_at == WallTime{}) head.received_at = now_;
        entry.whole = true;
        bytes_ += head.header.size();
    }
    shed();
}

void HeadCollector::shed() {
    while (entries_.size() > most_ || (bytes_ > most_bytes_ && entries_.size() > 1)) {
        const auto last = std::prev(entries_.end());
        bytes_ -= last->second.head.header.size();
        lowest_left_out_ = last->first;
        entries_.erase(last);
    }
}

UidSet HeadCollector::headless() const {
    UidSet uids;
    for (const auto &[uid, entry] : entries_) {
        if (!entry.whole) uids.add(uid);
    }
    return uids;
}

bool HeadCollector::has(std::uint32_t uid) const {
    const auto found = entries_.find(uid);
    return (found != entries_.end() && found->second.whole) || (lowest_left_out_ && uid >= *lowest_left_out_);
}

void HeadCollector::add_without_header(std::uint32_t uid) {
    Fetch fetch;
    fetch.uid = uid;
    fetch.header = std::string{};
    fetch.header_truncated = true;
    take(fetch);
}

std::vector<MailHead> HeadCollector::finish() {
    std::vector<MailHead> heads;
    heads.reserve(entries_.size());
    for (auto &[uid, entry] : entries_) {
        if (entry.whole) heads.push_back(std::move(entry.head));
    }
    entries_.clear();
    return heads;
}

} // namespace roe::imap
