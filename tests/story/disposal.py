"""What happens to a mail after its jobs were taken: marked or deleted, once, and nobody else's mail."""

import sys
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parents[1] / part) for part in ("support", "servers")]
from mail import a_mail  # noqa: E402
from vocabulary import ITEMS, Story, eventually, main  # noqa: E402


class Disposal(Story):
    def test_A_processed_mail_is_marked_as_read_by_default(self):
        mailbox = self.given_mailbox()
        self.assertFalse(mailbox["RemoveReceived"])
        task = self.given_task(mailbox)
        self.deliver(mailbox)
        self.expect_jobs(task, 1)
        self.expect_flags(mailbox, {1: {"\\Seen"}})

    def test_RemoveReceived_deletes_processed_mails_only(self):
        mailbox = self.given_mailbox(RemoveReceived=True)
        task = self.given_task(mailbox, Subject="order")
        self.deliver(mailbox, subject="An order")
        self.deliver(mailbox, subject="A note")
        self.deliver(mailbox, subject="Another order")
        self.expect_jobs(task, 2)
        self.expect_flags(mailbox, {2: set()})

    def test_Deleting_leaves_other_peoples_deletions_alone(self):
        mailbox = self.given_mailbox(RemoveReceived=True)
        self.dovecot.deliver_many(mailbox["Email"], [a_mail(subject="Old, deleted by a person but not expunged")])
        self.dovecot.store(mailbox["Email"], 1, "\\Deleted")
        task = self.given_task(mailbox)
        self.deliver(mailbox)
        self.expect_jobs(task, 1)
        self.expect_flags(mailbox, {1: {"\\Deleted"}})

    def test_A_mail_is_deleted_only_after_all_triggers_have_decided(self):
        mailbox = self.given_mailbox(RemoveReceived=True)
        first = self.given_task(mailbox, Subject="order")
        second = self.given_task(mailbox, From="@shop.example")
        for number in range(20):
            self.deliver(mailbox, subject=f"order {number}", sender="ann@shop.example")
        self.expect_jobs(first, 20)
        self.expect_jobs(second, 20)
        self.expect_flags(mailbox, {})

    def test_A_restart_deletes_nothing_that_one_of_the_triggers_has_not_seen(self):
        mailbox = self.given_mailbox(RemoveReceived=True)
        tasks = [self.given_task(mailbox) for _ in range(4)]
        for round_ in (1, 2, 3):
            self.assertEqual(self.host.stop(), 0)
            self.dovecot.deliver_many(mailbox["Email"], [a_mail(subject=f"Round {round_}") for _ in range(5)])
            self.host.start()
            for task in tasks:
                self.expect_jobs(task, 5 * round_, settle=0.1)
            self.expect_flags(mailbox, {})

    def test_An_edit_of_the_mailbox_deletes_nothing_that_one_of_the_triggers_has_not_seen(self):
        account = self.given_account()
        mailbox = self.given_mailbox("plain", account, RemoveReceived=True)
        tasks = [self.given_task(mailbox) for _ in range(4)]
        for round_ in range(10):
            self.dovecot.deliver_many(mailbox["Email"], [a_mail(subject=f"Edit {round_}") for _ in range(3)])
            self.host.put(f"{ITEMS}/{mailbox['id']}", self.mailbox_fields(*account, RemoveReceived=True))
        for task in tasks:
            self.expect_jobs(task, 30)
        self.expect_flags(mailbox, {})

    def test_RemoveReceived_switched_on_counts_for_mails_from_then_on(self):
        account = self.given_account()
        mailbox = self.given_mailbox("plain", account)
        task = self.given_task(mailbox)
        self.deliver(mailbox)
        self.expect_jobs(task, 1)
        self.expect_flags(mailbox, {1: {"\\Seen"}})
        changed = self.host.put(f"{ITEMS}/{mailbox['id']}",
                                {**self.mailbox_fields(*account), "RemoveReceived": True})
        self.assertTrue(changed["RemoveReceived"])
        self.deliver(mailbox)
        self.expect_jobs(task, 2)
        self.expect_flags(mailbox, {1: {"\\Seen"}})

    def test_A_processed_mail_is_moved_and_others_are_not(self):
        account = self.given_account()
        self.dovecot.create_folder(account[0], "Обработано")
        mailbox = self.given_mailbox("plain", account, MoveTo="Обработано", Keyword="robot")
        self.assertEqual((mailbox["MoveTo"], mailbox["Keyword"]), ("Обработано", "robot"))
        task = self.given_task(mailbox, Subject="order")
        for subject in ("An order", "A note", "Another order"):
            self.deliver(mailbox, subject=subject)
        self.expect_jobs(task, 2)
        self.expect_flags(mailbox, {2: set()})
        self.expect_flags(mailbox, {1: {"\\Seen", "robot"}, 2: {"\\Seen", "robot"}}, folder="Обработано")

    def test_A_folder_to_move_to_that_is_not_there_holds_up_no_job_and_may_be_corrected(self):
        account = self.given_account()
        self.dovecot.create_folder(account[0], "Done")
        mailbox = self.given_mailbox("plain", account, MoveTo="Dnoe")
        task = self.given_task(mailbox)
        for _ in range(3):
            self.deliver(mailbox)
        self.expect_jobs(task, 3)
        self.expect_flags(mailbox, {uid: {"\\Seen"} for uid in (1, 2, 3)})
        shown = eventually(lambda: self.mailbox_now(mailbox)["error"] and self.mailbox_now(mailbox), "the page to tell")
        self.assertIn(shown["state"], ("watching", "polling"))
        self.assertEqual(shown["error"]["step"], "dispose")
        self.assertIn("Dnoe", shown["error"]["advice"])
        self.host.put(f"{ITEMS}/{mailbox['id']}", {**self.mailbox_fields(*account), "MoveTo": "Done"})
        self.deliver(mailbox)
        self.expect_jobs(task, 4)
        eventually(lambda: self.dovecot.flags(mailbox["Email"]) == {}, "all of them to be moved", patience=90)
        self.expect_flags(mailbox, {uid: {"\\Seen"} for uid in (1, 2, 3, 4)}, folder="Done")
        eventually(lambda: self.mailbox_now(mailbox)["error"] is None, "the page to be content")

    def test_A_trigger_may_watch_the_folder_that_mails_are_moved_to(self):
        account = self.given_account()
        self.dovecot.create_folder(account[0], "Second")
        mailbox = self.given_mailbox("plain", account, MoveTo="Second")
        first, second = self.given_task(mailbox), self.given_task(mailbox, Folder="Second")
        for _ in range(5):
            self.deliver(mailbox)
        self.expect_jobs(first, 5)
        self.expect_jobs(second, 5)
        self.expect_flags(mailbox, {})
        self.expect_flags(mailbox, {uid: {"\\Seen"} for uid in range(1, 6)}, folder="Second")

    def test_What_can_not_be_done_to_a_mail_is_refused_in_the_form(self):
        account = self.given_account()
        for values, field in (({"MoveTo": "Done", "RemoveReceived": True}, "MoveTo"), ({"MoveTo": "inbox"}, "MoveTo"),
                              ({"Keyword": "two words"}, "Keyword"), ({"Keyword": "\\Flagged"}, "Keyword")):
            answer = self.host.post(ITEMS, {**self.mailbox_fields(*account), **values}, expect=422)
            self.assertEqual([error["field"] for error in answer["errors"]], [field], values)

    def test_A_mail_that_vanishes_meanwhile_hurts_nobody(self):
        mailbox = self.given_mailbox(RemoveReceived=True)
        task = self.given_task(mailbox)
        session = self.dovecot.login(mailbox["Email"])
        self.addCleanup(session.logout)
        session.select("INBOX")
        for number in range(10):
            self.deliver(mailbox, subject=f"Number {number}")
            session.uid("STORE", "1:*", "+FLAGS", "\\Deleted")
            session.expunge()
        self.deliver(mailbox, subject="The last one")
        eventually(lambda: any(job["payload"]["subject"] == "The last one"
                               for job in map(task.job, [job["id"] for job in task.jobs()])), "the last mail's job")
        self.assertLessEqual(len(task.jobs()), 11)
        self.expect_flags(mailbox, {})
        self.assertIn(self.mailbox_now(mailbox)["state"], ("watching", "polling"))


if __name__ == "__main__":
    main()
