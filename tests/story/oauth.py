"""OAuth 2.0 against a token endpoint and a real Dovecot that asks it about each token."""

import sys
import time
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parents[1] / part) for part in ("support", "servers")]
from host import HttpError  # noqa: E402
from oauth import TokenServer  # noqa: E402
from vocabulary import ITEMS, Story, eventually, main  # noqa: E402


class OAuth(Story):
    @classmethod
    def setUpClass(cls):
        cls.tokens = TokenServer()
        cls.addClassCleanup(cls.tokens.close)
        cls.dovecot_options = {"mechanisms": "plain xoauth2 oauthbearer", "introspection": cls.tokens.base + "/introspect"}
        super().setUpClass()

    def setUp(self):
        super().setUp()
        self.tokens.lifetime, self.tokens.rotates, self.tokens.secret_in = 3600, False, "form"
        self.tokens.faults.clear()
        self.client = None

    def oauth(self, **fields):
        values = {"Preset": "other", "Grant": "refreshToken", "TokenEndpoint": self.tokens.endpoint,
                  "ClientId": self.client.id, "ClientSecret": self.client.secret, "RefreshToken": self.client.refresh,
                  "Scope": "mail"}
        values.update(fields)
        return {name: value for name, value in values.items() if value is not None}

    def given_oauth_mailbox(self, connection="tls", **fields):
        address, _ = self.given_account()
        self.client = self.tokens.add_client(address)
        return self.given_mailbox(connection, (address, None), OAuth=self.oauth(**fields))

    def asked(self):
        return [(one["grant"], one["error"]) for one in self.tokens.of(self.client)]

    def test_A_mailbox_is_watched_by_each_mechanism_and_each_grant(self):
        for mechanism in ("OAUTHBEARER", "XOAUTH2"):
            self.dovecot.restart(mechanisms=f"plain {mechanism.lower()}")
            for grant in ("refreshToken", "clientCredentials"):
                with self.subTest(mechanism=mechanism, grant=grant):
                    token = {} if grant == "refreshToken" else {"RefreshToken": None}
                    mailbox = self.given_oauth_mailbox(Grant=grant, **token)
                    task = self.given_task(mailbox)
                    self.wait_state(mailbox, "watching")
                    self.assertEqual(self.dovecot.logins(mailbox["Email"]), [mechanism])
                    self.deliver(mailbox)
                    self.expect_jobs(task, 1, settle=0.2)
                    self.expect_flags(mailbox, {1: {"\\Seen"}})
                    self.assertEqual(len(self.asked()), 1)
        self.dovecot.restart(mechanisms="plain xoauth2 oauthbearer")

    def test_Several_folders_of_a_mailbox_share_one_token(self):
        mailbox = self.given_oauth_mailbox()
        for folder in ("Orders", "Заказы"):
            self.dovecot.create_folder(mailbox["Email"], folder)
        self.given_task(mailbox, triggers=[{}, {"Folder": "Orders"}, {"Folder": "Заказы"}])
        self.wait_state(mailbox, "watching")
        logins = self.dovecot.logins(mailbox["Email"])
        self.assertEqual([method for method in logins if method != "PLAIN"], ["OAUTHBEARER"] * 3)
        self.assertEqual(self.asked(), [("refresh_token", None)])

    def test_A_token_is_renewed_before_it_lapses_and_no_mail_is_lost_or_repeated(self):
        self.tokens.lifetime = 6
        mailbox = self.given_oauth_mailbox()
        task = self.given_task(mailbox)
        self.wait_state(mailbox, "watching")
        for _ in range(5):
            self.deliver(mailbox)
            time.sleep(2)
        self.expect_jobs(task, 5)
        times = [one["at"] for one in self.tokens.of(self.client)]
        self.assertGreaterEqual(len(times), 3, "the token was not renewed")
        self.assertTrue(all(later - earlier < 6 for earlier, later in zip(times, times[1:])), times)
        self.assertEqual(self.mailbox_now(mailbox)["state"], "watching")

    def test_A_token_that_the_mail_server_refuses_is_replaced_once_and_at_once(self):
        mailbox = self.given_oauth_mailbox()
        task = self.given_task(mailbox)
        self.wait_state(mailbox, "watching")
        self.tokens.revoke(self.tokens.issued[-1])
        self.dovecot.restart()
        self.deliver(mailbox)
        self.expect_jobs(task, 1)
        self.assertEqual(self.asked(), [("refresh_token", None)] * 2)

    def test_Pain_04_A_token_that_dies_in_the_night_costs_no_mail(self):
        self.tokens.lifetime, self.tokens.rotates = 2, True
        mailbox = self.given_oauth_mailbox()
        task = self.given_task(mailbox)
        self.wait_state(mailbox, "watching")
        self.tokens.faults += [(503, {}, "down")] * 2
        time.sleep(4)
        self.deliver(mailbox)
        for token in self.tokens.issued:
            self.tokens.revoke(token)
        self.dovecot.restart()
        self.wait_state(mailbox, "watching")
        self.deliver(mailbox)
        self.expect_jobs(task, 2)
        self.assertTrue({error for _, error in self.asked()} <= {None, "HTTP 503"}, self.asked())

    def test_A_withdrawn_consent_is_told_not_repeated_and_mended_by_new_values(self):
        mailbox = self.given_oauth_mailbox()
        self.client.consent = False
        task = self.given_task(mailbox, wait=False)
        state = self.wait_state(mailbox, "consentNeeded")
        self.assertEqual(state["error"]["step"], "login")
        self.assertIn("invalid_grant", state["error"]["serverText"])
        self.assertIn("revoked", state["error"]["serverText"])
        self.assertIn("give consent again", state["error"]["advice"])
        self.assertIsNotNone(state["until"])
        time.sleep(3)
        self.assertEqual(self.asked(), [("refresh_token", "invalid_grant")])
        self.assertEqual(self.dovecot.logins(mailbox["Email"]), [])

        self.client.consent, self.client.refresh = True, "refresh-token-of-a-new-consent"
        fields = self.mailbox_now(mailbox)
        fields["OAuth"]["RefreshToken"] = self.client.refresh
        self.host.put(f"{ITEMS}/{mailbox['id']}", fields)
        task.wait_started()
        self.wait_state(mailbox, "watching")
        self.deliver(mailbox)
        self.expect_jobs(task, 1)

    def test_A_rotated_refresh_token_survives_a_crash(self):
        self.tokens.rotates = True
        self.tokens.lifetime = 2
        mailbox = self.given_oauth_mailbox()
        first = self.client.refresh
        task = self.given_task(mailbox)
        self.wait_state(mailbox, "watching")
        eventually(lambda: len(self.asked()) >= 3, "some renewals")
        self.host.kill()
        self.deliver(mailbox)
        self.assertNotEqual(self.client.refresh, first)
        time.sleep(2)
        self.host.start()
        self.wait_state(mailbox, "watching")
        self.expect_jobs(task, 1)
        self.assertEqual({error for _, error in self.asked()}, {None})

    def test_An_endpoint_that_is_out_of_order_is_waited_for(self):
        mailbox = self.given_oauth_mailbox()
        self.tokens.faults += [(503, {}, "down"), (429, {"Retry-After": "2"}, {"error": "slow_down"})]
        task = self.given_task(mailbox, wait=False)
        state = self.wait_state(mailbox, "throttled")
        self.assertIsNotNone(state["until"])
        self.wait_state(mailbox, "watching")
        times = [one["at"] for one in self.tokens.of(self.client)]
        self.assertGreaterEqual(times[2] - times[1], 2)
        self.deliver(mailbox)
        self.expect_jobs(task, 1)

    def test_A_client_secret_goes_into_the_header_where_the_form_is_not_good_enough(self):
        self.tokens.secret_in = "header"
        mailbox = self.given_oauth_mailbox()
        self.given_task(mailbox)
        self.wait_state(mailbox, "watching")

    def test_The_connection_test_tells_of_the_token_and_its_refresh_token_is_not_lost(self):
        self.tokens.rotates = True
        address, _ = self.given_account()
        self.client = self.tokens.add_client(address)
        values = self.mailbox_fields(address, None, "tls", OAuth=self.oauth())
        test = f"{ITEMS.removesuffix('/items')}/actions/test-connection"
        report = self.host.post(test, {"values": values})
        self.assertTrue(report["ok"], report)
        login = next(step for step in report["steps"] if step["name"] == "login")
        self.assertEqual(login["token"]["endpoint"], self.tokens.endpoint)
        self.assertIn("access token", login["detail"])
        self.assertEqual([step["name"] for step in report["steps"]],
                         ["dns", "connect", "tls", "login", "folder", "count"])

        mailbox = self.host.post(ITEMS, values)
        self.given_task(mailbox)
        self.wait_state(mailbox, "watching")
        report = self.host.post(test, {"id": mailbox["id"], "values": {"ImapFolder": "INBOX"}})
        self.assertTrue(report["ok"], report)
        self.assertEqual({error for _, error in self.asked()}, {None})

    def test_No_secret_is_shown_or_kept_in_clear(self):
        self.tokens.rotates = True
        mailbox = self.given_oauth_mailbox()
        given = [self.client.secret, self.client.refresh]
        self.given_task(mailbox)
        shown = self.wait_state(mailbox, "watching")
        for secret in (*given, self.client.refresh, self.tokens.issued[-1]):
            self.assertNotIn(secret, str(shown))
            self.assert_nowhere(secret, self.host.folder)
        self.assertEqual((shown["OAuth"]["HasClientSecret"], shown["OAuth"]["HasRefreshToken"]), (True, True))

    def test_Secrets_are_typed_again_for_another_token_endpoint(self):
        mailbox = self.given_oauth_mailbox()
        fields = self.mailbox_now(mailbox)
        fields["OAuth"]["TokenEndpoint"] = "https://elsewhere.example/token"
        for call, path, body in (("PUT", f"{ITEMS}/{mailbox['id']}", fields),
                                 ("POST", f"{ITEMS.removesuffix('/items')}/actions/test-connection",
                                  {"id": mailbox["id"], "values": {"OAuth": {"TokenEndpoint": "https://elsewhere.example/token"}}})):
            with self.assertRaises(HttpError) as refused:
                self.host.call(call, path, body)
            self.assertEqual(refused.exception.status, 422)
            self.assertEqual({error["field"] for error in refused.exception.body["errors"]},
                             {"OAuth.ClientSecret", "OAuth.RefreshToken"})
        self.assertEqual(self.asked(), [])


if __name__ == "__main__":
    main()
