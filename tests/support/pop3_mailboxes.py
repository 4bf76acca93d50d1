"""For stories that are told of POP3 mailboxes: `class Example(Pop3Mailboxes, Story)`."""


class Pop3Mailboxes:
    def mailbox_fields(self, address, password, connection="plain", port=None, **fields):
        values = super().mailbox_fields(address, password, connection, **fields)
        for field in ("Imap", "ImapPort"):
            values.pop(field)
        own_port = self.dovecot.pop3s if connection == "tls" else self.dovecot.pop3
        return {**values, "Protocol": "POP3", "Pop3": "localhost", "Pop3Port": port or own_port}

    def given_task(self, mailbox, **parameters):
        return super().given_task(mailbox, **{"IntervalSeconds": 1, **parameters})
