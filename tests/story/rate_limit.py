"""At most one start per N ms for each trigger (ChainLimiterTriggerEventTime): it delays, and loses nothing."""

import sys
from datetime import datetime
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parents[1] / part) for part in ("support", "servers")]
from host import configuration  # noqa: E402
from vocabulary import Story, eventually, main  # noqa: E402

GAP = 0.5


def created(job):
    return datetime.fromisoformat(job["createdAt"].replace("Z", "+00:00")).timestamp()


class RateLimit(Story):
    def host_configuration(self):
        return configuration(Assignment={"ChainLimiterTriggerEventTime": int(GAP * 1000)})

    def expect_gaps(self, jobs):
        times = sorted(created(job) for job in jobs)
        gaps = [later - earlier for earlier, later in zip(times, times[1:])]
        self.assertGreaterEqual(min(gaps), GAP - 0.0015, gaps)  # both ends are cut to milliseconds

    def test_Mails_that_come_together_start_their_jobs_one_after_the_other(self):
        mailbox = self.given_mailbox()
        task = self.given_task(mailbox)
        for _ in range(6):
            self.deliver(mailbox)
        jobs = self.expect_jobs(task, 6)
        self.expect_gaps(jobs)
        received = [row["receivedAt"] for row in reversed(task.messages())]
        self.assertEqual(received, sorted(received))
        self.assertTrue(all(row["state"] == "delivered" for row in task.messages()))

    def test_Each_trigger_has_turns_of_its_own(self):
        mailbox = self.given_mailbox()
        busy = self.given_task(mailbox)
        quiet = self.given_task(mailbox, Subject="Urgent")
        for _ in range(8):
            self.deliver(mailbox)
        self.deliver(mailbox, subject="Urgent")
        eventually(lambda: quiet.jobs(), "the quiet trigger's job")
        self.assertLess(len(busy.jobs()), 9, "it did not wait for the busy trigger's")
        self.expect_gaps(self.expect_jobs(busy, 9))
        self.expect_jobs(quiet, 1)

    def test_What_waits_is_started_after_a_crash_at_the_same_pace(self):
        mailbox = self.given_mailbox()
        task = self.given_task(mailbox)
        for _ in range(6):
            self.deliver(mailbox)
        eventually(lambda: len(task.jobs()) >= 2, "the first jobs")
        self.host.kill()
        self.host.start()
        self.expect_gaps(self.expect_jobs(task, 6))
        self.assertEqual(sum(len(flags & {"\\Seen"}) for flags in self.wait_all_seen(mailbox, 6).values()), 6)

    def wait_all_seen(self, mailbox, count):
        def all_seen():
            flags = self.dovecot.flags(mailbox["Email"], "INBOX")
            return flags if sum("\\Seen" in each for each in flags.values()) == count else None

        return eventually(all_seen, "all mails to be marked as read")


if __name__ == "__main__":
    main()
