#include "source/ews/requests.hpp"

#include <algorithm>
#include <utility>

#include <pugixml.hpp>

#include "source/utf8.hpp"

namespace roe::ews {

namespace {

// MS-OXPROPS: PidTagTransportMessageHeaders, PidTagSenderSmtpAddress, PidTagSentRepresentingSmtpAddress.
constexpr const char *transport_headers_tag = "0x007D";
constexpr const char *sender_smtp_tag = "0x5D01";
constexpr const char *from_smtp_tag = "0x5D02";

constexpr std::string_view messages_namespace = "http://schemas.microsoft.com/exchange/services/2006/messages";

// XML 1.0 §2.2: control characters can't be said in it, not even escaped.
std::string xml_text(std::string_view text) {
    std::string result;
    result.reserve(text.size());
    while (!text.empty()) {
        const char32_t c = take_code_point(text);
        const bool allowed = c >= 0x20 || c == U'\t' || c == U'\n' || c == U'\r';
        const bool character = allowed && c != 0xfffe && c != 0xffff && (c < 0xd800 || c > 0xdfff);
        append_utf8(result, character ? c : replacement_character);
    }
    return result;
}

pugi::xml_node add(pugi::xml_node parent, const char *name) {
    return parent.append_child(name);
}

pugi::xml_node add_text(pugi::xml_node parent, const char *name, std::string_view text) {
    pugi::xml_node child = parent.append_child(name);
    child.text().set(xml_text(text).c_str());
    return child;
}

void set(pugi::xml_node node, const char *name, std::string_view value) {
    node.append_attribute(name).set_value(xml_text(value).c_str());
}

class StringWriter final : public pugi::xml_writer {
  public:
    explicit StringWriter(std::string &to) : to_(to) {}
    void write(const void *bytes, std::size_t size) override {
        to_.append(static_cast<const char *>(bytes), size);
    }

  private:
    std::string &to_;
};

// The envelope, and in its body the one element of an operation.
class Soap {
  public:
    Soap(const Caller &caller, const char *operation) {
        pugi::xml_node declaration = document_.append_child(pugi::node_declaration);
        set(declaration, "version", "1.0");
        set(declaration, "encoding", "utf-8");
        pugi::xml_node envelope = add(document_, "soap:Envelope");
        set(envelope, "xmlns:soap", "http://schemas.xmlsoap.org/soap/envelope/");
        set(envelope, "xmlns:m", messages_namespace);
        set(envelope, "xmlns:t", "http://schemas.microsoft.com/exchange/services/2006/types");
        pugi::xml_node header = add(envelope, "soap:Header");
        set(add(header, "t:RequestServerVersion"), "Version", name_of(caller.version));
        if (!caller.impersonate.empty()) {
            pugi::xml_node whom = add(add(header, "t:ExchangeImpersonation"), "t:ConnectingSID");
            add_text(whom, "t:SmtpAddress", caller.impersonate);
        }
        operation_ = add(add(envelope, "soap:Body"), operation);
    }

    [[nodiscard]] pugi::xml_node operation() const { return operation_; }

    [[nodiscard]] std::string text() const {
        std::string text;
        StringWriter writer(text);
        document_.save(writer, "", pugi::format_raw, pugi::encoding_utf8);
        return text;
    }

  private:
    pugi::xml_document document_;
    pugi::xml_node operation_;
};

void add_folder(pugi::xml_node parent, const FolderId &folder) {
    if (folder.distinguished.empty()) {
        set(add(parent, "t:FolderId"), "Id", folder.id);
        return;
    }
    pugi::xml_node node = add(parent, "t:DistinguishedFolderId");
    set(node, "Id", folder.distinguished);
    if (!folder.mailbox.empty()) add_text(add(node, "t:Mailbox"), "t:EmailAddress", folder.mailbox);
}

void add_item(pugi::xml_node parent, const ItemId &item) {
    pugi::xml_node node = add(parent, "t:ItemId");
    set(node, "Id", item.id);
    if (!item.change_key.empty()) set(node, "ChangeKey", item.change_key);
}

// Without the change keys: what is done or read is meant for the item as it is now.
void add_items(pugi::xml_node parent, std::span<const ItemId> items) {
    pugi::xml_node node = add(parent, "m:ItemIds");
    for (const ItemId &item : items)
        add_item(node, {item.id, {}});
}

void add_field(pugi::xml_node properties, const char *uri) {
    set(add(properties, "t:FieldURI"), "FieldURI", uri);
}

void add_string_property(pugi::xml_node properties, const char *tag) {
    pugi::xml_node field = add(properties, "t:ExtendedFieldURI");
    set(field, "PropertyTag", tag);
    set(field, "PropertyType", "String");
}

// The id alone and what is added to the node that is returned.
pugi::xml_node add_shape(pugi::xml_node operation, const char *shape) {
    pugi::xml_node node = add(operation, shape);
    add_text(node, "t:BaseShape", "IdOnly");
    return add(node, "t:AdditionalProperties");
}

void add_folder_shape(pugi::xml_node operation) {
    pugi::xml_node properties = add_shape(operation, "m:FolderShape");
    for (const char *field :
         {"folder:ParentFolderId", "folder:FolderClass", "folder:DisplayName", "folder:TotalCount"})
        add_field(properties, field);
}

// What a mail that is only listed is known by.
void add_listing_shape(pugi::xml_node operation) {
    pugi::xml_node properties = add_shape(operation, "m:ItemShape");
    for (const char *field : {"item:DateTimeReceived", "item:Size", "message:IsRead"})
        add_field(properties, field);
}

void add_page(pugi::xml_node operation, const char *view, std::size_t offset, std::size_t most) {
    pugi::xml_node page = add(operation, view);
    set(page, "MaxEntriesReturned", std::to_string(std::clamp<std::size_t>(most, 1, most_found)));
    set(page, "Offset", std::to_string(offset));
    set(page, "BasePoint", "Beginning");
}

void restrict_to_unread(pugi::xml_node operation) {
    pugi::xml_node comparison = add(add(operation, "m:Restriction"), "t:IsEqualTo");
    add_field(comparison, "message:IsRead");
    set(add(add(comparison, "t:FieldURIOrConstant"), "t:Constant"), "Value", "false");
}

// The attribute came with 2013 SP1; older servers refuse a request that has it.
void suppress_receipts(pugi::xml_node operation, const Caller &caller) {
    if (caller.version >= Version::exchange2013_sp1) set(operation, "SuppressReadReceipts", "true");
}

pugi::xml_node add_set_field(pugi::xml_node updates, const char *field) {
    pugi::xml_node change = add(updates, "t:SetItemField");
    add_field(change, field);
    return add(change, "t:Message");
}

} // namespace

std::string soap_action(std::string_view request) {
    constexpr std::string_view before = "<soap:Body><m:";
    const auto body = request.find(before);
    if (body == std::string_view::npos) return {};
    const auto name = request.substr(body + before.size());
    return '"' + std::string(messages_namespace) + '/' +
           std::string(name.substr(0, name.find_first_of(" />"))) + '"';
}

std::string get_folder(const Caller &caller, std::span<const FolderId> folders) {
    const Soap soap(caller, "m:GetFolder");
    add_folder_shape(soap.operation());
    pugi::xml_node ids = add(soap.operation(), "m:FolderIds");
    for (const FolderId &folder : folders)
        add_folder(ids, folder);
    return soap.text();
}

std::string find_folder(const Caller &caller, const FolderId &under, std::size_t offset, std::size_t most) {
    const Soap soap(caller, "m:FindFolder");
    set(soap.operation(), "Traversal", "Deep");
    add_folder_shape(soap.operation());
    add_page(soap.operation(), "m:IndexedPageFolderView", offset, most);
    add_folder(add(soap.operation(), "m:ParentFolderIds"), under);
    return soap.text();
}

std::string sync_folder_items(const Caller &caller, const FolderId &folder, std::string_view state,
                              std::size_t most) {
    const Soap soap(caller, "m:SyncFolderItems");
    add_listing_shape(soap.operation());
    add_folder(add(soap.operation(), "m:SyncFolderId"), folder);
    if (!state.empty()) add_text(soap.operation(), "m:SyncState", state);
    add_text(soap.operation(), "m:MaxChangesReturned",
             std::to_string(std::clamp<std::size_t>(most, 1, most_sync_changes)));
    return soap.text();
}

std::string get_item_heads(const Caller &caller, std::span<const ItemId> items, HeaderFields fields,
                           bool with_content) {
    const Soap soap(caller, "m:GetItem");
    pugi::xml_node properties = add_shape(soap.operation(), "m:ItemShape");
    if (with_content)
        properties.parent().insert_child_before("t:IncludeMimeContent", properties).text().set("true");
    for (const char *field : {"item:Subject", "item:DateTimeReceived", "item:Size", "item:Importance",
                              "item:InReplyTo", "item:DateTimeSent"})
        add_field(properties, field);
    if (fields == HeaderFields::listed || fields == HeaderFields::listed_alone)
        add_field(properties, "item:InternetMessageHeaders");
    if (fields != HeaderFields::fewest)
        for (const char *field :
             {"message:Sender", "message:ToRecipients", "message:CcRecipients", "message:From",
              "message:InternetMessageId", "message:IsRead", "message:References", "message:ReplyTo"})
            add_field(properties, field);
    if (fields == HeaderFields::transport || fields == HeaderFields::listed)
        for (const char *tag : {transport_headers_tag, sender_smtp_tag, from_smtp_tag})
            add_string_property(properties, tag);
    add_items(soap.operation(), items);
    return soap.text();
}

std::string get_item_mime(const Caller &caller, std::span<const ItemId> items) {
    const Soap soap(caller, "m:GetItem");
    pugi::xml_node shape = add(soap.operation(), "m:ItemShape");
    add_text(shape, "t:BaseShape", "IdOnly");
    add_text(shape, "t:IncludeMimeContent", "true");
    add_items(soap.operation(), items);
    return soap.text();
}

std::string get_item_categories(const Caller &caller, std::span<const ItemId> items) {
    const Soap soap(caller, "m:GetItem");
    add_field(add_shape(soap.operation(), "m:ItemShape"), "item:Categories");
    add_items(soap.operation(), items);
    return soap.text();
}

std::string find_items(const Caller &caller, const FolderId &folder, const Find &what) {
    const Soap soap(caller, "m:FindItem");
    set(soap.operation(), "Traversal", "Shallow");
    add_listing_shape(soap.operation());
    add_page(soap.operation(), "m:IndexedPageItemView", what.offset, what.most);
    if (what.unread) restrict_to_unread(soap.operation());
    pugi::xml_node order = add(add(soap.operation(), "m:SortOrder"), "t:FieldOrder");
    set(order, "Order", "Descending");
    add_field(order, "item:DateTimeReceived");
    add_folder(add(soap.operation(), "m:ParentFolderIds"), folder);
    return soap.text();
}

std::string update_items(const Caller &caller, std::span<const ItemUpdate> updates) {
    const Soap soap(caller, "m:UpdateItem");
    set(soap.operation(), "ConflictResolution", "AlwaysOverwrite");
    set(soap.operation(), "MessageDisposition", "SaveOnly");
    set(soap.operation(), "SendMeetingInvitationsOrCancellations", "SendToNone");
    suppress_receipts(soap.operation(), caller);
    pugi::xml_node changes = add(soap.operation(), "m:ItemChanges");
    for (const ItemUpdate &update : updates) {
        pugi::xml_node change = add(changes, "t:ItemChange");
        add_item(change, update.item);
        pugi::xml_node fields = add(change, "t:Updates");
        if (update.categories) {
            pugi::xml_node list = add(add_set_field(fields, "item:Categories"), "t:Categories");
            for (const std::string &category : *update.categories)
                add_text(list, "t:String", category);
        }
        if (update.mark_read) add_text(add_set_field(fields, "message:IsRead"), "t:IsRead", "true");
    }
    return soap.text();
}

std::string move_items(const Caller &caller, std::span<const ItemId> items, const FolderId &to) {
    const Soap soap(caller, "m:MoveItem");
    add_folder(add(soap.operation(), "m:ToFolderId"), to);
    add_items(soap.operation(), items);
    return soap.text();
}

std::string delete_items(const Caller &caller, std::span<const ItemId> items) {
    const Soap soap(caller, "m:DeleteItem");
    set(soap.operation(), "DeleteType", "SoftDelete");
    // Appointments and tasks in a mail folder are refused without.
    set(soap.operation(), "SendMeetingCancellations", "SendToNone");
    set(soap.operation(), "AffectedTaskOccurrences", "AllOccurrences");
    suppress_receipts(soap.operation(), caller);
    add_items(soap.operation(), items);
    return soap.text();
}

std::string subscribe_streaming(const Caller &caller, std::span<const FolderId> folders) {
    const Soap soap(caller, "m:Subscribe");
    pugi::xml_node request = add(soap.operation(), "m:StreamingSubscriptionRequest");
    pugi::xml_node ids = add(request, "t:FolderIds");
    for (const FolderId &folder : folders)
        add_folder(ids, folder);
    pugi::xml_node events = add(request, "t:EventTypes");
    for (const char *event : {"CopiedEvent", "CreatedEvent", "MovedEvent", "NewMailEvent"})
        add_text(events, "t:EventType", event);
    return soap.text();
}

std::string get_streaming_events(const Caller &caller, std::span<const std::string> subscriptions,
                                 std::chrono::minutes wait) {
    const Soap soap(caller, "m:GetStreamingEvents");
    pugi::xml_node ids = add(soap.operation(), "m:SubscriptionIds");
    for (const std::string &subscription : subscriptions)
        add_text(ids, "t:SubscriptionId", subscription);
    add_text(soap.operation(), "m:ConnectionTimeout",
             std::to_string(std::clamp<std::chrono::minutes::rep>(wait.count(), 1, 30)));
    return soap.text();
}

} // namespace roe::ews
