"""The brake of a task: what follows too many starts is held, shown, and let go or given up by a person."""

import sys
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parents[1] / part) for part in ("support", "servers")]
from mail import mails_of_size  # noqa: E402
from vocabulary import Story, eventually, main  # noqa: E402


class Brake(Story):
    def act(self, task, row, action, expect=200, **options):
        return self.host.post(f"/api/triggers/{task.trigger}/messages/{row}/{action}", expect=expect, **options)

    def becomes_held(self, task, count):
        eventually(lambda: (task.state()["held"] or {}).get("count") == count,
                   lambda: f"{count} starts to be held; the trigger says {task.state()}")
        return task.state()["held"]

    def journal_of(self, task, name):
        return [event for event in self.host.every("/api/journal")
                if event["name"] == name and event["subject"]["id"] == task.trigger]

    def given_flood(self, starts, mails, **parameters):
        """A task whose brake allows `starts`, with so many old mails that all match."""
        mailbox = self.given_mailbox()
        self.dovecot.deliver_many(mailbox["Email"], mails_of_size(mails, 200, 400))
        return mailbox, self.given_task(mailbox, StartFrom="all", BrakeStarts=starts, **parameters)

    def test_Pain_09_a_flood_of_old_mail_is_held_not_dropped_and_starts_when_it_is_let_go(self):
        mailbox, task = self.given_flood(20, 300)
        self.expect_jobs(task, 20, settle=2)
        held = self.becomes_held(task, 280)
        self.assertEqual(held["ofTask"], 280)
        self.assertIn("20 jobs within 60 min", held["reason"])
        self.assertEqual(sorted({row["state"] for row in task.messages()}), ["delivered", "held"])
        row = next(row for row in task.messages() if row["id"] == held["message"])
        self.assertEqual((row["state"], row["reason"]["code"], row["jobId"]), ("held", "held", None))
        self.assertEqual(len(self.journal_of(task, "TriggerEmailHeld")), 1)
        self.assertRegex(self.host.get("/metrics").decode(), r'run_on_email_starts\{state="held"\} (?!0)')
        seen = sum("\\Seen" in flags for flags in self.dovecot.flags(mailbox["Email"]).values())
        self.assertEqual(seen, 20, "mails whose start is held are not touched")

        self.act(task, held["message"], "release-all")
        self.expect_jobs(task, 300)
        self.assertIsNone(task.state()["held"])
        self.assertEqual(len(self.journal_of(task, "HeldStartsReleased")), 1)
        keys = [job["payload"]["uid"] for job in map(task.job, (job["id"] for job in task.jobs()))]
        self.assertEqual(len(set(keys)), 300)

    def test_What_is_held_is_kept_over_a_crash_and_may_be_given_up(self):
        mailbox, task = self.given_flood(3, 10)
        self.expect_jobs(task, 3)
        self.becomes_held(task, 7)
        self.host.kill()
        self.host.start()
        held = self.becomes_held(task, 7)
        self.deliver(mailbox, subject="one more")
        held = self.becomes_held(task, 8)
        self.act(task, held["message"], "skip-all")
        self.assertIsNone(task.state()["held"])
        self.assertEqual(sum(row["reason"]["code"] == "given-up" for row in task.messages()), 8)
        self.deliver(mailbox, subject="after it was let go")
        self.expect_jobs(task, 4)
        flags = self.dovecot.flags(mailbox["Email"])
        self.assertEqual(sum("\\Seen" in each for each in flags.values()), 4)

    def test_Single_mails_are_let_go_and_another_task_is_not_braked(self):
        mailbox, task = self.given_flood(1, 3)
        other = self.given_task(mailbox, StartFrom="all")
        self.expect_jobs(task, 1)
        self.becomes_held(task, 2)
        self.expect_jobs(other, 3)
        first, second = [row["id"] for row in task.messages() if row["state"] == "held"]
        self.act(task, first, "retry")
        self.expect_jobs(task, 2)
        self.becomes_held(task, 1)
        self.act(task, second, "skip")
        self.assertIsNone(task.state()["held"])
        words = self.act(task, second, "release-all", expect=409)["detail"]
        self.assertIn("held", words)


if __name__ == "__main__":
    main()
