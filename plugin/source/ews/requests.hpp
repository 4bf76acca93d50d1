// Requests to an Exchange server as SOAP text, each whole and valid by the published schema (MS-OXWS*). [pure]
//
// Their answers come as ews/answers.hpp, one message for each folder or item that was asked about, in the
// order of the request. Texts from outside are escaped; characters that XML has not are replaced.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "source/ews/ids.hpp"

namespace roe::ews {

// What stands in the header of every request.
struct Caller {
    Version version = Version::exchange2010_sp2;
    std::string
        impersonate{}; // the SMTP address of the mailbox to act as (ExchangeImpersonation); empty: nobody
};

constexpr std::size_t most_sync_changes = 512; // the schema's bound of a SyncFolderItems
constexpr std::size_t most_found = 1000;       // EWSFindCountLimit as Exchange comes

// What the field SOAPAction says of one of these requests, as in the WSDL of the services: Exchange does
// without, others choose the operation by it.
std::string soap_action(std::string_view request);

std::string get_folder(const Caller &caller, std::span<const FolderId> folders);

// All folders below `under`, at whatever depth, `most` of them from `offset` on.
std::string find_folder(const Caller &caller, const FolderId &under, std::size_t offset, std::size_t most);

// An empty `state` begins from nothing. `most` is held to 1 … most_sync_changes.
std::string sync_folder_items(const Caller &caller, const FolderId &folder, std::string_view state,
                              std::size_t most);

// Where the header block of a mail is to come from.
enum class HeaderFields : std::uint8_t {
    transport, // as it came by SMTP, one property: for most mails all that is needed
    listed,    // and the list of its fields, twice the bytes: for mails whose ItemHead::header_from says
               // properties
    // For servers, and kinds of items, that have not all properties: ever fewer of them.
    listed_alone, // the list without what the schema does not name (extended properties)
    plain,        // sender, recipients, subject and the like
    fewest,       // what any kind of item has
};
// `with_content`: and the whole messages, as get_item_mime.
std::string get_item_heads(const Caller &caller, std::span<const ItemId> items, HeaderFields fields,
                           bool with_content = false);

// Whole messages. Not more in one request than may be lost when the connection breaks.
std::string get_item_mime(const Caller &caller, std::span<const ItemId> items);

// The categories that items have, to be given to `update_items` with one more.
std::string get_item_categories(const Caller &caller, std::span<const ItemId> items);

// The latest mails of a folder, newest first.
struct Find {
    bool unread = false; // these only
    std::size_t offset = 0;
    std::size_t most = most_found; // with a restriction servers may give 250 at once
};
std::string find_items(const Caller &caller, const FolderId &folder, const Find &what);

// What is done to an item without moving it. No read receipt is sent for it, where the server can be told so.
struct ItemUpdate {
    ItemId item;
    bool mark_read = false;
    std::optional<std::vector<std::string>> categories{}; // all that it is to have
};
std::string update_items(const Caller &caller, std::span<const ItemUpdate> updates);

std::string move_items(const Caller &caller, std::span<const ItemId> items, const FolderId &to);

// SoftDelete: as Exchange does for clients of IMAP and POP3. The mails leave the mailbox and its quota, and can
// be had back by "Recover Deleted Items" for as long as the server keeps them. Deleted Items would fill up
// where nothing empties it, and needs rights of its own in a shared mailbox.
std::string delete_items(const Caller &caller, std::span<const ItemId> items);

// Tells of mails that arrive in a folder in whatever way: new, copied, moved there.
std::string subscribe_streaming(const Caller &caller, std::span<const FolderId> folders);

// `wait` is held to 1 … 30 minutes.
std::string get_streaming_events(const Caller &caller, std::span<const std::string> subscriptions,
                                 std::chrono::minutes wait);

} // namespace roe::ews
