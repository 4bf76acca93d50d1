"""One request on its way through the server: who asks, for what, and what of the mailboxes that one may see."""

import base64
import binascii
from dataclasses import dataclass

from .soap import T, Dialect, Envelope, Refusal, text_of
from .store import Folder, Mailbox
from .versions import Version, at_least


@dataclass
class Call:
    envelope: Envelope
    address: str  # of the one who acts, impersonated or not
    mailboxes: dict  # address in lower case -> Mailbox
    dialect: Dialect
    version: Version
    server: object

    @property
    def element(self):
        return self.envelope.element

    @property
    def is_newer(self):
        """The request is of the schema of Exchange 2013 or later."""
        return at_least(self.envelope.version, "Exchange2013")

    # Mailboxes

    def mailbox(self, address=None):
        """The caller's own, or another's by address if the caller may see it."""
        found = self.mailboxes.get((address or self.address).lower())
        if found is None:
            raise Refusal("ErrorNonExistentMailbox", "The SMTP address has no mailbox associated with it.")
        self._check(found)
        return found

    def _check(self, mailbox):
        own = self.address.lower()
        if mailbox.address.lower() != own and own not in mailbox.delegates:
            raise Refusal("ErrorAccessDenied", "Access is denied. Check credentials and try again.")

    # Folders

    def folder(self, holder) -> Folder:
        """holder: the element with a FolderId or DistinguishedFolderId in it."""
        return self.folder_named(next(iter(holder)))

    def folder_named(self, element) -> Folder:
        if element.tag == f"{T}DistinguishedFolderId":
            mailbox = self.mailbox(text_of(element, f"{T}Mailbox/{T}EmailAddress"))
            name = element.get("Id")
            if name.startswith("archive") and not mailbox.archive:
                raise Refusal("ErrorArchiveMailboxNotEnabled", "The archive mailbox is not enabled for this user.")
            if name not in mailbox.distinguished:
                raise Refusal("ErrorFolderNotFound", "The specified folder could not be found in the store.")
            return mailbox.distinguished[name]
        for mailbox in self.mailboxes.values():
            found = mailbox.folders.get(element.get("Id"))
            if found is not None:
                self._check(mailbox)
                return found
        raise _unknown(element.get("Id"), "ErrorFolderNotFound", "The specified folder could not be found in the store.")

    def owner(self, folder) -> Mailbox:
        return next(mailbox for mailbox in self.mailboxes.values() if folder.id in mailbox.folders)

    # Items

    def item(self, identifier):
        """(mailbox, item) of this id."""
        for mailbox in self.mailboxes.values():
            found = mailbox.items.get(identifier)
            if found is not None:
                self._check(mailbox)
                return mailbox, found
        raise _unknown(identifier, "ErrorItemNotFound", "The specified object was not found in the store.")


def _unknown(identifier, code, text):
    try:
        if base64.b64decode(identifier, validate=True).startswith(b"\x00\x03\x24\x00"):
            return Refusal(code, text)
    except (binascii.Error, TypeError, ValueError):
        pass
    return Refusal("ErrorInvalidIdMalformed", "Id is malformed.")
