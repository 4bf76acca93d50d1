"""For stories that are told of mailboxes on an Exchange server: `class Example(ExchangeMailboxes, Story)`."""

from exchange import Exchange


class ExchangeMailboxes:
    mail_server = Exchange

    @property
    def exchange(self):
        return self.dovecot

    def tearDown(self):
        super().tearDown()
        self.exchange.faults.clear()
        self.exchange.throttle.set()
        self.exchange.check_documents()

    def mailbox_fields(self, address, password, connection="tls", url=None, **fields):
        """The form's values: connection is tls or plain."""
        values = {"Email": address, "Password": password, "Protocol": "MS Exchange",
                  "EWSUrl": url or self.exchange.url(tls=connection == "tls")}
        if connection == "tls":
            values["CaCertificate"] = self.exchange.certificates.ca_pem
        values.update(fields)
        return values

    def given_mailbox(self, connection="tls", account=None, **fields):
        return super().given_mailbox(connection, account, **fields)
