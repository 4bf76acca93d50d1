"""Each way to sign in to an Exchange server, told by the server's own record of it: a real KDC, a token endpoint."""

import sys
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parents[1] / part) for part in ("support", "servers")]
from exchange_mailboxes import ExchangeMailboxes  # noqa: E402
from kerberos import Realm  # noqa: E402
from oauth import TokenServer  # noqa: E402
from vocabulary import Story, main  # noqa: E402

ROBOT = "robot@EXAMPLE.COM"


class SignIn(ExchangeMailboxes, Story):
    starts_by_itself = False

    @classmethod
    def setUpClass(cls):
        cls.tokens = TokenServer()
        cls.addClassCleanup(cls.tokens.close)
        cls.realm = Realm().start()
        cls.addClassCleanup(cls.realm.close)
        cls.realm.add("robot", "HTTP/localhost")
        cls.keytab = cls.realm.keytab("robot")
        cls.dovecot_options = {"keytab": cls.realm.keytab("HTTP/localhost"), "krb5_config": cls.realm.config,
                               "tokens": cls.owner_of}
        cls.shown = []  # access tokens, as the server has seen them
        super().setUpClass()

    def setUp(self):
        super().setUp()
        self.addCleanup(self.exchange.restart, mechanisms=("negotiate", "ntlm", "basic"))

    @classmethod
    def owner_of(cls, token):
        cls.shown.append(token)
        return cls.tokens.owner_of(token)

    def assert_a_mail_starts_its_job(self, mailbox, mechanism):
        task = self.given_task(mailbox)
        self.wait_state(mailbox, "watching")
        self.deliver(mailbox)
        self.expect_jobs(task, 1)
        self.assertEqual(set(self.exchange.logins(mailbox["Email"])), {mechanism})

    def test_By_password_with_the_best_mechanism_that_is_offered(self):
        self.host.start()
        for offered, used in ((("basic",), "Basic"), (("basic", "ntlm"), "NTLM")):
            with self.subTest(offered):
                self.exchange.restart(mechanisms=offered)
                self.assert_a_mail_starts_its_job(self.given_mailbox(), used)

    def test_By_OAuth_with_a_token_that_is_renewed_when_the_server_takes_it_no_more(self):
        self.host.start()
        self.exchange.restart(mechanisms=("bearer",))
        address, _ = self.given_account()
        client = self.tokens.add_client(address)
        mailbox = self.given_mailbox(account=(address, None), OAuth={
            "Preset": "other", "Grant": "clientCredentials", "TokenEndpoint": self.tokens.endpoint,
            "ClientId": client.id, "ClientSecret": client.secret, "Scope": "mail"})
        self.assert_a_mail_starts_its_job(mailbox, "Bearer")
        self.assertEqual(len(self.tokens.of(client)), 1, "for all requests")
        task = self.given_task(mailbox)
        self.tokens.revoke(self.shown[-1])
        self.deliver(mailbox)
        self.expect_jobs(task, 1)
        self.assertEqual(len(self.tokens.of(client)), 2)
        self.assertEqual(self.mailbox_now(mailbox)["state"], "watching")

    def test_By_the_ticket_of_the_account_that_the_host_runs_as(self):
        self.host.environment = self.realm.environment(self.keytab, None)
        self.host.start()
        self.exchange.restart(mechanisms=("negotiate",))
        self.exchange.add_user("robot@example.com", "unused")
        mailbox = self.given_mailbox(account=("robot@example.com", None), Kerberos=True)
        self.assertFalse(mailbox["HasPassword"])
        self.assert_a_mail_starts_its_job(mailbox, "Negotiate")

    def test_Without_a_ticket_the_mailbox_says_so(self):
        self.host.environment = self.realm.environment(self.realm.folder / "none.keytab", None)
        self.host.start()
        self.exchange.restart(mechanisms=("negotiate",))
        address, _ = self.given_account()
        mailbox = self.given_mailbox(account=(address, None), Kerberos=True)
        self.given_task(mailbox, wait=False)
        error = self.wait_state(mailbox, "error")["error"]
        self.assertEqual(error["step"], "login")
        self.assertIn("KRB5_CLIENT_KTNAME", error["advice"])
        self.assertEqual(self.exchange.logins(address), [])


if __name__ == "__main__":
    main()
