"""What helps a person to fill in the forms: preview of a filter, the server's folders, settings from an address."""

import sys
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parents[1] / part) for part in ("support", "servers")]
from imap_proxy import TcpProxy  # noqa: E402
from mail import a_mail  # noqa: E402
from vocabulary import Story, main  # noqa: E402

ACTIONS = "/api/settings-pages/incoming-email/actions"
PREVIEW = "/api/trigger-types/run-on-email/preview"


class Preview(Story):
    def preview(self, mailbox, limit=20, expect=200, **parameters):
        return self.host.post(PREVIEW, {"parameters": {"Email": mailbox["Email"], **parameters}, "limit": limit},
                              expect=expect)

    def test_The_latest_mails_and_what_would_become_of_each(self):
        mailbox = self.given_mailbox()
        self.dovecot.deliver_many(mailbox["Email"], [
            a_mail(subject="Old"), a_mail(subject="Счёт №7", sender="Анна <ann@shop.example>"),
            a_mail(subject="Newsletter", sender="bob@ads.example")])
        items = self.preview(mailbox, limit=2, From="ann@shop.example", Subject="счёт")["items"]
        self.assertEqual([item["subject"] for item in items], ["Newsletter", "Счёт №7"])
        newest, matching = items
        self.assertIs(newest["wouldStart"], False)
        self.assertEqual(newest["reason"]["code"], "from")
        self.assertIn("bob@ads.example", newest["reason"]["text"])
        self.assertIs(matching["wouldStart"], True)
        self.assertEqual(matching["from"], "Анна <ann@shop.example>")
        self.assertTrue(matching["receivedAt"].endswith("Z"))
        self.assertTrue(matching["reason"]["text"])

    def test_It_changes_nothing_and_starts_nothing(self):
        mailbox = self.given_mailbox()
        task = self.given_task(mailbox)
        self.dovecot.deliver_many(mailbox["Email"], [a_mail(subject="Read")], flags="S")
        self.expect_jobs(task, 1)
        task.stop()
        self.dovecot.deliver_many(mailbox["Email"], [a_mail(subject="Unread")])
        flags = self.dovecot.flags(mailbox["Email"])
        rows = task.messages()
        for _ in range(2):
            items = self.preview(mailbox)["items"]
            self.assertEqual([item["wouldStart"] for item in items], [True, True])
        self.assertEqual(self.dovecot.flags(mailbox["Email"]), flags)
        self.assertEqual(task.messages(), rows)
        task.start()
        self.expect_jobs(task, 2)

    def test_Pain_09_it_counts_what_is_there_before_anything_else_than_new_mail_is_chosen(self):
        mailbox = self.given_mailbox()
        self.dovecot.deliver_many(mailbox["Email"], [a_mail(subject="Read")] * 2, flags="S")
        self.dovecot.deliver_many(mailbox["Email"], [a_mail(subject="Unread")] * 5)
        body = self.preview(mailbox, limit=1, Subject="nothing")
        self.assertEqual(body["there"], {"all": 7, "unread": 5})
        self.assertEqual(len(body["items"]), 1)

    def test_A_mail_without_subject_and_sender_has_none_here_and_in_the_message_log(self):
        mailbox = self.given_mailbox()
        task = self.given_task(mailbox)
        self.dovecot.deliver(mailbox["Email"], b"Message-ID: <bare@x.example>\r\n\r\nWho am I?\r\n")
        self.expect_jobs(task, 1)
        for shown in self.preview(mailbox)["items"][0], task.messages()[0]:
            self.assertEqual((shown["subject"], shown["from"]), (None, None))

    def test_Another_folder_and_an_empty_one(self):
        mailbox = self.given_mailbox()
        self.dovecot.create_folder(mailbox["Email"], "Заказы")
        self.assertEqual(self.preview(mailbox)["items"], [])
        self.deliver(mailbox, "Заказы", subject="In the folder")
        self.assertEqual([item["subject"] for item in self.preview(mailbox, Folder="Заказы")["items"]],
                         ["In the folder"])
        body = self.preview(mailbox, Folder="Заявки", expect=422)
        self.assertEqual(body["errors"][0]["field"], "Folder")
        self.assertIn("Заказы", body["errors"][0]["message"])

    def test_A_form_that_is_wrong_or_a_mailbox_out_of_reach_is_told_at_its_field(self):
        mailbox = self.given_mailbox()
        body = self.preview(mailbox, IntervalSeconds=0, expect=422)
        self.assertEqual(body["errors"][0]["field"], "IntervalSeconds")
        self.preview({"Email": "nobody@example.com"}, expect=422)
        with TcpProxy(self.dovecot.imap) as proxy:
            cut_off = self.given_mailbox("plain", port=proxy.port, account=self.given_account())
            proxy.refuse(True)
            body = self.preview(cut_off, expect=422)
            self.assertEqual(body["errors"][0]["field"], "Email")

    def test_A_refused_login_is_not_tried_again_by_a_form(self):
        mailbox = self.given_mailbox("plain", (self.given_account()[0], "wrong"))
        self.given_task(mailbox, wait=False)
        self.wait_state(mailbox, "loginRefused")
        attempts = self.dovecot.log().count("auth failed")
        body = self.preview(mailbox, expect=422)
        self.assertIn("Check login and password", body["errors"][0]["message"])
        self.assertEqual(self.dovecot.log().count("auth failed"), attempts)


class Folders(Story):
    def test_The_servers_own_folders_in_any_script(self):
        account = self.given_account()
        for name in ("Заказы", "Archive/2024", "R&D", "受信"):
            self.dovecot.create_folder(account[0], name)
        body = self.host.post(f"{ACTIONS}/folders", {"values": self.mailbox_fields(*account)})
        names = [item["name"] for item in body["items"]]
        self.assertEqual(names[0], "INBOX")
        self.assertLessEqual({"Заказы", "Archive/2024", "R&D", "受信"}, set(names))
        self.assertNotIn("Archive", names, "which can't be opened")
        # A name from the list opens.
        mailbox = self.given_mailbox("plain", account, ImapFolder="受信")
        task = self.given_task(mailbox)
        self.deliver(mailbox, "受信")
        self.expect_jobs(task, 1)

    def test_Of_a_saved_mailbox_with_its_saved_password_and_of_no_other_server(self):
        item = self.given_mailbox()
        self.host.post(f"{ACTIONS}/folders", {"id": item["id"], "values": {}}, expect=200)
        body = self.host.post(f"{ACTIONS}/folders", {"id": item["id"], "values": {"Imap": "127.0.0.1"}}, expect=422)
        self.assertEqual(body["errors"][0]["field"], "Password")

    def test_What_keeps_them_away_is_told_at_its_field(self):
        fields = self.mailbox_fields(self.given_account()[0], "wrong")
        body = self.host.post(f"{ACTIONS}/folders", {"values": fields}, expect=422)
        self.assertEqual(body["errors"][0]["field"], "Password")


class Detection(Story):
    def detect(self, address, **more):
        return self.host.post(f"{ACTIONS}/detect-settings", {"values": {"Email": address}}, **more)

    def test_A_known_provider_fills_the_form(self):
        found = self.detect("ann@gmail.com")
        self.assertEqual(found["source"], "provider")
        self.assertIn("application password", found["notes"][0])
        item = self.host.post("/api/settings-pages/incoming-email/items",
                              {"Email": "ann@gmail.com", "Password": "x", **found["values"]})
        self.assertEqual((item["Imap"], item["ImapPort"]), ("imap.gmail.com", 993))

    def test_Notes_are_in_the_language_of_the_page(self):
        found = self.detect("ann@yandex.ru", headers={"Accept-Language": "ru"})
        self.assertIn("пароль приложения", found["notes"][0].lower())

    def test_An_address_that_is_none_is_refused(self):
        for address in ("", "ann", "ann@"):
            body = self.detect(address, expect=422)
            self.assertEqual(body["errors"][0]["field"], "Email")

    def test_An_unknown_domain_gives_a_note_and_no_guess(self):
        found = self.detect("ann@mail.no-such-domain.invalid")
        self.assertEqual(found["values"], {})
        self.assertIsNone(found["source"])
        self.assertTrue(found["notes"])


if __name__ == "__main__":
    main()
