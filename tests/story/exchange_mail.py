"""Mails on an Exchange server: each starts its job once, is disposed of as its mailbox says, and costs little."""

import sys
from collections import Counter
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parents[1] / part) for part in ("support", "servers")]
from exchange import faults  # noqa: E402
from exchange_mailboxes import ExchangeStory  # noqa: E402
from mail import a_large_mail, a_mail, mails_of_size  # noqa: E402
from vocabulary import ITEMS, eventually, main  # noqa: E402


class Mail(ExchangeStory):
    most_reading, most_requests = 10, 30

    def test_A_mail_starts_its_job_once_over_each_kind_of_connection_and_is_marked_as_read(self):
        for connection in ("plain", "tls"):
            with self.subTest(connection):
                mailbox, task = self.given_watched(connection=connection)
                self.assertEqual(self.mailbox_now(mailbox)["mode"], "EWS streaming")
                identifier = self.deliver(mailbox, subject=f"Счёт by {connection}", text="Line\r\n.\r\n..dots\r\n",
                                          attachments=[("счёт.pdf", "application/pdf", b"%PDF-1.4 " + bytes(range(256)))])
                payload = self.expect_jobs(task, 1)[0]["payload"]
                self.assertEqual(payload["subject"], f"Счёт by {connection}")
                self.assertEqual(payload["messageId"], identifier)
                self.assertEqual(payload["text"].replace("\r", ""), "Line\n.\n..dots\n")
                self.assertEqual(payload["mailbox"]["protocol"], "MS Exchange")
                self.assertEqual([one["name"] for one in payload["attachments"]], ["счёт.pdf"])
                item, = self.exchange.mails(mailbox["Email"])
                self.assertEqual(payload["uid"], item.id)
                self.expect_flags(mailbox, {item.id: {"\\Seen"}})
                self.assertEqual(task.messages()[0]["reason"]["code"], "matched")

    def test_A_mail_is_pushed_and_not_waited_for(self):
        mailbox, task = self.given_watched(parameters={"IntervalSeconds": 600})
        self.wait_state(mailbox, "watching")
        for count in range(1, 4):
            self.deliver(mailbox)
            self.expect_jobs(task, count, patience=10)

    def test_What_was_there_is_passed_over_or_taken_as_the_trigger_says(self):
        mailbox = self.given_mailbox()
        self.exchange.deliver_many(mailbox["Email"], [a_mail(subject=f"Read {n}") for n in range(3)], flags="S")
        self.exchange.deliver_many(mailbox["Email"], [a_mail(subject=f"Unread {n}") for n in range(2)])
        new = self.given_task(mailbox)
        unread = self.given_task(mailbox, StartFrom="unread")
        everything = self.given_task(mailbox, StartFrom="all")
        self.expect_jobs(everything, 5)
        self.expect_jobs(unread, 2)
        self.deliver(mailbox, subject="New")
        self.expect_jobs(everything, 6)
        self.expect_jobs(unread, 3)
        self.expect_jobs(new, 1)
        self.assertEqual(self.subjects(unread), ["New", "Unread 0", "Unread 1"])

    def test_Mails_are_taken_in_the_order_in_which_they_came(self):
        mailbox = self.given_mailbox()
        subjects = [f"Number {number:03}" for number in range(30)]
        self.exchange.deliver_many(mailbox["Email"], [a_mail(subject=subject) for subject in subjects])
        task = self.given_task(mailbox, StartFrom="all", Launch="perPass")
        job, = self.expect_jobs(task, 1)
        self.assertEqual([mail["subject"] for mail in job["payload"]["mails"]], subjects)

    def test_RemoveReceived_deletes_processed_mails_only(self):
        mailbox, task = self.given_watched(RemoveReceived=True, parameters={"Subject": "order"})
        for subject in ("An order", "A note", "Another order"):
            self.deliver(mailbox, subject=subject)
        self.expect_jobs(task, 2)
        eventually(lambda: len(self.exchange.mails(mailbox["Email"])) == 1, "the orders to be deleted")
        self.assertEqual(len(self.exchange.recoverable(mailbox["Email"])), 2)

    def test_A_processed_mail_is_moved_and_gets_its_category_beside_others(self):
        mailbox, task = self.given_watched(MoveTo="INBOX/Готово", Keyword="Обработано роботом")
        self.exchange.create_folder(mailbox["Email"], "INBOX/Готово")
        self.exchange.deliver(mailbox["Email"], a_mail(), categories=("Red",))
        self.expect_jobs(task, 1)
        eventually(lambda: not self.exchange.mails(mailbox["Email"]), "the mail to be moved")
        moved, = self.exchange.mails(mailbox["Email"], "INBOX/Готово")
        self.assertEqual(set(moved.categories), {"Red", "Обработано роботом"})
        self.assertTrue(moved.read)

    def test_A_folder_to_move_to_that_is_not_there_keeps_no_job_from_starting(self):
        mailbox, task = self.given_watched(MoveTo="Nowhere")
        self.deliver(mailbox)
        self.expect_jobs(task, 1)
        error = eventually(lambda: self.mailbox_now(mailbox)["error"], "the error to be shown")
        self.assertIn("Nowhere", error["serverText"])
        self.assertEqual(len(self.exchange.mails(mailbox["Email"])), 1)

    def test_A_folder_of_any_name_is_watched_by_its_path(self):
        mailbox = self.given_mailbox()
        for folder in ("INBOX/Заказы/2026", "Projects"):
            self.exchange.create_folder(mailbox["Email"], folder)
            task = self.given_task(mailbox, Folder=folder)
            self.deliver(mailbox, folder=folder, subject=folder)
            self.deliver(mailbox, subject="Elsewhere")
            self.expect_jobs(task, 1)
            self.assertEqual(self.subjects(task), [folder])
        names = self.host.post(f"{ITEMS.rsplit('/', 1)[0]}/actions/folders", {"id": mailbox["id"], "values": {}}, expect=200)
        names = [item["name"] for item in names["items"]]
        self.assertEqual(names[0], "INBOX")
        self.assertLessEqual({"INBOX/Заказы", "INBOX/Заказы/2026", "Projects"}, set(names))

    def test_A_folder_that_is_not_there_is_named_with_those_that_are(self):
        mailbox = self.given_mailbox()
        self.given_task(mailbox, Folder="Ordres", wait=False)
        error = self.wait_state(mailbox, "error")["error"]
        self.assertEqual(error["step"], "folder")
        self.assertIn("Ordres", error["serverText"])

    def test_A_mail_of_thirty_megabytes_is_streamed_into_the_spool(self):
        mailbox, task = self.given_watched()
        self.exchange.deliver(mailbox["Email"], a_large_mail(1000))
        self.expect_jobs(task, 1)
        self.host.forget_peak_memory()
        before = self.host.memory()
        mail = a_large_mail(30 << 20)
        self.exchange.deliver(mailbox["Email"], mail)
        payload = self.expect_jobs(task, 2, patience=90)[-1]["payload"]
        self.assertGreater(Path(payload["raw"]).stat().st_size, 30 << 20)
        self.assertEqual([one["name"] for one in payload["attachments"]], ["large.bin"])
        if self.host.memory_is_its_own():
            self.assertLess(self.host.memory("VmHWM") - before, 20 << 20)

    def test_A_thousand_pushed_mails_cost_fewer_than_thirty_requests(self):
        mailbox, task = self.given_watched(parameters={"Launch": "perPass"})
        self.wait_state(mailbox, "watching")
        eventually(lambda: self.exchange.sessions(mailbox["Email"]), "a stream to hang")
        before = len(self.exchange.requests)
        for _ in range(2):
            self.exchange.deliver_many(mailbox["Email"], mails_of_size(500, 10_000, 50_000))
            eventually(lambda: all(item.read for item in self.exchange.mails(mailbox["Email"])), "all to be read", 120)
        self.assertEqual(sum(len(task.job(job["id"])["payload"]["mails"]) for job in task.jobs()), 1000)
        asked = Counter(one.operation for one in self.exchange.requests[before:] if one.address == mailbox["Email"])
        # A window's mails come whole in one answer, and are marked in one request.
        self.assertLessEqual(asked["GetItem"], self.most_reading, asked)
        self.assertLess(asked.total(), self.most_requests, asked)

    def test_The_rest_of_what_was_told_is_read_without_asking_for_more_and_nothing_is_missed(self):
        mailbox, task = self.given_watched(parameters={"WindowSize": 2, "IntervalSeconds": 600})
        self.wait_state(mailbox, "watching")
        eventually(lambda: self.exchange.sessions(mailbox["Email"]), "a stream to hang")
        # The third of three is read while a fourth comes.
        self.exchange.fail_next("GetItem", faults.stall(0))
        self.exchange.fail_next("GetItem", faults.stall(2))
        self.exchange.deliver_many(mailbox["Email"], [a_mail(subject=f"Number {n}") for n in range(3)])
        eventually(lambda: self.asked(mailbox, "GetItem") == 2, "the third to be asked for")
        self.deliver(mailbox, subject="Number 3")
        self.expect_jobs(task, 4, patience=20)


class Once(ExchangeStory):
    def test_A_mail_that_is_moved_away_and_back_under_another_id_starts_nothing_again(self):
        mailbox, task = self.given_watched()
        self.deliver(mailbox)
        self.expect_jobs(task, 1)
        item, = self.exchange.uids(mailbox["Email"])
        moved = self.exchange.move(mailbox["Email"], item, "Elsewhere")
        back = self.exchange.move(mailbox["Email"], moved, "INBOX")
        self.assertNotEqual(back, item)
        eventually(lambda: any(row["duplicate"] for row in task.messages()), "the mail to be known again")
        self.expect_jobs(task, 1)
        self.deliver(mailbox)
        self.expect_jobs(task, 2)

    def test_Two_equal_mails_are_two(self):
        mailbox, task = self.given_watched()
        mail = a_mail(subject="The same")
        for count in (1, 2, 3):
            self.exchange.deliver(mailbox["Email"], mail)
            self.expect_jobs(task, count)

    def test_What_another_client_does_to_a_mail_starts_nothing(self):
        mailbox, task = self.given_watched()
        self.deliver(mailbox)
        self.expect_jobs(task, 1)
        item, = self.exchange.uids(mailbox["Email"])
        self.exchange.store(mailbox["Email"], item, "A category")
        self.exchange.deliver(mailbox["Email"], a_mail(), read=True)
        self.expect_jobs(task, 2)

    def test_A_restart_of_the_host_repeats_nothing_and_loses_nothing(self):
        mailbox, task = self.given_watched()
        self.deliver(mailbox, subject="Before")
        self.expect_jobs(task, 1)
        self.assertEqual(self.host.stop(), 0)
        self.deliver(mailbox, subject="Meanwhile")
        self.host.start()
        self.expect_jobs(task, 2)
        self.assertEqual(self.subjects(task), ["Before", "Meanwhile"])

    def test_A_host_that_is_killed_again_and_again_starts_each_job_once(self):
        mailbox = self.given_mailbox(RemoveReceived=True)
        task = self.given_task(mailbox, StartFrom="all", WindowSize=3)
        delivered = 0
        for _ in range(4):
            self.exchange.deliver_many(mailbox["Email"], [a_mail(subject=f"Kill {delivered + n}") for n in range(12)])
            delivered += 12
            eventually(lambda: len(task.jobs()) > delivered - 12, "the first of them")
            self.host.kill()
            self.host.start()
        jobs = self.expect_jobs(task, delivered, all_succeed=False, patience=90)
        self.assertEqual(len({job["payload"]["subject"] for job in jobs}), delivered)
        eventually(lambda: not self.exchange.mails(mailbox["Email"]), "all to be deleted")

    def test_A_state_that_the_server_does_not_know_any_more_repeats_nothing(self):
        mailbox, task = self.given_watched(parameters={"StartFrom": "all"})
        self.exchange.deliver_many(mailbox["Email"], [a_mail(subject=f"Early {n}") for n in range(5)])
        self.expect_jobs(task, 5)
        self.exchange.expire_sync_states()
        self.deliver(mailbox, subject="Late")
        self.expect_jobs(task, 6)
        self.assertFalse(any(row["duplicate"] for row in task.messages()))

    def test_Mails_that_are_named_anew_under_a_session_start_nothing_again(self):
        mailbox = self.given_mailbox()
        self.exchange.deliver_many(mailbox["Email"], [a_mail(subject=f"Old {n}") for n in range(3)])
        task = self.given_task(mailbox)
        self.deliver(mailbox, subject="Before")
        self.expect_jobs(task, 1)
        self.exchange.name_all_anew(mailbox["Email"])
        self.deliver(mailbox, subject="After")
        self.expect_jobs(task, 2)
        self.assertEqual(self.subjects(task), ["After", "Before"])

    def test_A_restart_of_the_server_repeats_nothing(self):
        mailbox, task = self.given_watched()
        self.expect_jobs_around_an_outage(mailbox, task)
        self.assertIsNone(self.wait_state(mailbox, "watching")["error"])

    def test_An_answer_that_breaks_off_is_asked_for_again(self):
        mailbox, task = self.given_watched()
        self.exchange.fail_next("GetItem", faults.drop(after=2000), times=2)
        self.deliver(mailbox, text="x" * 5000)
        self.expect_jobs(task, 1)
        self.exchange.fail_next("UpdateItem", faults.drop())
        self.deliver(mailbox)
        self.expect_jobs(task, 2)
        eventually(lambda: all(item.read for item in self.exchange.mails(mailbox["Email"])), "both to be read")


if __name__ == "__main__":
    main()
