"""Mails that are moved away and back, and mails that equal each other to the byte."""

import sys
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parents[1] / part) for part in ("support", "servers")]
from mail import a_mail  # noqa: E402
from vocabulary import Story, eventually, main  # noqa: E402


class Repeated(Story):
    def move(self, mailbox, source, target):
        """All mails of a folder, by somebody with a mail program."""
        with self.dovecot.login(mailbox["Email"]) as session:
            session.create(target)
            session.select(source)
            status, answer = session.uid("MOVE", "1:*", target)
            self.assertEqual(status, "OK", answer)

    def rows(self, task):
        return [(row["state"], row["duplicate"]) for row in task.messages()]

    def test_A_mail_that_is_moved_away_and_back_starts_no_second_job(self):
        mailbox = self.given_mailbox()
        task = self.given_task(mailbox)
        self.deliver(mailbox, subject="Invoice")
        self.expect_jobs(task, 1, settle=0)
        for times in (1, 2):
            self.move(mailbox, "INBOX", "Elsewhere")
            self.move(mailbox, "Elsewhere", "INBOX")
            eventually(lambda: len(task.messages()) == 1 + times, "the mail to be decided on again")
            self.assertEqual(self.rows(task)[:times], [("skipped", True)] * times)
        self.host.stop()
        self.move(mailbox, "INBOX", "Elsewhere")
        self.move(mailbox, "Elsewhere", "INBOX")
        self.host.start()
        eventually(lambda: len(task.messages()) == 4, "the mail to be decided on after the restart")
        self.expect_jobs(task, 1)
        # Mail goes on as ever.
        self.deliver(mailbox, subject="Another")
        self.expect_jobs(task, 2)

    def test_Mails_that_equal_each_other_to_the_byte_each_start_a_job(self):
        mailbox = self.given_mailbox()
        task = self.given_task(mailbox)
        raw = a_mail(subject="The same")
        for count in (1, 2, 3):
            with self.dovecot.login(mailbox["Email"]) as session:
                session.append("INBOX", None, None, raw)
            self.expect_jobs(task, count, settle=0)
        self.expect_jobs(task, 3)
        self.assertEqual(self.rows(task), [("delivered", False)] * 3)


if __name__ == "__main__":
    main()
