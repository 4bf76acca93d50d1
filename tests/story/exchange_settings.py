"""What is entered for a mailbox on an Exchange server: who signs in, where, and what connection test and preview say."""

import subprocess
import sys
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parents[1] / part) for part in ("support", "servers")]
from exchange_mailboxes import ExchangeStory  # noqa: E402
from host import configuration  # noqa: E402
from mail import a_mail  # noqa: E402
from vocabulary import ITEMS, eventually, main  # noqa: E402


class SigningIn(ExchangeStory):
    def test_A_shared_mailbox_is_opened_by_its_address_with_the_rights_of_the_login(self):
        address, password = self.given_account(name="service")
        shared = f"shared.{address}"
        self.exchange.add_mailbox(shared)
        self.exchange.grant_access(address, shared)
        mailbox = self.given_mailbox(account=(shared, password), Login=address)
        task = self.given_task(mailbox)
        self.deliver(mailbox)
        self.expect_jobs(task, 1)
        eventually(lambda: all(item.read for item in self.exchange.mails(shared)), "it to be read")

    def test_A_login_that_may_impersonate_acts_as_the_owner(self):
        address, password = self.given_account(name="service")
        owner, _ = self.given_account(name="owner")
        refused = self.given_mailbox(account=(owner, password), Login=address, Impersonate=True)
        self.given_task(refused, wait=False)
        self.assertIn("mpersonat", str(self.wait_state(refused, "loginRefused")["error"]))
        self.exchange.grant_impersonation(address, owner)
        self.host.put(f"{ITEMS}/{refused['id']}", {**self.mailbox_fields(owner, password), "Login": address,
                                                   "Impersonate": True})
        task = self.given_task(refused)
        self.deliver(refused)
        self.expect_jobs(task, 1)

    def test_Without_a_login_nothing_is_sent(self):
        address, _ = self.given_account()
        self.exchange.restart(mechanisms=(), anonymous=address)
        try:
            mailbox = self.given_mailbox(account=(address, None), RequireAuthenticate=False)
            task = self.given_task(mailbox)
            self.deliver(mailbox)
            self.expect_jobs(task, 1)
            self.assertFalse([one for one in self.exchange.requests
                              if one.address == address and "authorization" in one.headers])
        finally:
            self.exchange.restart(mechanisms=("negotiate", "ntlm", "basic"), anonymous=None)

    def test_The_connection_test_looks_for_the_folder_to_move_to(self):
        address, password = self.given_account()
        self.exchange.create_folder(address, "INBOX/Готово")
        for folder, ok in (("INBOX/Готово", True), ("Inbox/готово", True), ("junkemail", True), ("Junk Email", True),
                           ("Nowhere", False), ("archive:Nowhere", False)):
            report, steps = self.try_connection(**self.mailbox_fields(address, password, MoveTo=folder))
            self.assertEqual(report["ok"], ok, report)

    def test_The_connection_test_tells_each_step(self):
        address, password = self.given_account()
        self.exchange.deliver_many(address, [a_mail(), a_mail()])
        report, steps = self.try_connection(**self.mailbox_fields(address, password))
        self.assertTrue(report["ok"], report)
        self.assertEqual(list(steps), ["dns", "connect", "tls", "login", "folder", "count"])
        self.assertIn(steps["login"]["mechanism"], ("NTLM", "Negotiate"))
        self.assertEqual((steps["count"]["count"], steps["count"]["unread"]), (2, 2))
        report, steps = self.try_connection(**self.mailbox_fields(address, password, "plain"))
        self.assertTrue(report["ok"], report)
        self.assertIn("not encrypted", steps["tls"]["detail"])
        report, steps = self.try_connection(**self.mailbox_fields(address, "wrong"))
        self.assertEqual(list(steps)[-1], "login")
        self.assertFalse(steps["login"]["ok"])
        report, steps = self.try_connection(**self.mailbox_fields(address, password, CaCertificate=None))
        self.assertFalse(steps["tls"]["ok"])
        self.assertEqual(len(steps["tls"]["pin"]), 64)

    def test_An_address_of_Outlook_on_the_web_becomes_that_of_the_services(self):
        address, password = self.given_account()
        url = f"localhost:{self.exchange.https}/owa/"
        mailbox = self.given_mailbox(account=(address, password), url=url)
        self.assertEqual(mailbox["EWSUrl"], self.exchange.url())
        task = self.given_task(mailbox)
        self.deliver(mailbox)
        self.expect_jobs(task, 1)

    def test_A_saved_password_is_typed_again_for_another_address(self):
        mailbox = self.given_mailbox()
        values = {"Email": mailbox["Email"], "Protocol": "MS Exchange", "EWSUrl": "https://elsewhere.example/",
                  "CaCertificate": self.exchange.certificates.ca_pem}
        problem = self.host.put(f"{ITEMS}/{mailbox['id']}", values, expect=422)
        self.assertEqual([one["field"] for one in problem["errors"]], ["Password"])

    def test_The_preview_shows_the_latest_mails_and_touches_none(self):
        mailbox = self.given_mailbox()
        self.exchange.deliver_many(mailbox["Email"], [a_mail(subject=f"Number {n}") for n in range(5)])
        items = self.host.post("/api/trigger-types/run-on-email/preview",
                               {"parameters": {"Email": mailbox["Email"], "Subject": "4"}, "limit": 3}, expect=200)["items"]
        self.assertEqual([(one["subject"], one["wouldStart"]) for one in items],
                         [("Number 4", True), ("Number 3", False), ("Number 2", False)])
        self.assertFalse(any(item.read for item in self.exchange.mails(mailbox["Email"])))


class BaseMailbox(ExchangeStory):
    starts_by_itself = False

    def test_The_base_mailbox_may_be_on_an_Exchange_server(self):
        address, password = self.given_account()
        sealed = subprocess.run([self.host.build / "bin" / "password-encryptor", "--data", self.host.data], input=password,
                                capture_output=True, text=True, check=True).stdout.strip()
        self.host.configure(configuration(Tenants={"FromAppsettings": True, "TimeOffset": 0, "IncomingEmail": {
            "UserName": address, "Password": sealed, "EWSUrl": self.exchange.url(),
            "CaCertificate": self.exchange.certificates.ca_pem}, "Items": []}))
        self.host.start()
        mailbox = self.host.get(f"{ITEMS}/base")
        self.assertEqual(mailbox["Protocol"], "MS Exchange")
        task = self.given_task(mailbox)
        self.deliver(mailbox)
        self.expect_jobs(task, 1)


if __name__ == "__main__":
    main()
