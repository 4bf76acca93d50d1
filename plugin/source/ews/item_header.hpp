// The header block that a decision needs of a mail, out of what Exchange says of an item. [pure]
//
// EWS has no means to fetch the header alone. Of a mail that came by SMTP Exchange keeps the block as it came
// (PR_TRANSPORT_MESSAGE_HEADERS): filters and sender authentication then see what they would see on the whole
// mail. It is also the one that the rebuilt MIME begins with, but for fields about content. Mails that never
// were on the wire (put there by a client, a draft that was moved) have none; for them the list of fields is
// taken, and where that is empty, too, what the properties say.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "source/ews/answers.hpp"

namespace roe::ews {

struct Mailbox {
    std::string name;
    std::string address;
};

struct ItemProperties {
    std::string transport_headers{};
    std::vector<std::pair<std::string, std::string>> listed{}; // InternetMessageHeaders
    bool truncated = false;                                    // one of these two was too long
    std::optional<Mailbox> from{}, sender{};
    std::vector<Mailbox> to{}, cc{}, reply_to{};
    std::string subject{};
    std::optional<WallTime> sent_at{};
    std::string message_id{}, in_reply_to{}, references{};
    std::string importance{}; // Low, Normal, High
};

struct HeaderBlock {
    std::string bytes; // as MailHead::header
    HeaderFrom from = HeaderFrom::properties;
    bool truncated = false;
};

// Whatever a property holds, it is one field: no line end in it begins another.
HeaderBlock header_block(const ItemProperties &item, std::size_t most_bytes);

} // namespace roe::ews
