"""For stories that are told of mailboxes on an Exchange server: `class Example(ExchangeMailboxes, Story)`."""

from exchange import Exchange
from vocabulary import ITEMS, Story


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


class ExchangeStory(ExchangeMailboxes, Story):
    def given_watched(self, **fields):
        """A mailbox that the server tells of, and its task."""
        parameters = fields.pop("parameters", {})
        mailbox = self.given_mailbox(**fields)
        task = self.given_task(mailbox, **parameters)
        self.wait_state(mailbox, "watching", "polling")
        return mailbox, task

    def asked(self, mailbox, *operations):
        return sum(self.exchange.count(operation, mailbox["Email"]) for operation in operations)

    def try_connection(self, **values):
        report = self.host.post(f"{ITEMS.rsplit('/', 1)[0]}/actions/test-connection", {"values": values}, expect=200)
        return report, {step["name"]: step for step in report["steps"]}
