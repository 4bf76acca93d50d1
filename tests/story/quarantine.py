"""Mails that are the trouble: set aside, quarantined after too many tries, and what a person may do with each."""

import sys
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parents[1] / part) for part in ("support", "servers")]
from host import configuration  # noqa: E402
from mail import a_mail  # noqa: E402
from pains import POLLED, Painful  # noqa: E402
from scripted_imap import ScriptedImap  # noqa: E402
from vocabulary import eventually, main  # noqa: E402


class Quarantine(Painful):
    def host_configuration(self):
        return configuration(Plugins={"run-on-email": {"QuarantineAfter": 1}})

    def row_of(self, task, subject):
        return next((row for row in task.messages() if row["subject"] == subject), None)

    def becomes(self, task, subject, state):
        eventually(lambda: (self.row_of(task, subject) or {}).get("state") == state,
                   lambda: f"{subject} to be {state}; the log is {task.messages()}")
        return self.row_of(task, subject)

    def act(self, task, row, action, expect=200, **options):
        return self.host.post(f"/api/triggers/{task.trigger}/messages/{row['id']}/{action}", expect=expect, **options)

    def journal(self, name):
        return [event for event in self.host.every("/api/journal") if event["name"] == name]

    def given_withheld(self):
        server = ScriptedImap(POLLED)
        task = self.given_task(self.given_mailbox_on(server), IntervalSeconds=1)
        for number in (1, 2, 3):
            server.deliver(a_mail(subject=f"Number {number}"), withheld=number == 2)
        return server, task, self.becomes(task, "Number 2", "quarantined")

    def test_A_quarantined_mail_starts_its_job_when_it_is_retried(self):
        server, task, row = self.given_withheld()
        self.expect_jobs(task, 2, settle=3)
        self.assertEqual(row["attempts"], 1)
        self.assertIsNone(row["nextTry"])
        self.assertFalse(row["triggered"])
        self.assertIsNone(row["jobId"])
        self.assertTrue(row["reason"]["text"])
        self.assertEqual(task.state()["putOff"]["quarantined"], 1)
        self.assertRegex(self.host.get("/metrics").decode(), r"run_on_email_mails_quarantined [1-9]")
        told = [event for event in self.journal("TriggerEmailQuarantined") if event["subject"]["id"] == task.trigger]
        self.assertEqual([event["details"]["uid"] for event in told], ["2"])

        self.act(task, row, "retry")
        eventually(lambda: self.row_of(task, "Number 2")["attempts"] == 2, "one more try")
        self.becomes(task, "Number 2", "quarantined")

        server.mails[1].withheld = False
        self.act(task, row, "retry")
        self.expect_jobs(task, 3, settle=0.5)
        after = self.becomes(task, "Number 2", "delivered")
        self.assertEqual(after["id"], row["id"])
        self.assertTrue(after["triggered"])
        self.assertTrue(after["jobId"])
        self.assertEqual(task.state()["putOff"], {"count": 0, "quarantined": 0, "mails": []})
        retried = [event for event in self.journal("MessageRetried") if event["subject"]["id"] == task.trigger]
        self.assertEqual([event["details"]["message"] for event in retried], [row["id"]] * 2)

    def test_A_quarantined_mail_that_is_skipped_stays_skipped(self):
        server, task, row = self.given_withheld()
        skipped = self.act(task, row, "skip")
        self.assertEqual((skipped["state"], skipped["reason"]["code"]), ("skipped", "given-up"))
        self.act(task, row, "retry", expect=409)
        server.mails[1].withheld = False
        self.host.stop()
        self.host.start()
        task.wait_started()
        self.expect_jobs(task, 2, settle=3)
        self.assertEqual(self.row_of(task, "Number 2")["state"], "skipped")

    def test_A_person_starts_one_chosen_mail_once_more(self):
        mailbox = self.given_mailbox()
        task = self.given_task(mailbox, Subject="Invoice")
        self.deliver(mailbox, subject="Invoice 1")
        self.deliver(mailbox, subject="Reminder 1")
        first = self.becomes(task, "Invoice 1", "delivered")
        other = self.becomes(task, "Reminder 1", "skipped")
        self.expect_jobs(task, 1, settle=0)
        self.act(task, other, "start-again")
        self.expect_jobs(task, 2, settle=0.5)
        self.assertEqual(self.becomes(task, "Reminder 1", "delivered")["id"], other["id"])
        self.act(task, first, "start-again")
        self.expect_jobs(task, 3, settle=0.5)
        again = self.becomes(task, "Invoice 1", "delivered")
        self.assertNotEqual(again["jobId"], first["jobId"])
        self.assertEqual(self.subjects(task).count("Invoice 1"), 2)
        told = self.journal("MessageStartedAgain")
        self.assertEqual(sorted(event["details"]["message"] for event in told), sorted([first["id"], other["id"]]))
        self.host.stop()
        self.host.start()
        task.wait_started()
        self.expect_jobs(task, 3, settle=3)


if __name__ == "__main__":
    main()
