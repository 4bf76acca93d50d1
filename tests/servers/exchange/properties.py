"""Items and folders as XML: which properties a shape has, and how each is written, in the order of the schema."""

import base64
import copy
import re
from dataclasses import dataclass, field
from email.header import decode_header, make_header
from email.utils import getaddresses, parsedate_to_datetime
from datetime import timezone
from xml.sax.saxutils import escape, quoteattr

from . import mime
from .soap import T, Refusal, marked, text_of

_TRANSPORT_HEADERS = 0x007d
_ILLEGAL = re.compile("[\ufffe\uffff\ud800-\udfff]")


def xml(text):
    """Text for an element, without what XML can't hold; a bare CR would be lost in parsing."""
    return escape(marked(_ILLEGAL.sub("", text)), {"\r": "&#xD;"})


def decoded(value):
    try:
        return str(make_header(decode_header(value)))
    except (ValueError, LookupError):
        return str(value)


def _field(head, name):
    """A header field's text as it stands there; None when there is none."""
    found = next((value for known, value in head.raw_items() if known.lower() == name.lower()), "")
    return " ".join(mime.unescaped(found).split()) or None


@dataclass
class Shape:
    """What a request wants of each item."""

    base: str
    mime: bool = False
    body: str = "Best"
    fields: set = field(default_factory=set)
    headers: list = field(default_factory=list)  # item:InternetMessageHeader by name
    extended: list = field(default_factory=list)  # attributes of ExtendedFieldURI


def shape_of(element):
    """element: the ItemShape or FolderShape."""
    shape = Shape(text_of(element, f"{T}BaseShape", "IdOnly"),
                  text_of(element, f"{T}IncludeMimeContent", "false") in ("true", "1"),
                  text_of(element, f"{T}BodyType", "Best"))
    for path in element.find(f"{T}AdditionalProperties") or ():
        if path.tag == f"{T}FieldURI":
            shape.fields.add(path.get("FieldURI"))
        elif path.tag == f"{T}IndexedFieldURI" and path.get("FieldURI") == "item:InternetMessageHeader":
            shape.headers.append(path.get("FieldIndex"))
        elif path.tag == f"{T}ExtendedFieldURI":
            shape.extended.append(dict(path.attrib))
    return shape


def item_id(item, name="t:ItemId"):
    return f'<{name} Id="{item.id}" ChangeKey="{item.change_key}"/>'


def folder_id(folder, name="t:FolderId"):
    return f'<{name} Id="{folder.id}" ChangeKey="{folder.change_key}"/>'


# Folders

_FOLDER_DEFAULT = {"folder:DisplayName", "folder:TotalCount", "folder:ChildFolderCount", "folder:UnreadCount"}
_FOLDER_ALL = _FOLDER_DEFAULT | {"folder:ParentFolderId", "folder:FolderClass", "folder:EffectiveRights"}
_ELEMENTS = {"IPF.Appointment": "CalendarFolder", "IPF.Contact": "ContactsFolder", "IPF.Task": "TasksFolder"}
_RIGHTS = "".join(f"<t:{name}>true</t:{name}>" for name in ("CreateAssociated", "CreateContents", "CreateHierarchy",
                                                            "Delete", "Modify", "Read"))


def folder_xml(folder, shape, newer):
    """newer: the request's schema is of Exchange 2013 or later, which has folder:DistinguishedFolderId."""
    wanted = {"IdOnly": set(), "Default": _FOLDER_DEFAULT, "AllProperties": _FOLDER_ALL}[shape.base] | shape.fields
    if shape.base == "AllProperties" and newer:
        wanted.add("folder:DistinguishedFolderId")
    element = _ELEMENTS.get(folder.kind, "Folder")
    out = [folder_id(folder)]

    def put(name, value):
        if f"folder:{name}" in wanted:
            out.append(f"<t:{name}>{value}</t:{name}>")

    if "folder:ParentFolderId" in wanted:
        out.append(folder_id(folder.parent or folder, "t:ParentFolderId"))
    if folder.kind:
        put("FolderClass", folder.kind)
    put("DisplayName", xml(folder.name))
    put("TotalCount", len(folder.items))
    put("ChildFolderCount", len(folder.children))
    for wish in shape.extended:
        out += _extended(wish, {"0x3613": folder.kind or None}.get(wish.get("PropertyTag", "").lower()))
    put("EffectiveRights", _RIGHTS)
    if folder.distinguished:
        put("DistinguishedFolderId", folder.distinguished)
    if element == "Folder" or element == "TasksFolder":
        put("UnreadCount", folder.unread)
    return f"<t:{element}>{''.join(out)}</t:{element}>"


def _extended(wish, value, decimal_tags=False):
    """The tag comes back as the server writes numbers and not as it was asked for: without leading zeros, or decimal."""
    if value is None:
        return []
    wish = dict(wish)
    if "PropertyTag" in wish:
        tag = int(wish["PropertyTag"], 0)
        wish["PropertyTag"] = str(tag) if decimal_tags else f"0x{tag:x}"
    attributes = " ".join(f"{name}={quoteattr(text)}" for name, text in wish.items())
    return [f"<t:ExtendedProperty><t:ExtendedFieldURI {attributes}/><t:Value>{xml(value)}</t:Value></t:ExtendedProperty>"]


# Items

# What a list of items can't have (FindItem, SyncFolderItems): it is made of the folder's table.
_NOT_IN_TABLES = {"item:MimeContent", "item:Body", "item:TextBody", "item:UniqueBody", "item:NormalizedBody",
                  "item:Attachments", "item:InternetMessageHeaders", "message:ToRecipients", "message:CcRecipients",
                  "message:BccRecipients", "message:ReplyTo"}
_SUMMARY = {"item:Subject", "item:Sensitivity", "item:Size", "item:DateTimeSent", "item:DateTimeCreated",
            "item:HasAttachments", "message:From", "message:IsRead"}
_DEFAULT = _SUMMARY | {"item:Body", "item:Attachments", "message:ToRecipients", "message:CcRecipients"}
_ALL = _DEFAULT | {
    "item:ParentFolderId", "item:ItemClass", "item:DateTimeReceived", "item:Categories", "item:Importance",
    "item:InReplyTo", "item:IsSubmitted", "item:IsDraft", "item:IsFromMe", "item:IsResend", "item:IsUnmodified",
    "item:InternetMessageHeaders", "item:ReminderIsSet", "item:DisplayCc", "item:DisplayTo", "item:Culture",
    "item:EffectiveRights", "item:LastModifiedName", "item:LastModifiedTime", "item:IsAssociated", "message:Sender",
    "message:IsReadReceiptRequested", "message:IsDeliveryReceiptRequested", "message:ConversationTopic",
    "message:InternetMessageId", "message:References", "message:ReplyTo"}


def kind_of(item):
    """(element, class) of a mail."""
    start = item.content[:4000].lower()
    if b"text/calendar" in start and b"method=request" in start.replace(b'"', b""):
        return "MeetingRequest", "IPM.Schedule.Meeting.Request"
    if b"text/vcard" in start and item.head.get_content_type() == "text/vcard":
        return "Contact", "IPM.Contact"
    if b"multipart/report" in start and item.head.get_content_type() == "multipart/report":
        return "Message", "REPORT.IPM.Note.NDR"
    return "Message", "IPM.Note"


class ItemWriter:
    """Writes items of one mailbox in a dialect. table: as FindItem and SyncFolderItems see them. knows: see Habits."""

    def __init__(self, dialect, shape, table=False, knows="all"):
        self._dialect = dialect
        self._shape = shape
        self._table = table
        self._knows_size = knows != "few"
        if knows != "all" and shape.extended or knows == "few" and "item:InternetMessageHeaders" in shape.fields:
            raise Refusal("ErrorInvalidPropertyRequest", "The property is not known.")
        if knows == "few":
            shape.fields.discard("item:DateTimeReceived")
        if table and (shape.mime or shape.fields & _NOT_IN_TABLES or shape.headers):
            raise Refusal("ErrorInvalidPropertyRequest", "The property is not valid for this request.")
        base = {"IdOnly": set(), "Default": _DEFAULT, "AllProperties": _ALL}[shape.base]
        self._wanted = (base - _NOT_IN_TABLES if table else base) | shape.fields
        self._light = not (self._wanted - {"item:DateTimeReceived", "item:Size", "message:IsRead", "item:Categories"}
                           or shape.extended or shape.headers or shape.mime)

    def element(self, item):
        if kind_of(item)[0] == "Contact" and any(name.startswith("message:") for name in self._wanted):
            return self._element_of_no_mail(item)
        if self._light:
            # Ids and what the store knows itself; nothing of the mail is parsed, so that thousands are listed quickly.
            kind, _ = kind_of(item)
            return f"<t:{kind}>{item_id(item)}{''.join(self._light_properties(item))}</t:{kind}>"
        kind, item_class = kind_of(item)
        return f"<t:{kind}>{''.join(self._properties(item, item_class))}</t:{kind}>"

    def _element_of_no_mail(self, item):
        """What only mails have is not valid for it, but that a table leaves it out."""
        if not self._table:
            raise Refusal("ErrorInvalidPropertyRequest", "The property is not valid for this object type.")
        other = copy.copy(self)
        other._wanted = {name for name in self._wanted if not name.startswith("message:")}
        return other.element(item)

    def _light_properties(self, item):
        wanted = self._wanted
        if "item:DateTimeReceived" in wanted:
            yield f"<t:DateTimeReceived>{self._dialect.time(item.received)}</t:DateTimeReceived>"
        if "item:Size" in wanted:
            yield f"<t:Size>{self._size(item)}</t:Size>"
        if "item:Categories" in wanted:
            yield from self._categories(item)
        if "message:IsRead" in wanted:
            yield f"<t:IsRead>{'true' if item.read else 'false'}</t:IsRead>"

    def _size(self, item):
        return len(item.content) + 1200 if self._knows_size else 0

    def _properties(self, item, item_class):
        wanted, head, time = self._wanted, item.head, self._dialect.time

        def put(space, name, value):
            if f"{space}:{name}" not in wanted or value is None:
                return ()
            if isinstance(value, bool):
                value = "true" if value else "false"
            return (f"<t:{name}>{value if isinstance(value, int) else xml(value)}</t:{name}>",)

        if self._shape.mime or "item:MimeContent" in wanted:
            content = base64.b64encode(mime.rebuilt(item)).decode()
            yield f'<t:MimeContent CharacterSet="UTF-8">{content}</t:MimeContent>'
        yield item_id(item)
        if "item:ParentFolderId" in wanted:
            yield folder_id(item.folder, "t:ParentFolderId")
        yield from put("item", "ItemClass", item_class)
        subject = decoded(_field(head, "Subject") or "")
        yield from put("item", "Subject", subject)
        yield from put("item", "Sensitivity", "Normal")
        if "item:Body" in wanted:
            yield self._body(item)
        if "item:Attachments" in wanted:
            yield from self._attachments(item)
        yield from put("item", "DateTimeReceived", time(item.received))
        yield from put("item", "Size", self._size(item))
        if "item:Categories" in wanted:
            yield from self._categories(item)
        yield from put("item", "Importance", "Normal")
        yield from put("item", "InReplyTo", _field(head, "In-Reply-To"))
        yield from put("item", "IsSubmitted", False)
        yield from put("item", "IsDraft", item.draft)
        yield from put("item", "IsFromMe", False)
        yield from put("item", "IsResend", False)
        yield from put("item", "IsUnmodified", not item.draft)
        yield from self._headers(item)
        yield from put("item", "DateTimeSent", time(_sent(item)))
        yield from put("item", "DateTimeCreated", time(item.received))
        yield from put("item", "ReminderIsSet", False)
        yield from put("item", "DisplayCc", _names(head, "Cc"))
        yield from put("item", "DisplayTo", _names(head, "To"))
        yield from put("item", "HasAttachments", b"filename" in item.content)
        for wish in self._shape.extended:
            yield from _extended(wish, _extended_value(item, wish), self._dialect.decimal_tags)
        yield from put("item", "Culture", "en-US")
        if "item:EffectiveRights" in wanted:
            yield f"<t:EffectiveRights>{_RIGHTS}</t:EffectiveRights>"
        yield from put("item", "LastModifiedName", "SYSTEM")
        yield from put("item", "LastModifiedTime", time(item.modified))
        yield from put("item", "IsAssociated", False)
        yield from self._people("Sender", item, "Sender" if head.get("Sender") else "From")
        for name, source in (("ToRecipients", "To"), ("CcRecipients", "Cc")):
            yield from self._people(name, item, source)
        yield from put("message", "IsReadReceiptRequested", False)
        yield from put("message", "IsDeliveryReceiptRequested", False)
        yield from put("message", "ConversationTopic", subject)
        yield from self._people("From", item, "From")
        yield from put("message", "InternetMessageId", _field(head, "Message-ID"))
        yield from put("message", "IsRead", item.read)
        yield from put("message", "References", _field(head, "References"))
        yield from self._people("ReplyTo", item, "Reply-To")

    def _people(self, name, item, source):
        if f"message:{name}" not in self._wanted:
            return
        people = _addresses(item.head, source)
        if not people:
            return
        single = name in ("From", "Sender")
        legacy = single and not item.from_outside
        yield f"<t:{name}>" + "".join(self._mailbox(*one, legacy)
                                      for one in (people[:1] if single else people)) + f"</t:{name}>"

    def _mailbox(self, name, address, legacy):
        """legacy: someone of the same Exchange who may have no entry in its directory any more."""
        text = f"<t:Mailbox><t:Name>{xml(name or address)}</t:Name>"
        if not self._table and address:  # a table knows names only
            kind = "EX" if legacy else "SMTP"
            if legacy:
                address = f"/O=EXAMPLE/OU=EXCHANGE ADMINISTRATIVE GROUP/CN=RECIPIENTS/CN={address.split('@')[0].upper()}"
            text += f"<t:EmailAddress>{xml(address)}</t:EmailAddress><t:RoutingType>{kind}</t:RoutingType>"
            text += "<t:MailboxType>OneOff</t:MailboxType>"
        return text + "</t:Mailbox>"

    def _headers(self, item):
        named = {name.lower() for name in self._shape.headers}
        if "item:InternetMessageHeaders" not in self._wanted and not named:
            return
        lines = [(name, mime.unescaped(value)) for name, value in item.head.raw_items()
                 if "item:InternetMessageHeaders" in self._wanted or name.lower() in named]
        if lines and item.from_outside:
            yield "<t:InternetMessageHeaders>" + "".join(
                f"<t:InternetMessageHeader HeaderName={quoteattr(name)}>"
                f"{xml(' '.join(value.split()))}</t:InternetMessageHeader>" for name, value in lines
            ) + "</t:InternetMessageHeaders>"

    def _body(self, item):
        plain, html = mime.texts(item)
        if self._shape.body == "Text" or (html is None and self._shape.body == "Best"):
            text = plain if plain is not None else re.sub(r"<[^>]*>", "", html or "")
            return f'<t:Body BodyType="Text">{xml(text)}</t:Body>'
        if html is None:
            html = f"<html><head></head><body><pre>{escape(plain or '')}</pre></body></html>"
        return f'<t:Body BodyType="HTML">{xml(html)}</t:Body>'

    def _attachments(self, item):
        found = [f'<t:FileAttachment><t:AttachmentId Id="{item.id[:-4]}{number:03d}="/><t:Name>{xml(decoded(name))}</t:Name>'
                 f"<t:ContentType>{xml(kind)}</t:ContentType><t:Size>{len(content)}</t:Size>"
                 f"<t:IsInline>{'true' if inline else 'false'}</t:IsInline></t:FileAttachment>"
                 for number, (name, kind, content, inline) in enumerate(mime.attachments(item))]
        if found:
            yield f"<t:Attachments>{''.join(found)}</t:Attachments>"

    def _categories(self, item):
        if item.categories:
            yield "<t:Categories>" + "".join(f"<t:String>{xml(name)}</t:String>" for name in item.categories) + "</t:Categories>"


def _extended_value(item, wish):
    tag = int(wish.get("PropertyTag", "0"), 0)
    if tag == _TRANSPORT_HEADERS:
        return item.raw_head().decode("utf-8", "replace") if item.from_outside else None
    sender = _addresses(item.head, "From")[:1]
    return {0x1035: _field(item.head, "Message-ID"), 0x0e08: str(len(item.content) + 1200),
            0x5d01: sender[0][1] if sender else None, 0x5d02: sender[0][1] if sender else None}.get(tag)


def _sent(item):
    try:
        moment = parsedate_to_datetime(str(item.head.get("Date", "")))
        return moment.astimezone(timezone.utc) if moment.tzinfo else moment.replace(tzinfo=timezone.utc)
    except (ValueError, TypeError, OverflowError):
        return item.received


def _addresses(head, source):
    return [(decoded(name), address) for name, address in getaddresses(
        [mime.unescaped(value) for known, value in head.raw_items() if known.lower() == source.lower()])
            if name or address]


def _names(head, source):
    return "; ".join(name or address for name, address in _addresses(head, source))


def value_of(item, uri):
    """A property to compare or sort by; None when the item has none."""
    head = item.head
    people = {"message:From": "From", "message:Sender": "Sender", "message:ToRecipients": "To"}
    if uri in people:
        return _names(head, people[uri])
    plain = {"item:DateTimeReceived": lambda: item.received, "message:IsRead": lambda: item.read,
             "item:Size": lambda: len(item.content) + 1200, "item:Subject": lambda: decoded(_field(head, "Subject") or ""),
             "item:DateTimeCreated": lambda: item.received, "item:DateTimeSent": lambda: _sent(item),
             "item:LastModifiedTime": lambda: item.modified, "item:ItemClass": lambda: kind_of(item)[1],
             "item:HasAttachments": lambda: b"filename" in item.content, "item:ItemId": lambda: item.id,
             "message:InternetMessageId": lambda: _field(head, "Message-ID"),
             "item:Categories": lambda: item.categories, "item:IsDraft": lambda: item.draft}.get(uri)
    if plain is None:
        raise Refusal("ErrorUnsupportedPathForQuery", f"The property can't be searched for: {uri}")
    return plain()
