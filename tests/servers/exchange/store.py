"""Mailboxes in memory: folders, items, and what happened to them in order. Nothing here knows XML or HTTP."""

import base64
import bisect
import datetime
import itertools
import uuid
from dataclasses import dataclass, field
from email.parser import BytesHeaderParser
from email.policy import compat32

# distinguished name, parent, class, display name by language
_FOLDERS = [
    ("root", None, "", {"en": "Root"}),
    ("msgfolderroot", "root", "IPF.Note", {"en": "Top of Information Store"}),
    ("inbox", "msgfolderroot", "IPF.Note", {"en": "Inbox", "de": "Posteingang", "ru": "Входящие"}),
    ("drafts", "msgfolderroot", "IPF.Note", {"en": "Drafts", "de": "Entwürfe", "ru": "Черновики"}),
    ("sentitems", "msgfolderroot", "IPF.Note", {"en": "Sent Items", "de": "Gesendete Elemente", "ru": "Отправленные"}),
    ("deleteditems", "msgfolderroot", "IPF.Note",
     {"en": "Deleted Items", "de": "Gelöschte Elemente", "ru": "Удаленные"}),
    ("outbox", "msgfolderroot", "IPF.Note", {"en": "Outbox", "de": "Postausgang", "ru": "Исходящие"}),
    ("junkemail", "msgfolderroot", "IPF.Note", {"en": "Junk Email", "de": "Junk-E-Mail", "ru": "Нежелательная почта"}),
    ("calendar", "msgfolderroot", "IPF.Appointment", {"en": "Calendar", "de": "Kalender", "ru": "Календарь"}),
    ("contacts", "msgfolderroot", "IPF.Contact", {"en": "Contacts", "de": "Kontakte", "ru": "Контакты"}),
    ("tasks", "msgfolderroot", "IPF.Task", {"en": "Tasks", "de": "Aufgaben", "ru": "Задачи"}),
    ("notes", "msgfolderroot", "IPF.StickyNote", {"en": "Notes", "de": "Notizen", "ru": "Заметки"}),
    ("journal", "msgfolderroot", "IPF.Journal", {"en": "Journal", "ru": "Дневник"}),
    ("recoverableitemsroot", "root", "", {"en": "Recoverable Items"}),
    ("recoverableitemsdeletions", "recoverableitemsroot", "", {"en": "Deletions"}),
]
_ARCHIVE = [
    ("archiveroot", None, "", {"en": "Root"}),
    ("archivemsgfolderroot", "archiveroot", "IPF.Note", {"en": "Top of Information Store"}),
    ("archiveinbox", "archivemsgfolderroot", "IPF.Note", {"en": "Inbox", "de": "Posteingang", "ru": "Входящие"}),
    ("archivedeleteditems", "archivemsgfolderroot", "IPF.Note",
     {"en": "Deleted Items", "de": "Gelöschte Elemente", "ru": "Удаленные"}),
]


def now():
    return datetime.datetime.now(datetime.timezone.utc)


@dataclass(eq=False)
class Item:
    id: str
    number: int  # in the order of creation; no number is given twice
    folder: "Folder"
    content: bytes
    received: datetime.datetime
    read: bool = False
    categories: tuple = ()
    # Whether it came by SMTP, so that Exchange kept the header as it was.
    from_outside: bool = True
    draft: bool = False
    changed: int = 0
    modified: datetime.datetime = field(default_factory=now)
    _head: object = None

    @property
    def change_key(self):
        return "CQAAABYAAAB" + base64.b64encode(self.changed.to_bytes(12, "big")).decode() + "AAA="

    @property
    def head(self):
        """The header as an email.message.Message without a body."""
        if self._head is None:
            self._head = BytesHeaderParser(policy=compat32).parsebytes(self.raw_head())
        return self._head

    def raw_head(self):
        ends = [self.content.find(end) + len(end) for end in (b"\r\n\r\n", b"\n\n") if end in self.content]
        return self.content[:min(ends)] if ends else self.content


@dataclass(eq=False)
class Folder:
    id: str
    name: str
    parent: "Folder | None"
    kind: str
    distinguished: str | None = None
    items: dict = field(default_factory=dict)
    children: list = field(default_factory=list)
    # (number of the change, what: Update, Read or Delete, number of the item, its id), oldest first
    log: list = field(default_factory=list)
    changed: int = 0
    unread: int = 0

    @property
    def change_key(self):
        return "AQAAABYAAAB" + base64.b64encode(self.changed.to_bytes(12, "big")).decode() + "AAA="

    def below(self):
        """All folders below this one, parents first."""
        for child in self.children:
            yield child
            yield from child.below()

    def changes_after(self, change):
        return self.log[bisect.bisect_right(self.log, change, key=lambda entry: entry[0]):]


@dataclass(frozen=True)
class Event:
    """Something that a subscription may tell of. what: as in EventType; an event without an item is of the folder."""

    what: str
    moment: datetime.datetime
    folder: Folder
    item: tuple | None  # id and change key
    old_folder: Folder | None = None
    old_item: tuple | None = None
    unread: int | None = None


class Mailbox:
    """One account's mailbox, with its archive if it has one. `heard` is called with each Event."""

    def __init__(self, address, language="en", archive=False, heard=lambda event: None):
        self.address = address
        self.guid = str(uuid.uuid4())
        self.folders = {}
        self.distinguished = {}
        self.items = {}
        self.archive = archive
        self.heard = heard
        self.delegates = set()
        self._changes = itertools.count(1)
        self.change = 0
        self._numbers = itertools.count(1)
        self._folder_numbers = itertools.count(1)
        for name, parent, kind, names in _FOLDERS + (_ARCHIVE if archive else []):
            made = self._add_folder(names.get(language, names["en"]), self.distinguished.get(parent), kind, name)
            self.distinguished[name] = made

    # Folders

    def add_folder(self, name, parent, kind="IPF.Note"):
        return self._add_folder(name, parent, kind, None)

    def folder_at(self, path, create=False):
        """By a path such as "INBOX", "INBOX/Orders" or "Projects/2026"; None when there is none."""
        found = self.distinguished["msgfolderroot"]
        for position, name in enumerate((path or "INBOX").split("/")):
            if position == 0 and name.upper() == "INBOX":
                found = self.distinguished["inbox"]
                continue
            below = next((child for child in found.children if child.name.lower() == name.lower()), None)
            if below is None:
                if not create:
                    return None
                below = self.add_folder(name, found)
            found = below
        return found

    def remove_folder(self, folder):
        for item in list(folder.items.values()):
            self.remove(item)
        for child in list(folder.children):
            self.remove_folder(child)
        folder.parent.children.remove(folder)
        del self.folders[folder.id]
        self.heard(Event("DeletedEvent", now(), folder, None))

    # Items

    def add(self, content, folder, read=False, received=None, from_outside=True, draft=False, categories=()):
        item = self._place(content, folder, received or now(), read)
        item.from_outside, item.draft, item.categories = from_outside, draft, tuple(categories)
        named = (item.id, item.change_key)
        self.heard(Event("CreatedEvent", now(), folder, named))
        if folder is self.distinguished["inbox"] and not draft:
            self.heard(Event("NewMailEvent", now(), folder, named))
        self._counted(folder)
        return item

    def set_read(self, item, read):
        if item.read != read:
            item.read = read
            item.folder.unread += -1 if read else 1
            self._touched(item, "Read")

    def set_categories(self, item, categories):
        item.categories = tuple(categories)
        self._touched(item, "Update")

    def touch(self, item):
        """A change of something that nobody here looks at, such as a flag."""
        self._touched(item, "Update")

    def move(self, item, folder):
        """The item at its new place, under a new id as Exchange does it."""
        moved = self._copied(item, folder)
        old = item.folder
        self._take_out(item)
        self.heard(Event("MovedEvent", now(), folder, (moved.id, moved.change_key), old, (item.id, item.change_key)))
        self._counted(old)
        self._counted(folder)
        return moved

    def name_anew(self, item):
        """Nobody is told."""
        self._copied(item, item.folder)
        self._take_out(item)

    def copy(self, item, folder):
        copied = self._copied(item, folder)
        self.heard(Event("CopiedEvent", now(), folder, (copied.id, copied.change_key), item.folder,
                         (item.id, item.change_key)))
        self._counted(folder)
        return copied

    def remove(self, item, softly=False):
        """Softly: it can be recovered; who watches the folder hears the same of it."""
        folder = item.folder
        if softly:
            self._copied(item, self.distinguished["recoverableitemsdeletions"])
        self._take_out(item)
        self.heard(Event("DeletedEvent", now(), folder, (item.id, item.change_key)))
        self._counted(folder)

    # Inside

    def _next(self):
        self.change = next(self._changes)
        return self.change

    def _place(self, content, folder, received, read):
        number = next(self._numbers)
        item = Item(self._identifier(folder, number), number, folder, content, received, changed=self._next(), read=read)
        folder.unread += not read
        folder.items[item.id] = item
        self.items[item.id] = item
        return item

    def _copied(self, item, folder):
        other = self._place(item.content, folder, item.received, item.read)
        other.categories = item.categories
        other.from_outside, other.draft = item.from_outside, item.draft
        return other

    def _take_out(self, item):
        del item.folder.items[item.id]
        item.folder.unread -= not item.read
        del self.items[item.id]
        item.folder.log.append((self._next(), "Delete", item.number, item.id))

    def _touched(self, item, what):
        item.changed = self._next()
        item.modified = now()
        item.folder.log.append((item.changed, what, item.number, item.id))
        self.heard(Event("ModifiedEvent", now(), item.folder, (item.id, item.change_key)))
        self._counted(item.folder)

    def _counted(self, folder):
        """The folder's own counters are new."""
        folder.changed = self._next()
        self.heard(Event("ModifiedEvent", now(), folder, None, unread=folder.unread))

    def _add_folder(self, name, parent, kind, distinguished):
        number = next(self._folder_numbers)
        start = b"\x00\x03\x24\x00" + self.guid.encode() + b"\x00\x2e\x00\x00\x00\x00\x00"
        whole = start + uuid.UUID(self.guid).bytes * 2 + b"\x01\x00" + number.to_bytes(6, "big")
        made = Folder(base64.b64encode(whole.ljust(90, b"\0")).decode(), name, parent, kind, distinguished)
        if parent is not None:
            parent.children.append(made)
        self.folders[made.id] = made
        made.changed = self._next()
        if distinguished is None:
            self.heard(Event("CreatedEvent", now(), made, None))
        return made

    def _identifier(self, folder, number):
        """152 letters that tell upper case from lower, as of Exchange."""
        start = b"\x00\x03\x24\x00" + self.guid.encode() + b"\x00\x46\x00\x00\x00\x00\x00"
        whole = start + uuid.UUID(self.guid).bytes * 2 + base64.b64decode(folder.id)[81:87] + number.to_bytes(16, "big")
        return base64.b64encode(whole.ljust(114, b"\0")).decode()
