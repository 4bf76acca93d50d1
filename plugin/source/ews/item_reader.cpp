#include "source/ews/item_reader.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

#include "source/ews/response_code.hpp"

namespace roe::ews {

namespace {

constexpr std::size_t most_heads_at_once = 100;
constexpr std::size_t most_mails_at_once = 100;
// What may have to be sent again when the connection breaks.
constexpr std::int64_t most_bytes_at_once = 8 << 20;
constexpr std::int64_t bytes_if_unknown = 256 << 10;
// Of all mails that come along with their heads, as the server says, and as it is: a window of ordinary mails.
constexpr std::int64_t most_bytes_along = 4 << 20;
constexpr std::size_t most_bytes_kept = 8 << 20;

std::vector<ItemId> ids_of(std::span<const MailRef> refs) {
    std::vector<ItemId> ids;
    ids.reserve(refs.size());
    for (const auto &ref : refs)
        ids.push_back({ref.uid, {}});
    return ids;
}

// Hands the mails of a batch on under the names that we have for them.
class NamedSink final : public MimeSink {
  public:
    NamedSink(std::span<const MailRef> refs, const Sizes &sizes, RawSink &sink)
        : refs_(refs), sizes_(sizes), sink_(sink), came_(refs.size()) {}

    Result<void> begin(std::size_t position) override {
        const auto &ref = refs_[position];
        const auto size = sizes_.find(ref.uid);
        return sink_.begin(ref, size == sizes_.end() ? 0 : size->second);
    }
    Result<void> write(std::string_view bytes) override { return sink_.write(bytes); }
    Result<void> end(std::size_t position) override {
        came_[position] = true;
        return sink_.end(refs_[position]);
    }

    [[nodiscard]] bool has(std::size_t position) const { return came_[position]; }

  private:
    const std::span<const MailRef> refs_;
    const Sizes &sizes_;
    RawSink &sink_;
    std::vector<bool> came_;
};

// Keeps the mails of a batch, as long as there is room for them.
class KeepingSink final : public MimeSink {
  public:
    explicit KeepingSink(const std::vector<ItemId> &ids) : ids_(ids) {}

    Result<void> begin(std::size_t) override {
        mail_.clear();
        return {};
    }
    Result<void> write(std::string_view bytes) override {
        if (kept_ + mail_.size() + bytes.size() > most_bytes_kept)
            full_ = true;
        else if (!full_)
            mail_ += bytes;
        return {};
    }
    Result<void> end(std::size_t position) override {
        if (full_) return {};
        kept_ += mail_.size();
        mails[ids_[position].id] = std::exchange(mail_, {});
        return {};
    }

    std::unordered_map<std::string, std::string> mails;

  private:
    const std::vector<ItemId> &ids_;
    std::string mail_;
    std::size_t kept_ = 0;
    bool full_ = false;
};

// A fault of the server that it may have with one mail alone: that is what it is when others come all the same.
bool is_passing(const Error &error) {
    return error.fault == Fault::unreachable && !error.retry_after;
}

HeaderFields fewer_than(HeaderFields fields) {
    switch (fields) {
    case HeaderFields::transport:
    case HeaderFields::listed:
        return HeaderFields::listed_alone;
    case HeaderFields::listed_alone:
        return HeaderFields::plain;
    case HeaderFields::plain:
    case HeaderFields::fewest:
        break;
    }
    return HeaderFields::fewest;
}

void withhold(const MailRef &ref, MailHead &head) {
    head = {};
    head.ref = ref;
    head.header_withheld = true;
}

bool all_are_small(std::span<const MailRef> refs, const Sizes &sizes) {
    std::int64_t bytes = 0;
    return std::ranges::all_of(refs, [&](const MailRef &ref) {
        const auto size = sizes.find(ref.uid);
        if (size == sizes.end()) return false;
        bytes += size->second;
        return bytes <= most_bytes_along;
    });
}

} // namespace

Result<ItemReader::Heads> ItemReader::heads(std::span<const MailRef> refs, std::size_t most_bytes) {
    return read_all(refs, most_bytes, nullptr);
}

Result<ItemReader::Heads> ItemReader::heads_and_contents(std::span<const MailRef> refs, std::size_t most_bytes,
                                                         const Sizes &sizes) {
    return read_all(refs, most_bytes, &sizes);
}

Result<ItemReader::Heads> ItemReader::read_all(std::span<const MailRef> refs, std::size_t most_bytes,
                                               const Sizes *sizes) {
    Heads all;
    sizes_.clear();
    contents_.clear();
    std::size_t bytes = 0;
    while (all.read_to < refs.size() && bytes < most_bytes) {
        const auto batch =
            refs.subspan(all.read_to, batch_size_.of(std::min(most_heads_at_once, refs.size() - all.read_to)));
        // One batch's at most: that is a window's as it comes.
        const bool with_content = sizes != nullptr && all.read_to == 0 && all_are_small(batch, *sizes);
        std::vector<MailHead> heads;
        if (auto read = read_heads(batch, with_content, heads); !read) return std::move(read.error());
        for (auto &head : heads) {
            bytes += head.header.size();
            sizes_[head.ref.uid] = head.size;
            all.heads.push_back(std::move(head));
        }
        all.read_to += batch.size();
    }
    return all;
}

Result<void> ItemReader::read_heads(std::span<const MailRef> refs, bool with_content,
                                    std::vector<MailHead> &heads) {
    heads.assign(refs.size(), {});
    std::vector<std::size_t> wanted(refs.size());
    std::iota(wanted.begin(), wanted.end(), 0);
    std::vector<std::size_t> poor;
    auto fields = fields_;
    for (;;) {
        properties_refused_ = false;
        message_came_ = false;
        const bool all = wanted.size() == refs.size();
        auto read = read_batch(refs, wanted, fields, with_content, heads, &poor);
        const bool none = !read && refuses_properties(session_.code());
        if (!read && !none) return read;
        // No mail came with more of them: it is the server that has not those properties. What kinds of items
        // that are no mails have tells nothing of the mails to come.
        if (all && message_came_) fields_ = fields;
        if (!none) std::erase_if(wanted, [&](std::size_t place) { return !heads[place].header_withheld; });
        const bool fewer = (none || properties_refused_) && fields != HeaderFields::fewest;
        if (none && !fewer) return read;
        if (wanted.empty() || !(fewer || with_content)) break;
        if (fewer) fields = fewer_than(fields);
        // Or it is the content that the server can't give.
        with_content = false;
    }
    // Mails that did not come by SMTP: what fields there are is a question of its own.
    if (!poor.empty() && fields_ == HeaderFields::transport) {
        auto read = read_batch(refs, poor, HeaderFields::listed, false, heads, nullptr);
        if (!read && !refuses_properties(session_.code())) return read;
    }
    std::erase_if(heads, [](const MailHead &head) { return head.ref.uid.empty(); });
    return {};
}

// `poor`: those whose header we had to write ourselves.
Result<void> ItemReader::read_batch(std::span<const MailRef> refs, std::vector<std::size_t> places,
                                    HeaderFields fields, bool with_content, std::vector<MailHead> &heads,
                                    std::vector<std::size_t> *poor) {
    bool some_came = false;
    while (!places.empty()) {
        const auto now = std::span<const std::size_t>(places).first(batch_size_.of(places.size()));
        std::vector<ItemId> ids;
        for (const auto place : now)
            ids.push_back({refs[place].uid, {}});
        Batch batch(session_, now.size());
        const auto take = [&](Message message) -> Result<void> {
            const auto dealt_with = batch.take(message);
            if (!dealt_with) return dealt_with.error();
            if (!*dealt_with) return {};
            const auto place = now[message.position];
            if (take_head(std::move(message), refs[place], heads[place]) == HeaderFrom::properties &&
                poor != nullptr)
                poor->push_back(place);
            return {};
        };
        if (auto asked = ask_for_heads(ids, fields, with_content, take); !asked) return asked;
        auto left = batch.left(batch_size_);
        if (!left && !(some_came && is_passing(left.error()))) return std::move(left.error());
        if (!left) {
            for (const auto place : now)
                withhold(refs[place], heads[place]);
            left = std::vector<std::size_t>();
        }
        some_came = some_came || left->size() < now.size();
        places = still_to_ask(places, now.size(), *left);
    }
    return {};
}

// Where its header comes from, if the server gives one.
std::optional<HeaderFrom> ItemReader::take_head(Message message, const MailRef &ref, MailHead &head) {
    if (!message.outcome.ok) {
        if (refuses_properties(message.outcome.code)) {
            properties_refused_ = true;
            // What came of it before is better than nothing.
            if (!head.ref.uid.empty() && !head.header_withheld) return std::nullopt;
        }
        if (session_.error_of(message.outcome).fault == Fault::gone)
            head = {};
        else
            withhold(ref, head);
        return std::nullopt;
    }
    auto *page = std::get_if<ItemPage>(&message.content);
    if (page == nullptr || page->items.empty()) return std::nullopt;
    auto &item = page->items.front();
    message_came_ = message_came_ || item.is_message;
    head.header_withheld = false;
    head.ref = ref;
    head.header = std::move(item.header);
    head.header_truncated = item.header_truncated;
    head.received_at = item.received_at;
    head.size = item.size;
    head.seen = item.read.value_or(false);
    return item.header_from;
}

Result<void> ItemReader::ask_for_heads(const std::vector<ItemId> &ids, HeaderFields fields, bool with_content,
                                       const Session::Take &take) {
    const auto request = [&](const Caller &caller) {
        return get_item_heads(caller, ids, fields, with_content);
    };
    if (!with_content) return session_.run(request, take);
    KeepingSink contents(ids);
    auto ran = session_.run_for_mime(request, ids, contents, take);
    if (ran) contents_.merge(contents.mails);
    return ran;
}

Result<void> ItemReader::fetch(std::span<const MailRef> refs, RawSink &sink) {
    std::vector<MailRef> missing;
    for (const auto &ref : refs) {
        if (!contents_.contains(ref.uid))
            missing.push_back(ref);
        else if (auto handed = hand_over(ref, sink); !handed)
            return handed;
    }
    bool some_came = false;
    while (!missing.empty()) {
        const auto now = std::span<const MailRef>(missing).first(fitting(missing));
        auto left = fetch_batch(now, sink);
        if (!left && !(some_came && is_passing(left.error()))) return std::move(left.error());
        if (!left) {
            for (const auto &ref : now)
                sink.withheld(ref, left.error());
            left = std::vector<std::size_t>();
        }
        some_came = some_came || left->size() < now.size();
        missing = still_to_ask(missing, now.size(), *left);
    }
    return {};
}

Result<void> ItemReader::hand_over(const MailRef &ref, RawSink &sink) {
    const auto mail = contents_.extract(ref.uid);
    if (auto begun = sink.begin(ref, static_cast<std::int64_t>(mail.mapped().size())); !begun) return begun;
    if (auto written = sink.write(mail.mapped()); !written) return written;
    return sink.end(ref);
}

std::size_t ItemReader::fitting(std::span<const MailRef> refs) const {
    const auto most = batch_size_.of(std::min(refs.size(), most_mails_at_once));
    std::int64_t bytes = 0;
    std::size_t count = 0;
    for (; count < most; ++count) {
        const auto size = sizes_.find(refs[count].uid);
        bytes += size == sizes_.end() || size->second <= 0 ? bytes_if_unknown : size->second;
        if (count > 0 && bytes > most_bytes_at_once) break;
    }
    return count;
}

// The places of those that are to be fetched again.
Result<std::vector<std::size_t>> ItemReader::fetch_batch(std::span<const MailRef> refs, RawSink &sink) {
    const auto ids = ids_of(refs);
    NamedSink named(refs, sizes_, sink);
    Batch batch(session_, refs.size());
    const auto take = [&](const Message &message) -> Result<void> {
        const auto dealt_with = batch.take(message);
        if (!dealt_with) return dealt_with.error();
        if (!*dealt_with || named.has(message.position)) return {};
        auto error = message.outcome.ok ? session_.error(Fault::refused, "the server gives no content of it")
                                        : session_.error_of(message.outcome);
        if (error.fault != Fault::gone) sink.withheld(refs[message.position], error);
        return {};
    };
    auto ran = session_.run_for_mime([&](const Caller &caller) { return get_item_mime(caller, ids); }, ids,
                                     named, take);
    if (!ran) return std::move(ran.error());
    return batch.left(batch_size_);
}

} // namespace roe::ews
