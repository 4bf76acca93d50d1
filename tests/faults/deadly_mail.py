"""A mail of which the process dies each time that it is read, as of a fault in a parser: it is left to a person after
three deaths, and everything else goes on. The host is started again and again, as a service manager does.
"""

import contextlib
import sys
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parents[1] / part) for part in ("support", "servers")]
from host import HostDied  # noqa: E402
from vocabulary import Story, eventually, main  # noqa: E402


class DeadlyMail(Story):
    dovecot_options = {"pop3": True}
    host_testing = True

    def arm(self, point):
        self.host.environment["ROE_CRASH_ON_MAIL"] = f"{point}:Poison"

    def row(self, task):
        """What the message log says of the mail that is put off, which may not be known by its subject."""
        return next((row for row in task.messages() if row["state"] in ("pending", "quarantined")), {})

    def keep_alive_until_quarantined(self, task):
        """Gives how often it died by then."""
        for deaths in range(10):
            try:
                self.host.start()
                eventually(lambda: not self.host.alive() or self.row(task).get("state") == "quarantined",
                           "the host to die, or the mail to be quarantined")
                if self.host.alive():
                    return deaths
            except (HostDied, OSError):
                self.assertTrue(self.host.wait_dead(10))
        self.fail(f"it dies and dies:\n{self.host.tail()}")

    def quarantined(self, task):
        return [event for event in self.host.every("/api/journal")
                if event["name"] == "TriggerEmailQuarantined" and event["subject"]["id"] == task.trigger]

    def retry(self, task):
        path = f"/api/triggers/{task.trigger}/messages/{self.row(task)['id']}/retry"
        # It may die of the wish before it has answered.
        with contextlib.suppress(OSError):
            self.host.post(path)

    def tell(self, point, subject, mailbox_fields, **parameters):
        """From the first mail to the job of the deadly one; `subject` is what is known of it."""
        mailbox = self.given_mailbox(**mailbox_fields)
        task = self.given_task(mailbox, IntervalSeconds=1, **parameters)
        neighbour = self.given_mailbox()
        neighbours_task = self.given_task(neighbour)
        self.assertEqual(self.host.stop(), 0)
        for each in ("Number 1", "Poison", "Number 3"):
            self.deliver(mailbox, subject=each)
        self.deliver(neighbour, subject="Number 1")

        self.arm(point)
        self.assertEqual(self.keep_alive_until_quarantined(task), 3)
        self.expect_jobs(task, 2)
        self.expect_jobs(neighbours_task, 1)
        row = self.row(task)
        self.assertEqual((row["state"], row["subject"], row["attempts"]), ("quarantined", subject, 3))
        self.assertIn("process ended", row["reason"]["text"])
        self.assertEqual(task.state()["putOff"]["quarantined"], 1)
        self.assertRegex(self.host.get("/metrics").decode(), r"run_on_email_mails_quarantined 1\b")
        told = eventually(lambda: self.quarantined(task), "the journal to tell of it")
        self.assertEqual([event["code"] for event in told], [60004])

        # What comes afterwards is none of its business, nor is the next start.
        self.deliver(mailbox, subject="Number 4")
        self.expect_jobs(task, 3)
        self.assertEqual(self.host.stop(), 0)
        self.host.start()
        task.wait_started()
        self.expect_jobs(task, 3, settle=2)

        # A person may be wrong: one death is enough then.
        self.retry(task)
        self.assertTrue(self.host.wait_dead(30))
        self.assertEqual(self.keep_alive_until_quarantined(task), 0)
        self.assertEqual(self.row(task)["attempts"], 4)
        self.assertEqual(len(eventually(lambda: self.quarantined(task)[1:], "the journal to tell once more")), 1)

        self.host.environment.clear()
        self.assertEqual(self.host.stop(), 0)
        self.host.start()
        task.wait_started()
        self.retry(task)
        jobs = self.expect_jobs(task, 4, settle=3)
        self.assertEqual(self.row(task), {})
        self.assertEqual(sum(message["subject"] == "Poison" for message in task.messages()), 1)
        return jobs

    def pop3(self):
        return {"Protocol": "POP3", "Pop3": "localhost", "Pop3Port": self.dovecot.pop3}

    def test_Its_header_kills(self):
        self.tell("mail-header", None, {})

    def test_Its_header_kills_by_POP3(self):
        self.tell("mail-header", None, self.pop3())

    def test_Its_text_kills_when_the_filter_looks_into_it(self):
        self.tell("mail-content", "Poison", {},
                  MoreFilters={"all": [{"field": "body", "op": "contains", "value": "a secret that none has", "not": True}]})

    def test_Its_payload_kills(self):
        self.tell("mail-payload", "Poison", {})

    def test_Its_payload_kills_and_all_mails_share_a_job(self):
        mailbox = self.given_mailbox()
        task = self.given_task(mailbox, Launch="perPass")
        self.assertEqual(self.host.stop(), 0)
        for each in ("Number 1", "Poison", "Number 3"):
            self.deliver(mailbox, subject=each)
        self.arm("mail-payload")
        self.assertEqual(self.keep_alive_until_quarantined(task), 3)
        self.expect_jobs(task, 1)
        self.host.environment.clear()
        self.assertEqual(self.host.stop(), 0)
        self.host.start()
        task.wait_started()
        self.retry(task)
        self.expect_jobs(task, 2, settle=2)

    def test_Kills_by_people_keep_no_mail_from_its_job(self):
        mailbox = self.given_mailbox()
        task = self.given_task(mailbox)
        self.assertEqual(self.host.stop(), 0)
        self.deliver(mailbox, subject="Poison")
        self.arm("mail-payload")
        for _ in range(2):
            try:
                self.host.start()
            except HostDied:
                pass
            self.assertTrue(self.host.wait_dead(30))
        self.host.environment.clear()
        self.host.start()
        self.expect_jobs(task, 1)
        self.assertEqual(self.row(task), {})
        self.assertEqual(self.quarantined(task), [])


if __name__ == "__main__":
    main()
