"""Which mails start a job, and that the others are left alone and explained."""

import sys
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parents[1] / part) for part in ("support", "servers")]
from mail import a_mail  # noqa: E402
from vocabulary import Story, eventually, main  # noqa: E402


class Matching(Story):
    def test_A_mail_that_does_not_match_starts_nothing_and_keeps_its_flags(self):
        mailbox = self.given_mailbox()
        task = self.given_task(mailbox, Subject="invoice")
        other = self.deliver(mailbox, subject="Lunch?")
        wanted = self.deliver(mailbox, subject="Your INVOICE 12")
        job, = self.expect_jobs(task, 1)
        self.assertEqual(job["payload"]["messageId"].strip("<>"), wanted)
        self.expect_flags(mailbox, {1: set(), 2: {"\\Seen"}})
        rows = {row["messageId"].strip("<>"): row for row in task.messages()}
        self.assertEqual(set(rows), {other, wanted})
        self.assertFalse(rows[other]["triggered"])
        self.assertEqual(rows[other]["state"], "skipped")
        self.assertEqual(rows[other]["reason"]["code"], "subject")
        self.assertTrue(rows[other]["reason"]["text"])
        self.assertTrue(rows[wanted]["triggered"])
        self.assertEqual(rows[wanted]["state"], "delivered")
        self.assertEqual(rows[wanted]["jobId"], job["id"])

    def test_The_sender_by_address_domain_and_part(self):
        mailbox = self.given_mailbox()
        address = self.given_task(mailbox, From="ann@shop.example")
        domain = self.given_task(mailbox, From="@shop.example")
        part = self.given_task(mailbox, From="волк; nobody@x.example")
        self.deliver(mailbox, sender="Ann <Ann@SHOP.example>")
        self.deliver(mailbox, sender="joann@shop.example")
        self.deliver(mailbox, sender="Пётр Волков <petr@mail.example>")
        self.deliver(mailbox, sender="x@sub.shop.example")
        self.expect_jobs(address, 1)
        self.expect_jobs(domain, 2)
        self.expect_jobs(part, 1)
        self.expect_flags(mailbox, {1: {"\\Seen"}, 2: {"\\Seen"}, 3: {"\\Seen"}, 4: set()})

    def test_Subjects_match_in_any_script_and_case(self):
        mailbox = self.given_mailbox()
        russian = self.given_task(mailbox, Subject="заявка")
        german = self.given_task(mailbox, Subject="STRASSE")
        greek = self.given_task(mailbox, Subject="ΟΔΟΣ")
        self.deliver(mailbox, subject="Новая ЗАЯВКА № 17 на доступ к очень длинной системе, чьё имя не влезает в строку")
        self.deliver(mailbox, subject="Die Straße")
        self.deliver(mailbox, subject="η οδος")
        self.deliver(mailbox, subject="none of them")
        self.assertIn("ЗАЯВКА", self.expect_jobs(russian, 1)[0]["payload"]["subject"])
        self.assertEqual(self.expect_jobs(german, 1)[0]["payload"]["subject"], "Die Straße")
        self.assertEqual(self.expect_jobs(greek, 1)[0]["payload"]["subject"], "η οδος")

    def test_Raw_headers_in_an_old_charset_are_understood(self):
        mailbox = self.given_mailbox()
        task = self.given_task(mailbox, Subject="счёт")
        raw = ("From: Бухгалтерия <acc@shop.example>\r\nSubject: Счёт на оплату услуг за ноябрь\r\n"
               "Message-ID: <raw-1251@shop.example>\r\nContent-Type: text/plain; charset=windows-1251\r\n\r\n"
               "Оплатите, пожалуйста.\r\n").encode("windows-1251")
        self.dovecot.deliver(mailbox["Email"], raw)
        job, = self.expect_jobs(task, 1)
        self.assertEqual(job["payload"]["subject"], "Счёт на оплату услуг за ноябрь")
        self.assertIn("Оплатите", job["payload"]["text"])

    def test_A_folder_with_a_Unicode_name(self):
        folder = "Заявки/Новые & срочные"
        mailbox = self.given_mailbox()
        self.dovecot.create_folder(mailbox["Email"], folder)
        task = self.given_task(mailbox, Folder=folder)
        self.deliver(mailbox, subject="In the inbox")
        self.deliver(mailbox, folder=folder, subject="In the folder")
        job, = self.expect_jobs(task, 1)
        self.assertEqual(job["payload"]["subject"], "In the folder")
        self.assertEqual(job["payload"]["mailbox"]["folder"], folder)
        self.expect_flags(mailbox, {1: {"\\Seen"}}, folder)
        self.expect_flags(mailbox, {1: set()})

    def test_A_mail_somebody_read_before_us_starts_its_job_all_the_same(self):
        mailbox = self.given_mailbox()
        task = self.given_task(mailbox)
        self.wait_state(mailbox, "watching")
        self.dovecot.deliver_many(mailbox["Email"], [a_mail(subject="Read already")], flags="S")
        self.expect_jobs(task, 1)

    def test_A_mail_that_two_triggers_of_a_task_match_starts_two_jobs(self):
        mailbox = self.given_mailbox()
        task = self.given_task(mailbox, triggers=[{"Subject": "order"}, {"From": "@shop.example"}])
        self.deliver(mailbox, subject="An order", sender="ann@shop.example")
        jobs = self.expect_jobs(task, 2)
        self.assertEqual({job["trigger"] for job in jobs}, {trigger["id"] for trigger in task.values["triggers"]})
        self.deliver(mailbox, subject="Another matter", sender="ann@shop.example")
        self.expect_jobs(task, 3)
        self.expect_flags(mailbox, {1: {"\\Seen"}, 2: {"\\Seen"}})

    def test_Two_mails_with_the_same_Message_ID_are_two_mails(self):
        mailbox = self.given_mailbox()
        task = self.given_task(mailbox)
        self.deliver(mailbox, identifier="same@shop.example", subject="One")
        self.deliver(mailbox, identifier="same@shop.example", subject="One")
        self.expect_jobs(task, 2)

    def test_A_mail_that_is_hardly_one_starts_its_job_with_a_warning(self):
        mailbox = self.given_mailbox()
        task = self.given_task(mailbox)
        broken = [b"no header at all\r\n", b"\r\n", b"Subject: =?utf-8?B?!!!!?=\r\nContent-Type: multipart/mixed\r\n\r\nx",
                  b"From: \xff\xfe\x00@\r\nSubject: zero\x00byte\r\n\r\n\x00\x00"]
        for mail in broken:
            self.dovecot.deliver_many(mailbox["Email"], [mail])
        jobs = self.expect_jobs(task, len(broken))
        for job in jobs:
            self.assertIn("raw", job["payload"])
        eventually(lambda: all(flags == {"\\Seen"} for flags in self.dovecot.flags(mailbox["Email"]).values()),
                   "all of them to be marked")


if __name__ == "__main__":
    main()
