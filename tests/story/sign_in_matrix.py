"""Every protocol by every kind of connection by every mechanism, against a real Dovecot that offers that one alone.

Prints the whole table at the end.
"""

import sys
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parents[1] / part) for part in ("support", "servers")]
from dovecot import Dovecot  # noqa: E402
from kerberos import Realm  # noqa: E402
from oauth import TokenServer  # noqa: E402
from pop3_mailboxes import as_pop3  # noqa: E402
from vocabulary import Story, eventually, main  # noqa: E402

ACTION = "/api/settings-pages/incoming-email/actions/test-connection"
CONNECTIONS = ("plain", "opportunistic", "starttls", "tls")
BY_PASSWORD = ("SCRAM-SHA-256", "SCRAM-SHA-1", "DIGEST-MD5", "CRAM-MD5", "PLAIN", "LOGIN")
BY_TOKEN = ("OAUTHBEARER", "XOAUTH2")
PASSWORD = "Secret-of-ann-77"


class SignInMatrix(Story):
    @classmethod
    def setUpClass(cls):
        cls.tokens = TokenServer()
        cls.addClassCleanup(cls.tokens.close)
        cls.dovecot_options = {"pop3": True, "introspection": cls.tokens.base + "/introspect"}
        super().setUpClass()
        cls.table = {}
        cls.addClassCleanup(cls.print_table)

    @classmethod
    def print_table(cls):
        rows = sorted({(protocol, mechanism) for protocol, mechanism, _ in cls.table})
        print(f"{'':24}" + "".join(f"{connection:>15}" for connection in CONNECTIONS))
        for row in rows:
            cells = "".join(f"{cls.table.get((*row, connection), '-'):>15}" for connection in CONNECTIONS)
            print(f"{row[0]:6}{row[1]:18}{cells}")

    def signs_in(self, protocol, connection, mechanism, account, server=None, known_as=None, **fields):
        """Asks the connection test which mechanism signed in, and the server's log whether it did."""
        server = server or self.dovecot
        values = self.mailbox_fields(*account, connection, **fields)
        if protocol == "POP3":
            values = as_pop3(values, server.pop3s if connection == "tls" else server.pop3)
        else:
            values["ImapPort"] = server.imaps if connection == "tls" else server.imap
        with self.subTest(protocol=protocol, connection=connection, mechanism=mechanism):
            self.table[protocol, mechanism, connection] = "FAILED"
            user = known_as or account[0]
            before = len(server.logins(user))
            report = self.host.post(ACTION, {"values": values}, expect=200)
            self.assertTrue(report["ok"], report)
            login = next(step for step in report["steps"] if step["name"] == "login")
            self.assertEqual(login["mechanism"], mechanism)
            eventually(lambda: len(server.logins(user)) > before, "the server's log to tell of the login")
            self.assertEqual(server.logins(user)[before:], [mechanism])
            self.table[protocol, mechanism, connection] = "ok"

    def everywhere(self, mechanism, account, protocols=("IMAP", "POP3"), connections=CONNECTIONS, server=None, **fields):
        for protocol in protocols:
            for connection in connections:
                self.signs_in(protocol, connection, mechanism, account, server, **fields)

    def test_A_password(self):
        account = self.given_account(PASSWORD)
        for mechanism in BY_PASSWORD:
            self.dovecot.restart(mechanisms=mechanism.lower())
            self.everywhere(mechanism, account)

    def test_A_password_by_the_digest_of_POP3s_greeting(self):
        # Over TLS the password itself is given, as every other program does.
        account = self.given_account(PASSWORD)
        self.dovecot.restart(mechanisms="apop")
        self.everywhere("APOP", account, protocols=("POP3",), connections=("plain",))

    def test_A_token(self):
        account = self.given_account()[0], None
        client = self.tokens.add_client(account[0])
        oauth = {"Preset": "other", "Grant": "refreshToken", "TokenEndpoint": self.tokens.endpoint,
                 "ClientId": client.id, "ClientSecret": client.secret, "RefreshToken": client.refresh, "Scope": "mail"}
        for mechanism in BY_TOKEN:
            self.dovecot.restart(mechanisms=mechanism.lower())
            self.everywhere(mechanism, account, OAuth=oauth)

    def test_A_certificate(self):
        address, password = self.given_account(name="ann")
        with Dovecot({address: password}, certificates=self.dovecot.certificates, pop3=True, client_certificates=True,
                     mechanisms="external") as server:
            self.everywhere("EXTERNAL", (address, password), connections=("starttls", "tls"), server=server,
                            ClientCertificate=self.dovecot.certificates.of_client(address))

    def test_A_ticket(self):
        realm = Realm()
        self.addCleanup(realm.close)
        realm.start()
        realm.add("robot", "imap/localhost", "pop/localhost")
        self.host.stop()
        self.host.environment = realm.environment(keytab=realm.keytab("robot"))
        self.host.start()
        with Dovecot(certificates=self.dovecot.certificates, pop3=True, mechanisms="gssapi",
                     keytab=realm.keytab("imap/localhost", "pop/localhost"), krb5_config=realm.config) as server:
            server.add_user("ann@example.com", "unused", principals=["robot@EXAMPLE.COM"])
            self.everywhere("GSSAPI", ("ann@example.com", None), server=server, Kerberos=True)

    def test_Nobody(self):
        with Dovecot({"anonymous": "unused"}, certificates=self.dovecot.certificates, pop3=True,
                     mechanisms="anonymous") as server:
            self.everywhere("ANONYMOUS", ("anonymous@example.com", None), server=server,
                            known_as="anonymous", RequireAuthenticate=False)


if __name__ == "__main__":
    main()
