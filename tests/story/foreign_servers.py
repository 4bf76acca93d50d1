"""What holds on Dovecot holds on Debian's Cyrus and Courier too, by IMAP and by POP3."""

import sys
import time
import unittest
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parents[1] / part) for part in ("support", "servers")]
import unpacked  # noqa: E402
from courier import Courier  # noqa: E402
from cyrus import Cyrus  # noqa: E402
from mail import a_mail, mails_of_size  # noqa: E402
from pop3_mailboxes import Pop3Mailboxes  # noqa: E402
from vocabulary import ITEMS, Story, eventually, main  # noqa: E402


class OnForeignServer(Story):
    """The story's server stands where Dovecot stands in the others."""

    @classmethod
    def setUpClass(cls):
        reason = unpacked.why_not()
        if reason:
            raise unittest.SkipTest(reason)
        super().setUpClass()

    @property
    def server(self):
        return self.dovecot


class ByEitherProtocol(OnForeignServer):
    def test_A_wrong_password_is_called_so(self):
        address, password = self.given_account()
        mailbox = self.given_mailbox("plain", (address, "not " + password))
        self.given_task(mailbox, wait=False)
        self.assertEqual(self.wait_state(mailbox, "loginRefused")["error"]["step"], "login")


class ByImap(ByEitherProtocol):
    def test_A_mail_starts_one_job_over_each_kind_of_connection(self):
        for connection in ("plain", "starttls", "tls", "opportunistic"):
            with self.subTest(connection):
                mailbox = self.given_mailbox(connection)
                task = self.given_task(mailbox)
                self.assertEqual(self.wait_state(mailbox, "watching")["mode"], "IMAP IDLE")
                identifier = self.deliver(mailbox, subject=f"Заявка по {connection}")
                job, = self.expect_jobs(task, 1)
                self.assertEqual(job["payload"]["messageId"].strip("<>"), identifier)
                self.assertEqual(job["payload"]["subject"], f"Заявка по {connection}")
                self.expect_flags(mailbox, {1: {"\\Seen"}})

    def test_Mail_is_told_by_push_and_not_found_by_the_safety_look(self):
        mailbox = self.given_mailbox()
        task = self.given_task(mailbox, IntervalSeconds=600)
        self.wait_state(mailbox, "watching")
        for count in (1, 2, 3):
            time.sleep(1)
            began = time.monotonic()
            self.deliver(mailbox)
            eventually(lambda: len(task.jobs()) == count, "the job")
            self.assertLess(time.monotonic() - began, 10)
        self.expect_jobs(task, 3)

    def test_A_folder_named_in_Cyrillic_is_watched_by_its_name(self):
        account = self.given_account()
        self.server.create_folder(account[0], "Заявки")
        name = self.server.prefix + "Заявки"
        mailbox = self.given_mailbox("plain", account, ImapFolder=name)
        task = self.given_task(mailbox)
        self.deliver(mailbox, folder="Заявки")
        job, = self.expect_jobs(task, 1)
        self.assertEqual(job["payload"]["mailbox"]["folder"], name)
        self.expect_flags(mailbox, {1: {"\\Seen"}}, "Заявки")
        self.deliver(mailbox)
        self.expect_jobs(task, 1)

    def test_A_folder_below_a_folder_is_watched_by_the_name_that_the_list_shows(self):
        account = self.given_account()
        for folder in ("Заказы", "Заказы/Новые"):
            self.server.create_folder(account[0], folder)
        answer = self.host.post(f"{ITEMS.rsplit('/', 1)[0]}/actions/folders",
                                {"values": self.mailbox_fields(*account)}, expect=200)
        name = self.server.prefix + "Заказы" + self.server.separator + "Новые"
        self.assertIn(name, [item["name"] for item in answer["items"]])
        mailbox = self.given_mailbox("plain", account, ImapFolder=name)
        task = self.given_task(mailbox)
        self.deliver(mailbox, folder="Заказы/Новые")
        self.expect_jobs(task, 1)

    def test_RemoveReceived_deletes_processed_mails_only_and_nobody_elses_deletions(self):
        mailbox = self.given_mailbox(RemoveReceived=True)
        self.server.deliver(mailbox["Email"], a_mail(subject="Deleted by a person but not expunged"))
        self.server.store(mailbox["Email"], 1, "\\Deleted")
        task = self.given_task(mailbox, Subject="order")
        for subject in ("An order", "A note", "Another order"):
            self.deliver(mailbox, subject=subject)
        self.expect_jobs(task, 2)
        self.expect_flags(mailbox, {1: {"\\Deleted"}, 3: set()})

    def test_A_processed_mail_is_moved_to_a_folder(self):
        account = self.given_account()
        self.server.create_folder(account[0], "Готово")
        mailbox = self.given_mailbox("plain", account, MoveTo=self.server.prefix + "Готово", Keyword="robot")
        task = self.given_task(mailbox)
        for _ in range(3):
            self.deliver(mailbox)
        self.expect_jobs(task, 3)
        self.expect_flags(mailbox, {})
        self.expect_flags(mailbox, {uid: {"\\Seen", "robot"} for uid in (1, 2, 3)}, "Готово")

    def test_A_thousand_mails_in_one_go(self):
        mailbox = self.given_mailbox()
        task = self.given_task(mailbox)
        self.wait_state(mailbox, "watching")
        self.server.deliver_many(mailbox["Email"], mails_of_size(1000, 500, 5000))
        jobs = self.expect_jobs(task, 1000, patience=240)
        self.assertEqual(len({job["payload"]["messageId"] for job in jobs}), 1000)
        eventually(lambda: set(map(frozenset, self.server.flags(mailbox["Email"]).values())) == {frozenset(["\\Seen"])},
                   "all of them to be marked as read", patience=60)

    def test_A_server_that_was_stopped_is_found_again_and_repeats_nothing(self):
        mailbox = self.given_mailbox()
        jobs = self.expect_jobs_around_an_outage(mailbox, self.given_task(mailbox))
        self.assertEqual([job["payload"]["subject"] for job in jobs], ["Before", "After"])
        self.assertIsNone(self.wait_state(mailbox, "watching")["error"])

    def test_A_folder_that_is_not_there_is_called_so(self):
        mailbox = self.given_mailbox(ImapFolder="Заявки")
        self.given_task(mailbox, wait=False)
        error = self.wait_state(mailbox, "error")["error"]
        self.assertEqual(error["step"], "folder")
        self.assertIn("Заявки", str(error))


class ByPop3(Pop3Mailboxes, ByEitherProtocol):
    def test_A_mail_starts_one_job_over_each_kind_of_connection_and_stays(self):
        for connection in ("plain", "starttls", "tls", "opportunistic"):
            with self.subTest(connection):
                mailbox = self.given_mailbox(connection)
                task = self.given_task(mailbox)
                identifier = self.deliver(mailbox, text="Line\r\n.\r\n..dots\r\n")
                job, = self.expect_jobs(task, 1, settle=2.5)
                self.assertEqual(job["payload"]["messageId"].strip("<>"), identifier)
                self.assertEqual(job["payload"]["text"].replace("\r", ""), "Line\n.\n..dots\n")
                self.assertEqual(len(self.server.uids(mailbox["Email"])), 1)

    def test_A_restart_of_host_and_server_repeats_nothing(self):
        mailbox = self.given_mailbox()
        task = self.given_task(mailbox)
        for number in range(5):
            self.deliver(mailbox, subject=f"Before {number}")
        self.expect_jobs(task, 5)
        self.assertEqual(self.host.stop(), 0)
        self.server.stop()
        self.server.start()
        self.host.start()
        self.deliver(mailbox, subject="After")
        jobs = self.expect_jobs(task, 6, settle=2.5)
        self.assertEqual(jobs[-1]["payload"]["subject"], "After")
        self.assertEqual(len(self.server.uids(mailbox["Email"])), 6)

    def test_RemoveReceived_deletes_processed_mails_only(self):
        mailbox = self.given_mailbox(RemoveReceived=True)
        task = self.given_task(mailbox, Subject="order")
        for subject in ("An order", "A note", "Another order"):
            self.deliver(mailbox, subject=subject)
        self.expect_jobs(task, 2)
        eventually(lambda: len(self.server.uids(mailbox["Email"])) == 1, "the orders to be deleted")


class CyrusByImap(ByImap):
    mail_server = Cyrus


class CyrusWithFoldersBesideInbox(OnForeignServer):
    mail_server = Cyrus
    dovecot_options = {"alternative": True}

    test_A_folder_named_in_Cyrillic_is_watched_by_its_name = ByImap.test_A_folder_named_in_Cyrillic_is_watched_by_its_name


class CyrusByPop3(ByPop3):
    mail_server = Cyrus


class CourierByImap(ByImap):
    mail_server = Courier


class CourierByPop3(ByPop3):
    mail_server = Courier


# They are what the classes above are made of, and no stories themselves.
del ByEitherProtocol, ByImap, ByPop3


if __name__ == "__main__":
    main()
