"""For stories that are told of POP3 mailboxes: `class Example(Pop3Mailboxes, Story)`."""


def as_pop3(values, port):
    """The form's values of an IMAP mailbox, for POP3."""
    kept = {field: value for field, value in values.items() if field not in ("Imap", "ImapPort")}
    return {**kept, "Protocol": "POP3", "Pop3": "localhost", "Pop3Port": port}


class Pop3Mailboxes:
    def mailbox_fields(self, address, password, connection="plain", port=None, **fields):
        own_port = self.dovecot.pop3s if connection == "tls" else self.dovecot.pop3
        return as_pop3(super().mailbox_fields(address, password, connection, **fields), port or own_port)

    def given_task(self, mailbox, **parameters):
        return super().given_task(mailbox, **{"IntervalSeconds": 1, **parameters})
