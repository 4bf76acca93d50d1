"""What the plugin says, in the language of whoever asks; what is kept is readable in both."""

import re
import sys
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parents[1] / part) for part in ("support", "servers")]
from vocabulary import ITEMS, Story, eventually, main  # noqa: E402

ACTIONS = "/api/settings-pages/incoming-email/actions"
IN_RUSSIAN = {"Accept-Language": "ru-RU,ru;q=0.9"}
# Labels of the form that are the same in both languages, and names of things.
NAMES = re.compile(r"Use Ssl|Require Authenticate|Use standart not SSL Port|Trusted authserv-id|EWSUrl|Pop3 Port|Imap Port")
# Three words of Latin letters in a row are a piece of an English sentence.
ENGLISH = re.compile(r"\b[A-Za-z]{2,}(?:[ ,]+[A-Za-z']{2,}){2,}")


class Languages(Story):
    def assert_russian(self, text):
        self.assertTrue(text)
        self.assertRegex(text, "[а-яё]")
        self.assertIsNone(ENGLISH.search(NAMES.sub("", text)), text)

    def reports_on(self, connection="plain", account=None, **fields):
        """Of the connection test of a mailbox: in English, and in Russian."""
        address, password = account or self.given_account()
        values = self.mailbox_fields(address, password, connection, **fields)
        return [self.host.post(f"{ACTIONS}/test-connection", {"values": values}, expect=200, headers=headers)
                for headers in ({}, IN_RUSSIAN)]

    def test_The_steps_of_a_connection_test(self):
        for connection in ("plain", "starttls", "tls"):
            english, russian = self.reports_on(connection)
            self.assertTrue(english["ok"] and russian["ok"], russian)
            for before, after in zip(english["steps"], russian["steps"], strict=True):
                self.assertEqual(before["name"], after["name"])
                if before["name"] in ("login", "folder", "count") or (before["name"], connection) == ("tls", "plain"):
                    self.assert_russian(after["detail"])
                if after["advice"]:
                    self.assert_russian(after["advice"])

    def test_What_fails_and_what_to_do_about_it(self):
        address, password = self.given_account()
        for connection, account, fields in (
                ("plain", (address, "another password"), {}),
                ("tls", None, {"Imap": "127.0.0.2"}),
                ("plain", None, {"port": self.dovecot.imaps}),
                ("tls", None, {"CaCertificate": None}),
                ("plain", None, {"ImapFolder": "No such folder"}),
                ("plain", None, {"port": 1}),
                ("plain", None, {"Imap": "no-such-host.invalid"})):
            english, russian = self.reports_on(connection, account, **fields)
            self.assertFalse(english["ok"] or russian["ok"], fields)
            self.assertRegex(english["steps"][-1]["advice"], "[a-z]{3}")
            self.assert_russian(russian["steps"][-1]["advice"])

    def test_The_faults_of_a_form(self):
        values = self.mailbox_fields("no address", "", Protocol="IMAP", Imap="", ImapPort=0, MoveTo="x",
                                     RemoveReceived=True, Keyword="two words", CertificateSha256="12", Unknown=1)
        refused = self.host.post(ITEMS, values, expect=422, headers=IN_RUSSIAN)
        faults = {fault["field"]: fault["message"] for fault in refused["errors"]}
        self.assertLess({"Email", "Password", "Imap", "ImapPort", "MoveTo", "CertificateSha256"}, set(faults))
        for message in faults.values():
            self.assert_russian(message)

    def test_Why_a_mail_would_start_a_job_or_not_and_why_it_did(self):
        mailbox = self.given_mailbox()
        task = self.given_task(mailbox, Subject="счёт", From="@shop.example")
        for mail in ({"subject": "Счёт 1", "sender": "ann@shop.example"}, {"subject": "Lunch with all of you"},
                     {"subject": "Счёт 2", "sender": "bob@else.example"}):
            self.deliver(mailbox, **mail)
        self.expect_jobs(task, 1)
        eventually(lambda: len(task.messages()) == 3, "all three mails are decided on")
        parameters = {"Email": mailbox["Email"], "Subject": "счёт", "From": "@shop.example"}
        preview = self.host.post("/api/trigger-types/run-on-email/preview", {"parameters": parameters, "limit": 10},
                                 expect=200, headers=IN_RUSSIAN)
        log = self.host.get(f"/api/triggers/{task.trigger}/messages", headers=IN_RUSSIAN)
        self.assertEqual(len(preview["items"]), 3)
        for row in preview["items"] + log["items"]:
            # What people have written stays as it is.
            text = row["reason"]["text"].replace("Lunch with all of you", "")
            self.assert_russian(text)
            self.assertIn(row["subject"], ("Счёт 1", "Счёт 2", "Lunch with all of you"))
        for row in task.messages():
            self.assertNotRegex(row["reason"]["text"], "Письмо|письмо|Тема", "kept in English")

    def test_Why_a_mailbox_is_in_trouble(self):
        address, password = self.given_account()
        mailbox = self.given_mailbox(account=(address, password))
        self.given_task(mailbox)
        self.wait_state(mailbox, "watching")
        self.dovecot.set_password(address, "another one")
        self.dovecot.restart()
        self.wait_state(mailbox, "loginRefused")
        english = self.host.get(f"{ITEMS}/{mailbox['id']}")["error"]
        russian = self.host.get(f"{ITEMS}/{mailbox['id']}", headers=IN_RUSSIAN)["error"]
        self.assert_russian(russian["advice"])
        self.assert_russian(russian["doing"].replace(address, ""))
        self.assertEqual(english["serverText"], russian["serverText"], "the server's own words")

    def test_A_refusal(self):
        mailbox = self.given_mailbox()
        self.given_task(mailbox, name="Счета")
        refused = self.host.delete(f"{ITEMS}/{mailbox['id']}", expect=409, headers=IN_RUSSIAN)
        self.assert_russian(refused["detail"])
        self.assertIn("Счета", refused["detail"])


if __name__ == "__main__":
    main()
