#include "source/ews/message_reader.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/ascii.hpp"
#include "base/timestamp.hpp"
#include "source/ews/item_header.hpp"
#include "source/words.hpp"

namespace roe::ews {

namespace {

std::string text_of(pugi::xml_node node) {
    return node.text().get();
}

std::string_view trimmed_text(pugi::xml_node node) {
    std::string_view text = node.text().get();
    constexpr std::string_view blank = " \t\r\n";
    const auto first = text.find_first_not_of(blank);
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(blank) - first + 1);
}

bool is_true(std::string_view text) {
    return text == "true" || text == "1";
}

std::optional<std::int64_t> number(std::string_view text) {
    std::int64_t value = 0;
    const auto parsed = std::from_chars(text.data(), text.data() + text.size(), value);
    if (parsed.ec != std::errc{} || parsed.ptr != text.data() + text.size() || value < 0) return std::nullopt;
    return value;
}

std::size_t offset(std::string_view text) {
    return static_cast<std::size_t>(number(text).value_or(0));
}

// XML Schema's dateTime: fractions of any length, a zone or none (then UTC, which Exchange means).
std::optional<WallTime> date_time(std::string_view text) {
    constexpr std::size_t zone_size = 6; // "+03:00"
    std::chrono::minutes ahead{0};
    if (text.ends_with('Z')) {
        text.remove_suffix(1);
    } else if (text.size() > zone_size && text[text.size() - 3] == ':' &&
               (text[text.size() - zone_size] == '+' || text[text.size() - zone_size] == '-')) {
        const std::string_view zone = text.substr(text.size() - zone_size);
        const auto hours = number(zone.substr(1, 2));
        const auto minutes = number(zone.substr(4, 2));
        if (!hours || !minutes || *hours > 14 || *minutes > 59) return std::nullopt;
        ahead = std::chrono::minutes(*hours * 60 + *minutes) * (zone[0] == '-' ? -1 : 1);
        text.remove_suffix(zone_size);
    }
    const auto utc = read_timestamp(std::string(text) + 'Z');
    if (!utc) return std::nullopt;
    return *utc - ahead;
}

// The digits of a second's fraction behind the third, as nanoseconds.
std::chrono::nanoseconds beyond_milliseconds(std::string_view date_time) {
    constexpr std::size_t digits = 9;
    const auto point = date_time.find('.');
    if (point == std::string_view::npos) return {};
    auto fraction = date_time.substr(point + 1);
    fraction = fraction.substr(0, std::min(digits, fraction.find_first_not_of("0123456789")));
    if (fraction.size() <= 3) return {};
    std::string nanoseconds(fraction.substr(3));
    nanoseconds.resize(digits - 3, '0');
    return std::chrono::nanoseconds(number(nanoseconds).value_or(0));
}

std::optional<std::chrono::milliseconds> back_off_of(pugi::xml_node node) {
    constexpr std::int64_t a_day = 24LL * 60 * 60 * 1000;
    for (const pugi::xml_node value : node.child("MessageXml").children("Value")) {
        if (std::string_view(value.attribute("Name").value()) != "BackOffMilliseconds") continue;
        if (const auto wait = number(trimmed_text(value)))
            return std::chrono::milliseconds{std::min(*wait, a_day)};
    }
    return std::nullopt;
}

std::string_view without_prefix(std::string_view qualified) {
    const auto colon = qualified.rfind(':');
    return colon == std::string_view::npos ? qualified : qualified.substr(colon + 1);
}

// SOAP 1.1 §4.4, and that of SOAP 1.2 §5.4 from servers in between that speak no other.
Message fault(pugi::xml_node node) {
    const pugi::xml_node detail = node.child("detail") ? node.child("detail") : node.child("Detail");
    Message message;
    Outcome &outcome = message.outcome;
    outcome.ok = false;
    outcome.whole = true;
    outcome.code = trimmed_text(detail.child("ResponseCode"));
    if (outcome.code.empty()) outcome.code = without_prefix(trimmed_text(node.child("faultcode")));
    if (outcome.code.empty()) outcome.code = without_prefix(trimmed_text(node.child("Code").child("Value")));
    outcome.text = text_of(node.child("faultstring"));
    if (outcome.text.empty()) outcome.text = text_of(node.child("Reason").child("Text"));
    if (outcome.text.empty()) outcome.text = text_of(detail.child("Message"));
    outcome.back_off = back_off_of(detail);
    if (!outcome.back_off) outcome.back_off = backoff_hint(outcome.text);
    return message;
}

Result<Outcome> outcome_of(pugi::xml_node node) {
    Outcome outcome;
    const std::string_view how = node.attribute("ResponseClass").value();
    outcome.code = trimmed_text(node.child("ResponseCode"));
    outcome.text = text_of(node.child("MessageText"));
    if (how.empty() && outcome.code.empty())
        return unreadable_answer("a message of the answer does not say how it went");
    outcome.ok = how == "Success" || (how != "Error" && (outcome.code.empty() || outcome.code == "NoError")) ||
                 (how == "Warning" && outcome.code != "ErrorBatchProcessingStopped");
    outcome.back_off = back_off_of(node);
    if (!outcome.ok && !outcome.back_off) outcome.back_off = backoff_hint(outcome.text);
    return outcome;
}

ItemId item_id(pugi::xml_node node) {
    const pugi::xml_node id = node.child("ItemId");
    return {id.attribute("Id").value(), id.attribute("ChangeKey").value()};
}

std::optional<Mailbox> mailbox_of(pugi::xml_node mailbox) {
    if (!mailbox) return std::nullopt;
    return Mailbox{text_of(mailbox.child("Name")), std::string(trimmed_text(mailbox.child("EmailAddress")))};
}

std::vector<Mailbox> mailboxes_of(pugi::xml_node list) {
    std::vector<Mailbox> all;
    for (const pugi::xml_node node : list.children("Mailbox")) {
        if (auto mailbox = mailbox_of(node)) all.push_back(std::move(*mailbox));
    }
    return all;
}

// PropertyTag is a hexadecimal number, of which servers write some without leading zeros ("0x7d").
std::int64_t property_tag(pugi::xml_node property) {
    std::string_view tag = property.child("ExtendedFieldURI").attribute("PropertyTag").value();
    const bool hex = tag.starts_with("0x") || tag.starts_with("0X");
    if (hex) tag.remove_prefix(2);
    std::int64_t value = -1;
    std::from_chars(tag.data(), tag.data() + tag.size(), value, hex ? 16 : 10);
    return value;
}

void take_extended(pugi::xml_node item, ItemProperties &properties) {
    constexpr std::int64_t transport_headers = 0x007d;
    constexpr std::int64_t sender_smtp = 0x5d01;
    constexpr std::int64_t from_smtp = 0x5d02;
    const auto prefer = [](std::optional<Mailbox> &mailbox, std::string_view address) {
        if (!address.empty() && mailbox) mailbox->address = address;
    };
    for (const pugi::xml_node property : item.children("ExtendedProperty")) {
        const pugi::xml_node value = property.child("Value");
        const auto tag = property_tag(property);
        if (tag == transport_headers) {
            properties.transport_headers = value.text().get();
            properties.truncated = properties.truncated || value.attribute(cut_mark);
        } else if (tag == sender_smtp) {
            prefer(properties.sender, trimmed_text(value));
        } else if (tag == from_smtp) {
            prefer(properties.from, trimmed_text(value));
        }
    }
}

ItemProperties properties_of(pugi::xml_node item) {
    ItemProperties properties;
    for (const pugi::xml_node field : item.child("InternetMessageHeaders").children("InternetMessageHeader")) {
        properties.listed.emplace_back(field.attribute("HeaderName").value(), text_of(field));
        properties.truncated = properties.truncated || field.attribute(cut_mark);
    }
    properties.from = mailbox_of(item.child("From").child("Mailbox"));
    properties.sender = mailbox_of(item.child("Sender").child("Mailbox"));
    properties.to = mailboxes_of(item.child("ToRecipients"));
    properties.cc = mailboxes_of(item.child("CcRecipients"));
    properties.reply_to = mailboxes_of(item.child("ReplyTo"));
    properties.subject = text_of(item.child("Subject"));
    properties.sent_at = date_time(trimmed_text(item.child("DateTimeSent")));
    properties.message_id = trimmed_text(item.child("InternetMessageId"));
    properties.in_reply_to = trimmed_text(item.child("InReplyTo"));
    properties.references = trimmed_text(item.child("References"));
    properties.importance = trimmed_text(item.child("Importance"));
    take_extended(item, properties);
    return properties;
}

Item listed_item(pugi::xml_node node) {
    Item item;
    item.item = item_id(node);
    item.is_message = std::string_view(node.name()) == "Message";
    const auto received_at = trimmed_text(node.child("DateTimeReceived"));
    item.received_at = date_time(received_at).value_or(WallTime{});
    item.received_more = beyond_milliseconds(received_at);
    item.size = number(trimmed_text(node.child("Size"))).value_or(0);
    if (const pugi::xml_node read = node.child("IsRead")) item.read = is_true(trimmed_text(read));
    for (const pugi::xml_node category : node.child("Categories").children("String"))
        item.categories.push_back(text_of(category));
    return item;
}

Item whole_item(pugi::xml_node node, std::size_t header_bytes) {
    Item item = listed_item(node);
    HeaderBlock header = header_block(properties_of(node), header_bytes);
    item.header = std::move(header.bytes);
    item.header_from = header.from;
    item.header_truncated = header.truncated;
    return item;
}

template <class Page>
void take_paging(pugi::xml_node root, Page &page) {
    const pugi::xml_attribute last = root.attribute("IncludesLastItemInRange");
    page.last = !last || is_true(last.value());
    page.next_offset = offset(root.attribute("IndexedPagingOffset").value());
}

// grommunio leaves the RootFolder out when there is nothing in it.
Result<Message> found_items(pugi::xml_node node, Message message) {
    const pugi::xml_node root = node.child("RootFolder");
    ItemPage page;
    take_paging(root, page);
    for (const pugi::xml_node item : root.child("Items").children()) {
        page.items.push_back(listed_item(item));
        if (page.items.back().item.id.empty()) return unreadable_answer("the answer has a mail without its id");
    }
    message.content = std::move(page);
    return message;
}

Result<Message> got_items(pugi::xml_node node, Message message, std::size_t header_bytes) {
    ItemPage page;
    for (const pugi::xml_node item : node.child("Items").children())
        page.items.push_back(whole_item(item, header_bytes));
    // The others of the answer are none the worse for it.
    if (page.items.size() != 1) {
        message.outcome.ok = false;
        message.outcome.text = "the answer has no mail, or several, where one was asked for";
        message.outcome.code.clear();
        return message;
    }
    message.content = std::move(page);
    return message;
}

Result<Message> folders(pugi::xml_node node, Message message) {
    const pugi::xml_node root = node.child("RootFolder") ? node.child("RootFolder") : node;
    FolderPage page;
    take_paging(root, page);
    for (const pugi::xml_node folder : root.child("Folders").children()) {
        Folder one;
        one.folder.id = folder.child("FolderId").attribute("Id").value();
        one.parent = folder.child("ParentFolderId").attribute("Id").value();
        one.name = text_of(folder.child("DisplayName"));
        one.item_class = trimmed_text(folder.child("FolderClass"));
        one.count = number(trimmed_text(folder.child("TotalCount"))).value_or(0);
        if (one.folder.id.empty()) return unreadable_answer("the answer has a folder without its id");
        page.folders.push_back(std::move(one));
    }
    message.content = std::move(page);
    return message;
}

// The item of a Create is the element that has an ItemId, whatever kind of item it is.
pugi::xml_node changed_item(pugi::xml_node change) {
    if (change.child("ItemId")) return change;
    return change.find_child([](pugi::xml_node node) { return !node.child("ItemId").empty(); });
}

Result<Message> sync_changes(pugi::xml_node node, Message message) {
    SyncChanges changes;
    changes.state = trimmed_text(node.child("SyncState"));
    if (changes.state.empty())
        return unreadable_answer("the changes of the folder come without a state to go on from");
    const pugi::xml_node last = node.child("IncludesLastItemInRange");
    changes.last = !last || is_true(trimmed_text(last));
    for (const pugi::xml_node change : node.child("Changes").children()) {
        const std::string_view kind = change.name();
        if (kind != "Create" && kind != "Delete") continue;
        Item item = listed_item(changed_item(change));
        if (item.item.id.empty())
            return unreadable_answer("the answer has the change of a mail without its id");
        if (kind == "Create")
            changes.created.push_back(std::move(item));
        else
            changes.deleted.push_back(std::move(item.item));
    }
    message.content = std::move(changes);
    return message;
}

Result<Message> subscription(pugi::xml_node node, Message message) {
    Subscription made{std::string(trimmed_text(node.child("SubscriptionId")))};
    if (made.id.empty()) return unreadable_answer("the answer has a subscription without its id");
    message.content = std::move(made);
    return message;
}

Message streaming_events(pugi::xml_node node, Message message) {
    StreamingEvents events;
    for (const pugi::xml_node notification : node.child("Notifications").children("Notification")) {
        for (const pugi::xml_node event : notification.children()) {
            const std::string_view name = event.name();
            if (name.ends_with("Event") && name != "StatusEvent") ++events.news;
        }
        // What it could not tell of has to be looked for.
        if (is_true(trimmed_text(notification.child("MoreEvents")))) ++events.news;
    }
    for (const pugi::xml_node lost : node.child("ErrorSubscriptionIds").children("SubscriptionId"))
        events.lost.emplace_back(trimmed_text(lost));
    events.closed = trimmed_text(node.child("ConnectionStatus")) == "Closed";
    message.content = std::move(events);
    return message;
}

} // namespace

Error unreadable_answer(std::string what) {
    return {.fault = Fault::protocol,
            .step = "look",
            .doing = "reading the answer of the Exchange server",
            .server_text = std::move(what),
            .advice = {}};
}

Result<Message> read_message(pugi::xml_node node, std::size_t header_bytes) {
    const std::string_view name = node.name();
    if (name == "Fault") return fault(node);
    auto outcome = outcome_of(node);
    if (!outcome) return std::move(outcome.error());
    Message message;
    message.outcome = std::move(*outcome);
    if (name == "GetStreamingEventsResponseMessage") return streaming_events(node, std::move(message));
    if (!message.outcome.ok) return message;
    if (name == "SyncFolderItemsResponseMessage") return sync_changes(node, std::move(message));
    if (name == "GetItemResponseMessage") return got_items(node, std::move(message), header_bytes);
    if (name == "FindItemResponseMessage") return found_items(node, std::move(message));
    if (name == "GetFolderResponseMessage" || name == "FindFolderResponseMessage")
        return folders(node, std::move(message));
    if (name == "SubscribeResponseMessage") return subscription(node, std::move(message));
    return message;
}

} // namespace roe::ews
