"""A mail of 100 MB: the memory of the process does not grow with it, from the server's first byte to the job's."""

import sys
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parents[1] / part) for part in ("support", "servers")]
from exchange_mailboxes import ExchangeMailboxes  # noqa: E402
from mail import a_large_mail, a_mail  # noqa: E402
from vocabulary import Story, main  # noqa: E402

SIZE = 100 << 20
MOST_MORE = 16 << 20


class LargeMail(Story):
    def memory_that_it_takes(self, connection):
        mailbox = self.given_mailbox(connection)
        task = self.given_task(mailbox, then="wc -c < \"$ORCH_JOB_PAYLOAD\"")
        # What is loaded and cached with the first mail is not the large one's.
        self.dovecot.deliver_many(mailbox["Email"], [a_mail()])
        self.expect_jobs(task, 1, settle=1)
        self.host.forget_peak_memory()
        before = self.host.memory("VmRSS")
        self.dovecot.deliver_many(mailbox["Email"], [a_large_mail(SIZE)])
        job = self.expect_jobs(task, 2, patience=120)[-1]
        attachment, = job["payload"]["attachments"]
        self.assertGreater(attachment["size"], SIZE * 2 // 3)
        return self.host.memory("VmHWM") - before

    def test_Pain_11_a_large_mail_takes_no_memory(self):
        for connection in ("plain", "tls"):
            with self.subTest(connection):
                more = self.memory_that_it_takes(connection)
                print(f"{connection}: {more / (1 << 20):.1f} MB more at its peak")
                self.assertLess(more, MOST_MORE)


class LargeMailOnExchange(ExchangeMailboxes, LargeMail):
    pass


if __name__ == "__main__":
    main()
