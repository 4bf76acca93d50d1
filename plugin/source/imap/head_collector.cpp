#include "source/imap/head_collector.hpp"

#include <algorithm>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>

namespace roe::imap {

namespace {

// More would be a server that means harm; one is enough to make the caller look closer.
constexpr std::size_t most_headless = 10'000;

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

// The header block that a message's first bytes hold, with its empty line; empty when it goes on beyond them.
std::string_view header_in(std::string_view opening, bool whole) {
    if (opening.starts_with("\r\n")) return opening.substr(0, 2);
    if (opening.starts_with("\n")) return opening.substr(0, 1);
    for (auto line = opening.find('\n'); line != std::string_view::npos; line = opening.find('\n', line + 1)) {
        const auto next = opening.substr(line + 1);
        const std::size_t ending = next.starts_with("\r\n") ? 2 : next.starts_with("\n") ? 1 : 0;
        if (ending > 0) return opening.substr(0, line + 1 + ending);
    }
    return whole ? opening : std::string_view();
}

// A size that the server has only estimated makes a mail be fetched again, never cut.
bool holds_all(const Fetch &fetch) {
    return fetch.opening->size() < opening_bytes && fetch.size &&
           std::cmp_equal(*fetch.size, fetch.opening->size());
}

} // namespace

void HeadCollector::take(Fetch &fetch) {
    const bool whole = fetch.opening && !fetch.header && holds_all(fetch);
    if (fetch.opening && !fetch.header) {
        if (const auto header = header_in(*fetch.opening, whole); !header.empty()) fetch.header = header;
    }
    if (fetch.uid == 0) {
        nameless_ = nameless_ || fetch.header || fetch.garbled;
        return;
    }
    if (fetch.header) {
        last_sequence_ = std::max(last_sequence_, fetch.sequence);
        last_uid_ = std::max(last_uid_, fetch.uid);
    }
    if (!wants(fetch.uid)) return;
    if (!fetch.header) {
        const auto known = heads_.find(fetch.uid);
        if (known != heads_.end()) {
            if (fetch.seen) known->second.seen = *fetch.seen;
        } else if (headless_.size() < most_headless) {
            headless_.insert(fetch.uid);
        }
        return;
    }
    headless_.erase(fetch.uid);
    const auto [place, is_new] = heads_.try_emplace(fetch.uid);
    if (!is_new) return;
    cut_empty_line(*fetch.header);
    bytes_ += fetch.header->size();
    if (whole) {
        bytes_ += fetch.opening->size();
        whole_.emplace(fetch.uid, std::move(*fetch.opening));
    }
    place->second = {.ref = {fetch.uid, std::to_string(fetch.uid)},
                     .header = std::move(*fetch.header),
                     .header_truncated = fetch.header_truncated,
                     // A broken INTERNALDATE is no reason to give up a mail.
                     .received_at = fetch.received_at.value_or(now_),
                     .size = fetch.size.value_or(0),
                     .seen = fetch.seen.value_or(false)};
    shed();
}

bool HeadCollector::wants(std::uint32_t uid) const {
    return uid > after_ && (!wanted_ || wanted_->contains(uid)) &&
           (!lowest_left_out_ || uid < *lowest_left_out_);
}

void HeadCollector::shed() {
    while (heads_.size() > most_ || (bytes_ > most_bytes_ && heads_.size() > 1)) {
        const auto last = std::prev(heads_.end());
        bytes_ -= last->second.header.size();
        if (const auto whole = whole_.find(last->first); whole != whole_.end()) {
            bytes_ -= whole->second.size();
            whole_.erase(whole);
        }
        lowest_left_out_ = last->first;
        heads_.erase(last);
    }
}

bool HeadCollector::has(std::uint32_t uid) const {
    return heads_.contains(uid) || (lowest_left_out_ && uid >= *lowest_left_out_);
}

void HeadCollector::add_without_header(std::uint32_t uid) {
    Fetch fetch;
    fetch.uid = uid;
    fetch.header = std::string{};
    take(fetch);
    if (const auto known = heads_.find(uid); known != heads_.end()) known->second.header_withheld = true;
}

std::vector<MailHead> HeadCollector::finish() {
    std::vector<MailHead> heads;
    heads.reserve(heads_.size());
    for (auto &[uid, head] : heads_)
        heads.push_back(std::move(head));
    heads_.clear();
    return heads;
}

} // namespace roe::imap
