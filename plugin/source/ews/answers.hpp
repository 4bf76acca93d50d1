// What an Exchange server answers, as plain values. [pure]
//
// An answer is a row of messages, one for each folder or item of the request and in its order; each says for
// itself how it went. What a message does not say is empty or 0.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/clock.hpp"
#include "source/ews/ids.hpp"

namespace roe::ews {

// How a message, or the whole request, went.
struct Outcome {
    bool ok = true;     // Success; a Warning too, but that a batch was stopped
    bool whole = false; // a SOAP fault: it is about the whole request, and no other message follows
    std::string code{}; // "NoError", "ErrorItemNotFound"…; of a fault without a ResponseCode its faultcode
    std::string text{}; // the server's own words, raw
    std::optional<std::chrono::milliseconds> back_off{}; // BackOffMilliseconds
};

struct Folder {
    FolderId folder;
    std::string parent;     // its FolderId
    std::string name;       // DisplayName
    std::string item_class; // FolderClass: "IPF.Note" and what begins so holds mails; may be empty
    std::int64_t count = 0;
};

// GetFolder (one folder), FindFolder.
struct FolderPage {
    std::vector<Folder> folders;
    bool last = true; // IncludesLastItemInRange
    std::size_t next_offset = 0;
};

enum class HeaderFrom : std::uint8_t {
    transport,  // PR_TRANSPORT_MESSAGE_HEADERS, as it came
    listed,     // InternetMessageHeaders
    properties, // written by us out of what the server says of the item
};

struct Item {
    ItemId item;
    std::string header{}; // as MailHead::header; filled for GetItem only
    HeaderFrom header_from = HeaderFrom::properties;
    bool header_truncated = false;
    WallTime received_at{};
    std::chrono::nanoseconds received_more{}; // what a server that is so exact says beyond its milliseconds
    std::int64_t size = 0;                    // of the item in its store: about the message's
    std::optional<bool> read{};
    bool is_message = false; // and no contact, appointment or other kind that lies among the mails
    std::vector<std::string> categories{};
};

// GetItem (one item), FindItem.
struct ItemPage {
    std::vector<Item> items;
    bool last = true;
    std::size_t next_offset = 0;
};

// SyncFolderItems, but for what has changed in items that are known. An item may stand in both lists and more
// than once in one.
struct SyncChanges {
    std::string state; // to be kept with what follows from the changes; never empty
    bool last = true;  // nothing is left to ask for
    std::vector<Item> created;
    std::vector<ItemId> deleted;
};

struct Subscription {
    std::string id;
};

// GetStreamingEvents: one of many answers in one body.
struct StreamingEvents {
    std::size_t news =
        0;               // events that are worth a look; a StatusEvent, which only keeps the line open, is none
    bool closed = false; // ConnectionStatus: the server ends the connection
    std::vector<std::string> lost; // subscriptions that it does not know
};

struct Message {
    std::size_t position = 0; // its number in the answer, from 0: that of the folder or item in the request
    Outcome outcome;
    // monostate: an error, or an operation that gives nothing back (UpdateItem, MoveItem, DeleteItem).
    // With an error ItemPage and the others do not come, StreamingEvents may (`lost`).
    std::variant<std::monostate, FolderPage, ItemPage, SyncChanges, Subscription, StreamingEvents> content;
};

} // namespace roe::ews
