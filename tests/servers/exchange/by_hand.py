"""Accounts, mail and trouble as a test makes, changes and looks at them: the methods of Exchange that stories are told with."""

from .store import Mailbox


class ByHand:
    # Accounts

    def add_user(self, address, password, archive=False, principals=()):
        """Adds an account with its mailbox; a running server knows it at once. principals: whose tickets open it."""
        with self.lock:
            self.accounts.add(address, password).principals |= set(principals)
            if address.lower() not in self.mailboxes:
                self.add_mailbox(address, archive)

    def add_mailbox(self, address, archive=False):
        """A mailbox that nobody signs in to, such as a shared one."""
        with self.lock:
            mailbox = Mailbox(address, self.options["language"], archive)
            mailbox.heard = lambda event: self.subscriptions.hear(mailbox, event)
            self.mailboxes[address.lower()] = mailbox
            return mailbox

    def set_password(self, address, password):
        """On return the new one holds, for connections that stand as well."""
        with self.lock:
            self.accounts.add(address, password)
        self.drop_connections()

    def grant_access(self, delegate, owner):
        """The delegate may open the owner's mailbox."""
        self.mailboxes[owner.lower()].delegates.add(delegate.lower())

    def revoke_access(self, delegate, owner):
        self.mailboxes[owner.lower()].delegates.discard(delegate.lower())

    def grant_impersonation(self, account, address="*"):
        self.accounts.of(account).impersonates.add(address.lower())

    def logins(self, address):
        """The mechanisms of the user's logins that succeeded, in order."""
        return [mechanism for one, mechanism, right in self.door.log if one == address and right]

    def failed_logins(self, address):
        return [mechanism for one, mechanism, right in self.door.log if one == address and not right]

    def sessions(self, address=None):
        """The streams that hang now, as (address, stream)."""
        with self.lock:
            return [(one, stream) for one, streams in self.subscriptions.hanging.items() for stream in streams
                    if address is None or one == address.lower()]

    # Mail

    def deliver(self, address, message, folder=None, **properties):
        """One mail; on return it is in the mailbox. Gives its item id. properties: of Mailbox.add."""
        with self.lock:
            mailbox = self.mailboxes[address.lower()]
            return mailbox.add(message, mailbox.folder_at(folder, create=True), **properties).id

    def deliver_many(self, address, messages, folder=None, flags="", **properties):
        """flags: letters as Dovecot's deliver_many has them, S for seen."""
        with self.lock:
            return [self.deliver(address, message, folder, read="S" in flags, **properties) for message in messages]

    append_many = deliver_many

    def create_folder(self, address, folder):
        with self.lock:
            return self.mailboxes[address.lower()].folder_at(folder, create=True).id

    def remove_folder(self, address, folder):
        with self.lock:
            self.mailboxes[address.lower()].remove_folder(self._folder(address, folder))

    def mails(self, address, folder=None):
        """The items of the folder, the oldest first: .id, .content, .read, .categories, .received."""
        with self.lock:
            return sorted(self._folder(address, folder).items.values(), key=lambda item: item.number)

    def flags(self, address, folder=None):
        """item id -> {"\\Seen"} or nothing, and the categories, of all mails there now."""
        return {item.id: ({"\\Seen"} if item.read else set()) | set(item.categories) for item in self.mails(address, folder)}

    def uids(self, address, folder=None):
        return list(self.flags(address, folder))

    def store(self, address, identifier, flag, folder=None):
        """Sets a flag as another client would: \\Seen, or a category."""
        with self.lock:
            mailbox = self.mailboxes[address.lower()]
            item = mailbox.items[identifier]
            if flag == "\\Seen":
                mailbox.set_read(item, True)
            else:
                mailbox.set_categories(item, item.categories + (flag,))

    def move(self, address, identifier, folder):
        """As another client would; gives the new id."""
        with self.lock:
            mailbox = self.mailboxes[address.lower()]
            return mailbox.move(mailbox.items[identifier], mailbox.folder_at(folder, create=True)).id

    def remove(self, address, identifier):
        with self.lock:
            mailbox = self.mailboxes[address.lower()]
            mailbox.remove(mailbox.items[identifier])

    def deleted(self, address):
        """The items in Deleted Items."""
        with self.lock:
            return list(self.mailboxes[address.lower()].distinguished["deleteditems"].items.values())

    def recoverable(self, address):
        """The items that were deleted softly."""
        with self.lock:
            return list(self.mailboxes[address.lower()].distinguished["recoverableitemsdeletions"].items.values())

    def _folder(self, address, folder):
        found = self.mailboxes[address.lower()].folder_at(folder)
        if found is None:
            raise KeyError(folder)
        return found

    # Trouble

    def fail_next(self, operation, fault, times=1):
        """The next requests of this operation (None: of any) meet a fault of faults.py."""
        with self.lock:
            self.faults.add(operation, fault, times)

    def expire_sync_states(self):
        """All states that clients hold are refused from now on."""
        self.sync_era += 1

    def name_all_anew(self, address):
        """As after a restore of the mailbox: each item has another id, and no state that clients hold is known."""
        with self.lock:
            self.expire_sync_states()
            mailbox = self.mailboxes[address.lower()]
            for item in list(mailbox.items.values()):
                mailbox.name_anew(item)

    def lose_subscriptions(self, address=None):
        with self.lock:
            self.subscriptions.lose(self.mailboxes[address.lower()] if address else None)

    def close_streams(self):
        """Ends every stream in order, with ConnectionStatus Closed."""
        with self.lock:
            for _, stream in self.sessions():
                stream.end()

    def drop_connections(self, orderly=False):
        """Cuts all connections that stand, without a word; orderly: as a server closes those that have been idle."""
        def cut():
            for writer in list(self._connections.values()):
                writer.transport.close() if orderly else writer.transport.abort()

        if self._thread is not None:
            self.loop.call_soon_threadsafe(cut)

    def count(self, operation=None, address=None):
        """How many requests there were."""
        return self.record.count(operation, address)

    @property
    def requests(self):
        return self.record.requests

    @property
    def connections(self):
        """How many stand now."""
        return len(self._connections)
