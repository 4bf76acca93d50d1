"""GetItem, FindItem, UpdateItem, MoveItem, CopyItem, DeleteItem, CreateItem (MS-OXWSCORE, MS-OXWSMSG, MS-OXWSSRCH)."""

import base64
import email.policy
import itertools
from email.message import EmailMessage
from email.utils import format_datetime

from .folders import paged
from .properties import ItemWriter, item_id, kind_of, shape_of, value_of
from .restrictions import condition
from .soap import M, T, Refusal, response, response_message, text_of
from .store import now

# FindItem gives fewer items when it must look into them.
_MOST, _MOST_RESTRICTED = 1000, 250


def get_item(call):
    most = call.server.habits.most_items
    asked = itertools.count(1)

    def one(wish):
        if most is not None and next(asked) > most:
            raise Refusal("ErrorServerBusy", "Too many items were asked for.")
        writer = ItemWriter(call.dialect, shape_of(call.element.find(f"{M}ItemShape")), knows=call.server.habits.knows)
        return f"<m:Items>{writer.element(call.item(wish.get('Id'))[1])}</m:Items>"

    return _each(call, "GetItem", call.element.find(f"{M}ItemIds"), one, "<m:Items/>")


def find_item(call):
    restriction = call.element.find(f"{M}Restriction")
    holds = condition(restriction[0], value_of) if restriction is not None else lambda item: True
    messages = []
    for wish in call.element.find(f"{M}ParentFolderIds"):
        try:
            writer = ItemWriter(call.dialect, shape_of(call.element.find(f"{M}ItemShape")), table=True,
                                knows=call.server.habits.knows)
            found = [item for item in call.folder_named(wish).items.values() if holds(item)]
            page, attributes = paged(_sorted(found, call.element.find(f"{M}SortOrder")),
                                     call.element.find(f"{M}IndexedPageItemView"),
                                     _MOST if restriction is None else _MOST_RESTRICTED)
            if not found and call.server.habits.find_leaves_out_nothing:
                messages.append(response_message("FindItem"))
                continue
            inside = "".join(writer.element(item) for item in page)
            messages.append(response_message(
                "FindItem", f"<m:RootFolder {attributes}><t:Items>{inside}</t:Items></m:RootFolder>"))
        except Refusal as refusal:
            messages.append(response_message("FindItem", error=refusal))
    return response("FindItem", messages)


def _sorted(items, order):
    # Without an order the table has the newest first.
    items = sorted(items, key=lambda item: (item.received, item.number), reverse=True)
    for field in reversed(order if order is not None else []):
        uri = field[0].get("FieldURI")
        items = sorted(items, key=lambda item: (value_of(item, uri) is not None, value_of(item, uri)),
                       reverse=field.get("Order") == "Descending")
    return items


def update_item(call):
    resolution = call.element.get("ConflictResolution")
    disposition = call.element.get("MessageDisposition")

    def one(change):
        wish = change.find(f"{T}ItemId")
        mailbox, item = call.item(wish.get("Id"))
        if resolution == "NeverOverwrite" and wish.get("ChangeKey") != item.change_key:
            raise Refusal("ErrorIrresolvableConflict", "The send or update operation could not be performed because the "
                                                       "change key passed in the request does not match the current "
                                                       "change key for the item.")
        if resolution == "AutoResolve" and not wish.get("ChangeKey"):
            raise Refusal("ErrorChangeKeyRequired", "The change key is required.")
        if disposition is None:
            raise Refusal("ErrorMessageDispositionRequired", "MessageDisposition is required for updates of messages.")
        for update in change.find(f"{T}Updates"):
            if update.tag != f"{T}DeleteItemField" and len(update[1]) != 1:
                raise Refusal("ErrorIncorrectUpdatePropertyCount", "An update of a field has one property.")
            _update(mailbox, item, update)
        conflicts = "<m:ConflictResults><t:Count>0</t:Count></m:ConflictResults>"
        return f"<m:Items><t:{kind_of(item)[0]}>{item_id(item)}</t:{kind_of(item)[0]}></m:Items>{conflicts}"

    return _each(call, "UpdateItem", call.element.find(f"{M}ItemChanges"), one, "<m:Items/>")


def _update(mailbox, item, update):
    uri = update[0].get("FieldURI")
    removed = update.tag == f"{T}DeleteItemField"
    if uri == "message:IsRead" and not removed:
        mailbox.set_read(item, text_of(update[1], f"{T}IsRead") in ("true", "1"))
    elif uri == "item:Categories":
        names = [] if removed else [name.text for name in update[1].iterfind(f"{T}Categories/{T}String")]
        mailbox.set_categories(item, item.categories + tuple(names) if update.tag == f"{T}AppendToItemField" else names)
    elif uri in ("item:Subject", "item:Body", "item:Importance", "item:Flag"):
        mailbox.touch(item)
    else:
        raise Refusal("ErrorInvalidPropertySet", f"Set action is invalid for property: {uri}")


def move_item(call):
    return _carried(call, "MoveItem", lambda mailbox, item, folder: mailbox.move(item, folder))


def copy_item(call):
    return _carried(call, "CopyItem", lambda mailbox, item, folder: mailbox.copy(item, folder))


def _carried(call, operation, carry):
    asked = text_of(call.element, f"{M}ReturnNewItemIds", "true" if call.server.habits.move_tells_ids else "false")
    wants_ids = (asked in ("true", "1")) == call.server.habits.move_tells_ids
    try:
        target = call.folder(call.element.find(f"{M}ToFolderId"))
    except Refusal as refusal:
        missing = Refusal("ErrorToFolderNotFound", refusal.text) if refusal.code == "ErrorFolderNotFound" else refusal
        return response(operation, [response_message(operation, "<m:Items/>", missing)
                                    for _ in call.element.find(f"{M}ItemIds")])

    def one(wish):
        mailbox, item = call.item(wish.get("Id"))
        owner = call.owner(target)
        if owner is not mailbox:
            # Into another mailbox it goes, but its new id is not told (MS-OXWSCORE 3.1.4.7).
            owner.add(item.content, target, item.read, item.received, item.from_outside, item.draft, item.categories)
            if operation == "MoveItem":
                mailbox.remove(item)
            return "<m:Items/>"
        carried = carry(mailbox, item, target)
        if not wants_ids:
            return "<m:Items/>"
        kind = kind_of(carried)[0]
        return f"<m:Items><t:{kind}>{item_id(carried)}</t:{kind}></m:Items>"

    return _each(call, operation, call.element.find(f"{M}ItemIds"), one, "<m:Items/>")


def delete_item(call):
    how = call.element.get("DeleteType")

    def one(wish):
        mailbox, item = call.item(wish.get("Id"))
        bin_ = mailbox.distinguished["deleteditems"]
        if how == "MoveToDeletedItems" and item.folder is not bin_:
            mailbox.move(item, bin_)
        else:
            mailbox.remove(item, softly=how == "SoftDelete")
        return ""

    return _each(call, "DeleteItem", call.element.find(f"{M}ItemIds"), one, "")


def create_item(call):
    """Drafts and mails of which the MIME is given; nothing is sent to anybody but mailboxes here."""
    disposition = call.element.get("MessageDisposition", "SaveOnly")
    saved = call.element.find(f"{M}SavedItemFolderId")

    def one(wish):
        content = text_of(wish, f"{T}MimeContent")
        mail = base64.b64decode(content) if content else _composed(call, wish)
        named = []
        if disposition != "SendOnly":
            name = "drafts" if disposition == "SaveOnly" else "sentitems"
            folder = call.folder(saved) if saved is not None else call.mailbox().distinguished[name]
            made = call.owner(folder).add(mail, folder, read=True, from_outside=False, draft=disposition == "SaveOnly")
            named = [f"<t:Message>{item_id(made)}</t:Message>"] if disposition == "SaveOnly" else []
        if disposition != "SaveOnly":
            for address in wish.iterfind(f"{T}ToRecipients/{T}Mailbox/{T}EmailAddress"):
                taker = call.mailboxes.get(address.text.lower())
                if taker is not None:
                    taker.add(mail, taker.distinguished["inbox"], from_outside=False)
        return f"<m:Items>{''.join(named)}</m:Items>"

    return _each(call, "CreateItem", call.element.find(f"{M}Items"), one, "<m:Items/>")


def _composed(call, wish):
    mail = EmailMessage(policy=email.policy.SMTP)
    mail["From"] = call.address
    mail["To"] = ", ".join(element.text for element in wish.iterfind(f"{T}ToRecipients/{T}Mailbox/{T}EmailAddress"))
    mail["Subject"] = text_of(wish, f"{T}Subject", "")
    mail["Date"] = format_datetime(now())
    mail["Message-ID"] = f"<{call.server.unique()}@exchange.example>"
    body = wish.find(f"{T}Body")
    if body is not None and body.get("BodyType") == "HTML":
        mail.set_content(body.text or "", subtype="html")
    else:
        mail.set_content("" if body is None else body.text or "")
    return mail.as_bytes()


def _each(call, operation, wishes, one, nothing):
    """One response message for each wish; what fails does not hold up the others."""
    messages = []
    for position, wish in enumerate(wishes):
        try:
            call.server.faults.of_item(position)
            messages.append(response_message(operation, one(wish)))
        except Refusal as refusal:
            messages.append(response_message(operation, nothing, refusal))
    return response(operation, messages)
