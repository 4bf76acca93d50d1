// Any bytes as an answer of an Exchange server: whatever the pieces, the parser comes back with the same
// messages and the same end; what it keeps is bounded; a mail that it says is whole came at the place of its
// item. What a server says goes into a request again without breaking it.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "base/unicode.hpp"
#include "source/ews/answer_parser.hpp"
#include "source/ews/autodiscover.hpp"
#include "source/ews/requests.hpp"
#include "source/ews/response_code.hpp"

namespace {

using namespace roe;

void require(bool holds) {
    if (!holds) std::abort();
}

struct Places final : ews::MimeSink {
    std::vector<std::size_t> begun, ended;
    std::uint64_t bytes = 0;

    Result<void> begin(std::size_t position) override {
        require(begun.empty() || position > begun.back());
        begun.push_back(position);
        return {};
    }
    Result<void> write(std::string_view piece) override {
        bytes += piece.size();
        return {};
    }
    Result<void> end(std::size_t position) override {
        require(!begun.empty() && begun.back() == position);
        require(ended.empty() || position > ended.back());
        ended.push_back(position);
        return {};
    }
};

struct Outcome {
    std::vector<ews::Message> messages;
    std::string error;
    std::vector<std::size_t> ended;
};

constexpr std::size_t header_bytes = 2'000;

Outcome parsed(std::string_view answer, std::size_t piece, const std::vector<ews::ItemId> *asked) {
    ews::AnswerLimits limits;
    limits.header_bytes = header_bytes;
    limits.message_bytes = 20'000;
    limits.markup_bytes = 4'000;
    limits.mime_bytes = 1'000;
    Places places;
    ews::AnswerParser parser =
        asked == nullptr ? ews::AnswerParser(limits) : ews::AnswerParser(places, *asked, limits);
    Outcome outcome;
    Result<void> state;
    while (!answer.empty() && state.ok()) {
        state = parser.feed(answer.substr(0, piece));
        answer.remove_prefix(std::min(piece, answer.size()));
        while (auto message = parser.next())
            outcome.messages.push_back(std::move(*message));
    }
    if (state.ok()) state = parser.end();
    if (!state.ok()) outcome.error = state.error().text();
    require(unicode::is_utf8(outcome.error));
    require(places.bytes <= limits.mime_bytes);
    outcome.ended = places.ended;
    return outcome;
}

void check(const ews::Item &item) {
    require(item.header.size() <= header_bytes);
    require(item.size >= 0);
    require(unicode::is_utf8(ews::get_item_mime({}, std::vector{item.item})));
}

void check(const ews::Message &message) {
    if (!message.outcome.ok)
        require(unicode::is_utf8(ews::error_of(message.outcome, "look", "looking").text()));
    if (const auto *page = std::get_if<ews::ItemPage>(&message.content)) {
        for (const auto &item : page->items)
            check(item);
    } else if (const auto *changes = std::get_if<ews::SyncChanges>(&message.content)) {
        require(!changes->state.empty());
        require(unicode::is_utf8(ews::sync_folder_items({}, {.distinguished = "inbox"}, changes->state, 512)));
        for (const auto &item : changes->created) {
            require(!item.item.id.empty());
            check(item);
        }
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
    const std::string bytes(reinterpret_cast<const char *>(data), size);
    const std::vector<ews::ItemId> two{{"a"}, {"b"}};
    for (const std::vector<ews::ItemId> *asked :
         {static_cast<const std::vector<ews::ItemId> *>(nullptr), &two}) {
        const Outcome whole = parsed(bytes, bytes.size() + 1, asked);
        const Outcome pieces = parsed(bytes, 1 + size % 7, asked);
        require(whole.error == pieces.error);
        require(whole.messages.size() == pieces.messages.size());
        require(whole.ended == pieces.ended);
        for (const auto &message : whole.messages)
            check(message);
    }
    if (const auto found = ews::read_autodiscover(bytes)) {
        require(!ews::autodiscover_request(found->redirect_address).empty());
        require(!ews::autodiscover_soap_request(found->redirect_address, found->redirect_url).empty());
    }
    return 0;
}
