"""Access tokens from a token endpoint that only a proxy reaches."""

import sys
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parents[1] / part) for part in ("support", "servers")]
from host import configuration  # noqa: E402
from oauth import TokenServer  # noqa: E402
from vocabulary import Story, eventually, main  # noqa: E402
from web_proxy import WebProxy  # noqa: E402

FAR_AWAY = "mail.elsewhere.example"  # nobody's name but the certificate's


class Proxies(Story):
    @classmethod
    def setUpClass(cls):
        cls.tokens = TokenServer()
        cls.addClassCleanup(cls.tokens.close)
        cls.dovecot_options = {"mechanisms": "plain oauthbearer", "introspection": cls.tokens.base + "/introspect"}
        super().setUpClass()
        cls.encrypted = cls.tokens.encrypted(*cls.dovecot.certificates.make("wrong-host"))
        cls.addClassCleanup(cls.encrypted.close)

    def setUp(self):
        self.proxy = WebProxy({FAR_AWAY: self.encrypted.port}, login="robot:s3cret")
        self.addCleanup(self.proxy.close)
        super().setUp()

    def host_configuration(self):
        return configuration(Plugins={"run-on-email": {"HttpProxy": self.proxy.address}})

    def given_oauth_mailbox(self):
        address, _ = self.given_account()
        client = self.tokens.add_client(address)
        return self.given_mailbox("tls", (address, None), OAuth={
            "Preset": "other", "Grant": "clientCredentials", "TokenEndpoint": f"https://{FAR_AWAY}/token",
            "ClientId": client.id, "ClientSecret": client.secret, "Scope": "mail"})

    def is_watched(self):
        mailbox = self.given_oauth_mailbox()
        task = self.given_task(mailbox)
        self.wait_state(mailbox, "watching")
        self.deliver(mailbox)
        self.expect_jobs(task, 1)
        self.assertEqual(self.proxy.asked, [f"{FAR_AWAY}:443"])

    def test_A_mailbox_gets_its_token_through_the_proxy_of_the_configuration(self):
        self.is_watched()

    def test_A_mailbox_gets_its_token_through_the_proxy_of_the_environment(self):
        self.host.stop()
        self.host.configure(configuration())
        self.host.environment["HTTPS_PROXY"] = self.proxy.address
        self.host.start()
        self.is_watched()

    def test_A_proxy_that_refuses_is_told_from_the_endpoint(self):
        self.proxy.login = "robot:other"
        mailbox = self.given_oauth_mailbox()
        self.given_task(mailbox, wait=False)
        eventually(lambda: self.mailbox_now(mailbox)["error"], "the mailbox to have an error")
        error = self.mailbox_now(mailbox)["error"]
        self.assertEqual(error["serverText"], "407 Proxy Authentication Required")
        self.assertIn("through the proxy 127.0.0.1", error["doing"])
        self.assertIn("HttpProxy", error["advice"])
        self.assertNotIn("s3cret", str(error))


if __name__ == "__main__":
    main()
