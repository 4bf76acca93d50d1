"""Many mails at once, small windows, one job for a pass, and tasks side by side."""

import sys
import threading
import time
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parents[1] / part) for part in ("support", "servers")]
from mail import a_mail, mails_of_size  # noqa: E402
from vocabulary import Story, eventually, main  # noqa: E402


class Crowds(Story):
    def messages_of(self, jobs):
        return sorted(job["payload"]["messageId"] for job in jobs)

    def test_A_window_of_one_with_fifty_mails_waiting(self):
        mailbox = self.given_mailbox()
        task = self.given_task(mailbox, WindowSize=1)
        task.stop()
        self.dovecot.deliver_many(mailbox["Email"], [a_mail(subject=f"Number {n:02}") for n in range(50)])
        began = time.monotonic()
        task.start()
        jobs = self.expect_jobs(task, 50)
        # The rest follows at once and not at the next poll.
        self.assertLess(time.monotonic() - began, 25)
        self.assertEqual(len(set(self.messages_of(jobs))), 50)
        self.assertEqual([job["payload"]["subject"] for job in jobs], [f"Number {n:02}" for n in range(50)])

    def test_A_window_of_one_where_only_the_last_mail_matches(self):
        mailbox = self.given_mailbox()
        task = self.given_task(mailbox, WindowSize=1, Subject="the one")
        self.dovecot.deliver_many(mailbox["Email"], [a_mail(subject="noise") for _ in range(50)])
        self.deliver(mailbox, subject="This is the one")
        self.expect_jobs(task, 1)

    def test_A_thousand_mails_in_one_go(self):
        mailbox = self.given_mailbox()
        task = self.given_task(mailbox)
        self.wait_state(mailbox, "watching")
        self.dovecot.deliver_many(mailbox["Email"], mails_of_size(1000, 500, 5000))
        jobs = self.expect_jobs(task, 1000, patience=240)
        self.assertEqual(len(set(self.messages_of(jobs))), 1000)
        eventually(lambda: set(map(frozenset, self.dovecot.flags(mailbox["Email"]).values())) == {frozenset(["\\Seen"])},
                   "all of them to be marked as read", patience=60)
        self.assertEqual(len(task.messages()), 1000)

    def test_Many_mails_beside_another_client_in_the_mailbox(self):
        mailbox = self.given_mailbox(RemoveReceived=True)
        task = self.given_task(mailbox, Subject="even")
        stop = threading.Event()

        def another_client():
            session = self.dovecot.login(mailbox["Email"])
            while not stop.wait(0.05):
                session.select("INBOX")
                session.uid("FETCH", "1:*", "(FLAGS)")
            session.logout()

        thread = threading.Thread(target=another_client)
        thread.start()
        try:
            self.dovecot.deliver_many(mailbox["Email"], [
                a_mail(subject=f"{'even' if n % 2 == 0 else 'odd'} {n}") for n in range(300)])
            self.expect_jobs(task, 150, patience=120)
        finally:
            stop.set()
            thread.join()
        eventually(lambda: len(self.dovecot.uids(mailbox["Email"])) == 150, "the matched mails to be deleted")
        self.assertEqual(set(map(frozenset, self.dovecot.flags(mailbox["Email"]).values())), {frozenset()})

    def test_One_job_for_all_the_mails_of_a_pass(self):
        mailbox = self.given_mailbox()
        task = self.given_task(mailbox, Launch="perPass", WindowSize=10)
        task.stop()
        self.dovecot.deliver_many(mailbox["Email"], [a_mail(subject=f"Number {n:02}") for n in range(25)])
        task.start()
        jobs = self.expect_jobs(task, 3)
        self.assertEqual([len(job["payload"]["mails"]) for job in jobs], [10, 10, 5])
        for job in jobs:
            self.assertEqual(job["payload"]["mailbox"]["address"], mailbox["Email"])
        subjects = [mail["subject"] for job in jobs for mail in job["payload"]["mails"]]
        self.assertEqual(subjects, [f"Number {n:02}" for n in range(25)])
        eventually(lambda: set(map(frozenset, self.dovecot.flags(mailbox["Email"]).values())) == {frozenset(["\\Seen"])},
                   "all of them to be marked as read")

    def test_Tasks_on_many_mailboxes_do_not_mix_their_mails(self):
        mailboxes = [self.given_mailbox() for _ in range(8)]
        tasks = [self.given_task(mailbox) for mailbox in mailboxes]
        sent = [[] for _ in mailboxes]
        for number in range(10):
            for at, mailbox in enumerate(mailboxes):
                mail = f"{number}.{at}.{mailbox['id']}@shop.example"
                sent[at].append(mail)
                self.dovecot.deliver_many(mailbox["Email"], [a_mail(identifier=mail)])
        for at, task in enumerate(tasks):
            jobs = self.expect_jobs(task, 10, settle=0.1, patience=60)
            self.assertEqual(sorted(mail.strip("<>") for mail in self.messages_of(jobs)), sorted(sent[at]))

    def test_Two_triggers_fetch_a_mail_once(self):
        mailbox = self.given_mailbox()
        first = self.given_task(mailbox)
        second = self.given_task(mailbox)
        big = a_mail(attachments=[("big.bin", "application/octet-stream", bytes(3_000_000))])
        self.dovecot.deliver(mailbox["Email"], big)
        self.expect_jobs(first, 1)
        self.expect_jobs(second, 1)
        self.assertEqual(self.host.stop(), 0)
        # Dovecot writes what it sent when a session ends: "in=... out=...".
        sent = eventually(lambda: sum(
            int(line.split(" out=")[1].split()[0]) for line in self.dovecot.log().splitlines()
            if f"imap({mailbox['Email']})" in line and " out=" in line), "the server's count of bytes")
        self.assertGreater(sent, len(big))
        self.assertLess(sent, 2 * len(big))

    def test_A_task_with_slow_jobs_does_not_hold_up_another(self):
        slow_mailbox, quick_mailbox = self.given_mailbox(), self.given_mailbox()
        slow = self.given_task(slow_mailbox, then="sleep 2")
        quick = self.given_task(quick_mailbox)
        for _ in range(4):
            self.deliver(slow_mailbox)
        eventually(lambda: len(slow.jobs()) == 4, "the slow jobs to be there")
        self.deliver(quick_mailbox)
        self.expect_jobs(quick, 1, settle=0, patience=1.9)
        self.expect_jobs(slow, 4)


if __name__ == "__main__":
    main()
