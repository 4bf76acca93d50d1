"""Mailboxes that sign in with the Kerberos ticket of the account that the host runs as: a real KDC, a real Dovecot."""

import sys
import time
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parents[1] / part) for part in ("support", "servers")]
from dovecot import Dovecot  # noqa: E402
from kerberos import Realm  # noqa: E402
from line_server import LineServer  # noqa: E402
from pop3_mailboxes import as_pop3  # noqa: E402
from vocabulary import ITEMS, Story, main  # noqa: E402

ACTION = "/api/settings-pages/incoming-email/actions/test-connection"
ROBOT = "robot@EXAMPLE.COM"


class Kerberos(Story):
    starts_by_itself = False

    @classmethod
    def setUpClass(cls):
        cls.realm = Realm().start()
        cls.addClassCleanup(cls.realm.close)
        cls.realm.add("robot", "imap/localhost", "pop/localhost")
        cls.keytab = cls.realm.keytab("robot")
        cls.server_keytab = cls.realm.keytab("imap/localhost", "pop/localhost")
        cls.dovecot_options = {"pop3": True, "mechanisms": "gssapi plain", "keytab": cls.server_keytab,
                               "krb5_config": cls.realm.config}
        super().setUpClass()

    def given_host(self, keytab=None, cache=None):
        self.host.environment = self.realm.environment(keytab, cache)
        self.host.start()

    def given_account_of(self, *principals, password="Secret-of-ann-77"):
        address, _ = self.given_account(password)
        self.dovecot.add_user(address, password, principals=principals)
        return address

    def fields(self, address, protocol="IMAP", connection="plain", server=None, password=None, **fields):
        server = server or self.dovecot
        values = self.mailbox_fields(address, password, connection, Kerberos=True, **fields)
        if protocol == "POP3":
            return as_pop3(values, server.pop3s if connection == "tls" else server.pop3)
        return {**values, "ImapPort": server.imaps if connection == "tls" else server.imap}

    def login_step(self, values):
        report = self.host.post(ACTION, {"values": values}, expect=200)
        return next(step for step in report["steps"] if step["name"] == "login")

    def assert_refused(self, values, words, advice, code="refused"):
        step = self.login_step(values)
        self.assertFalse(step["ok"], step)
        self.assertEqual(step["code"], code, step)
        self.assertIn(words, step["error"])
        self.assertIn(advice, step["advice"])
        return step

    # What it is for

    def test_A_client_keytab_signs_in_without_a_password_and_a_mail_starts_its_job(self):
        self.given_host(keytab=self.keytab)
        for protocol in ("IMAP", "POP3"):
            with self.subTest(protocol=protocol):
                address = self.given_account_of(ROBOT)
                mailbox = self.host.post(ITEMS, self.fields(address, protocol))
                self.assertTrue(mailbox["Kerberos"])
                self.assertFalse(mailbox["HasPassword"])
                task = self.given_task(mailbox, IntervalSeconds=1)
                self.deliver(mailbox)
                self.expect_jobs(task, 1)
                self.assertEqual(set(self.dovecot.logins(address)), {"GSSAPI"})

    def test_A_credential_cache_signs_in_over_TLS_too(self):
        self.given_host(cache=self.realm.ticket("robot"))
        address = self.given_account_of(ROBOT)
        for protocol in ("IMAP", "POP3"):
            for connection in ("starttls", "tls"):
                step = self.login_step(self.fields(address, protocol, connection))
                self.assertTrue(step["ok"], step)
                self.assertEqual(step["mechanism"], "GSSAPI")

    def test_A_login_without_a_domain_is_the_owner_of_the_ticket(self):
        self.given_host(keytab=self.keytab)
        self.dovecot.add_user("robot", "unused")
        step = self.login_step(self.fields("robot@example.com", Login="robot"))
        self.assertTrue(step["ok"], step)
        self.assertEqual(self.dovecot.logins("robot"), ["GSSAPI"])

    # What may be in the way

    def test_Without_a_ticket_it_says_so_and_goes_on_by_itself_when_there_is_one(self):
        self.given_host(keytab=self.realm.folder / "late.keytab")
        mailbox = self.host.post(ITEMS, self.fields(self.given_account_of(ROBOT)))
        self.assert_refused({**self.fields("ann@example.com")}, "No Kerberos credentials available",
                            "KRB5_CLIENT_KTNAME")
        self.given_task(mailbox, wait=False)
        error = self.wait_state(mailbox, "error")["error"]
        self.assertEqual(error["step"], "login")
        self.assertIn("No Kerberos credentials available", error["serverText"])
        self.assertEqual(self.dovecot.logins(mailbox["Email"]), [])
        self.keytab.rename(self.realm.folder / "late.keytab")
        self.addCleanup((self.realm.folder / "late.keytab").rename, self.keytab)
        self.wait_state(mailbox, "watching")

    def test_An_expired_ticket_is_named_so(self):
        cache = self.realm.ticket("robot", lifetime="1s")
        time.sleep(2)
        self.given_host(cache=cache)
        self.assert_refused(self.fields(self.given_account_of(ROBOT)), "expired", "kinit")

    def test_A_server_that_the_realm_does_not_know_is_named_so(self):
        self.given_host(keytab=self.keytab)
        self.assert_refused(self.fields(self.given_account_of(ROBOT), Imap="127.0.0.1"), "imap/127.0.0.1",
                            "Kerberos knows no service imap@127.0.0.1")

    def test_A_server_without_GSSAPI_is_told_nothing(self):
        self.given_host(keytab=self.keytab)
        with Dovecot(certificates=self.dovecot.certificates, pop3=True) as server:
            for protocol in ("IMAP", "POP3"):
                self.assert_refused(self.fields("ann@example.com", protocol, server=server),
                                    "the server takes no login by Kerberos here",
                                    "The server takes only these mechanisms: ")

    def test_An_owner_who_may_not_open_the_mailbox_is_named(self):
        self.given_host(keytab=self.keytab)
        address = self.given_account_of("eve@EXAMPLE.COM")
        for protocol in ("IMAP", "POP3"):
            step = self.assert_refused(self.fields(address, protocol), "", ROBOT, code="loginRefused")
            self.assertIn(address, step["advice"])
        self.assertEqual(self.dovecot.logins(address), [])

    def test_A_server_whose_keytab_is_of_yesterday_does_not_take_the_ticket(self):
        self.given_host(keytab=self.keytab)
        other = Realm().start()
        self.addCleanup(other.close)
        other.add("imap/localhost")
        with Dovecot(certificates=self.dovecot.certificates, mechanisms="gssapi", keytab=other.keytab("imap/localhost"),
                     krb5_config=self.realm.config) as server:
            self.assert_refused(self.fields("ann@example.com", server=server), "", "keytab", code="loginRefused")

    def test_A_server_that_says_yes_before_it_has_proved_itself_is_not_believed(self):
        self.given_host(keytab=self.keytab)
        greeting = "* OK [CAPABILITY IMAP4rev1 AUTH=GSSAPI SASL-IR] ready"
        tags = []

        def nonsense(tag, command):
            if tag != "*":
                tags.append(tag)
                return "+ bm8gdG9rZW4gb2YgS2VyYmVyb3M="
            return f"{tags.pop()} BAD broken off"

        with LineServer(greeting, lambda tag, command: f"{tag} OK come in") as eager, \
                LineServer(greeting, nonsense) as foolish:
            self.assert_refused({**self.fields("ann@example.com"), "ImapPort": eager.port},
                                "did not prove that it is imap@localhost", "server's place", code="untrusted")
            step = self.login_step({**self.fields("ann@example.com"), "ImapPort": foolish.port})
            self.assertFalse(step["ok"])
            self.assertEqual(step["code"], "protocol", step)

    def test_A_keytab_that_the_realm_refuses_is_not_tried_again_by_itself(self):
        self.realm.add("changed")
        keytab = self.realm.keytab("changed")
        self.realm.change_key("changed")
        self.given_host(keytab=keytab)
        mailbox = self.host.post(ITEMS, self.fields(self.given_account_of(ROBOT)))
        self.given_task(mailbox, wait=False)
        error = self.wait_state(mailbox, "loginRefused")["error"]
        self.assertIn("Preauthentication failed", error["serverText"])
        self.assertIn("keytab", error["advice"])

    # A KDC that is down, or worse

    def test_A_KDC_that_is_down_is_named_so(self):
        realm = Realm()
        self.addCleanup(realm.close)
        realm.start()
        realm.add("robot")
        keytab = realm.keytab("robot")
        realm.stop()
        self.host.environment = realm.environment(keytab)
        self.host.start()
        self.assert_refused(self.fields("ann@example.com"), "Cannot contact any KDC", "krb5.conf", code="unreachable")

    def test_A_KDC_that_hangs_holds_up_neither_other_mailboxes_nor_the_end(self):
        realm = Realm()
        self.addCleanup(realm.close)
        realm.start()
        realm.add("robot")
        self.host.environment = realm.environment(realm.keytab("robot"))
        realm.pause()
        self.host.start()
        hung = self.host.post(ITEMS, self.fields(self.given_account_of(ROBOT)))
        self.given_task(hung, wait=False)
        self.wait_state(hung, "connecting")
        well = self.given_mailbox()
        task = self.given_task(well)
        self.deliver(well)
        self.expect_jobs(task, 1)
        self.assertEqual(self.host.stop(patience=15), 0)

    # With a password beside it

    def test_A_password_that_is_given_too_is_tried_when_there_is_no_ticket(self):
        self.given_host()
        address = self.given_account_of(ROBOT)
        step = self.login_step(self.fields(address, connection="tls", password="Secret-of-ann-77"))
        self.assertEqual(step["mechanism"], "PLAIN")
        step = self.assert_refused(self.fields(address, connection="tls", password="wrong"), "", "Kerberos was tried",
                                   code="loginRefused")
        self.assertIn("No Kerberos credentials available", step["advice"])

    def test_In_clear_a_server_that_offers_GSSAPI_is_not_given_the_password(self):
        self.given_host()
        address = self.given_account_of(ROBOT)
        self.assert_refused(self.fields(address, password="Secret-of-ann-77"), "No Kerberos credentials available",
                            "The password was not sent")
        self.assertEqual(self.dovecot.logins(address), [])

    def test_The_ticket_counts_before_the_password(self):
        self.given_host(keytab=self.keytab)
        address = self.given_account_of(ROBOT)
        step = self.login_step(self.fields(address, connection="tls", password="wrong, and not sent"))
        self.assertEqual(step["mechanism"], "GSSAPI")

    def test_A_form_of_Kerberos_wants_no_password_and_no_OAuth(self):
        self.given_host()
        values = self.fields(self.given_account_of(ROBOT))
        oauth = {"Preset": "google", "Grant": "refreshToken", "ClientId": "i", "ClientSecret": "s", "RefreshToken": "r"}
        refused = self.host.post(ITEMS, {**values, "OAuth": oauth}, expect=422)
        self.assertEqual([error["field"] for error in refused["errors"]], ["Kerberos"])
        mailbox = self.host.post(ITEMS, values)
        # Nothing is saved that could be sent to another server.
        moved = self.host.put(f"{ITEMS}/{mailbox['id']}", {**values, "Imap": "imap.example.com"})
        self.assertEqual(moved["Imap"], "imap.example.com")
        refused = self.host.put(f"{ITEMS}/{mailbox['id']}", {**values, "Kerberos": False}, expect=422)
        self.assertEqual([error["field"] for error in refused["errors"]], ["Password"])


if __name__ == "__main__":
    main()
