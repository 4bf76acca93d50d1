"""The books of a fault test: what was delivered, what must have come of it, and what really has."""

import collections
import os
import sys
import time
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parents[1] / part) for part in ("support", "servers")]
from mail import a_mail, message_id  # noqa: E402
from vocabulary import PATIENCE, Story, configuration, eventually  # noqa: E402
from postgres import Postgres  # noqa: E402


class Books(Story):
    """A story that delivers mails some of which match, and in the end draws up the balance of each mailbox.

    Mails are "even" or "odd"; the task `evens` wants the even ones, the task `all` wants every one (where given).
    ROE_LEDGER=postgresql keeps the ledger in a private PostgreSQL instead of SQLite.
    """

    host_testing = True

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.postgres = None
        if os.environ.get("ROE_LEDGER") == "postgresql":
            cls.postgres = Postgres()
            cls.addClassCleanup(cls.postgres.close)
            cls.postgres.start()

    def host_configuration(self):
        if self.postgres is None:
            return configuration()
        database = self.postgres.new_database(f"ledger{time.monotonic_ns()}")
        return configuration(Plugins={"run-on-email": {"Database": database}})

    def open_books(self, window=100, **fields):
        """A mailbox with its task, started; `delivered` maps Message-ID -> even or not."""
        mailbox = self.given_mailbox(**fields)
        mailbox["delivered"] = {}
        mailbox["evens"] = self.given_task(mailbox, Subject="even", WindowSize=window)
        return mailbox

    def deliver_numbered(self, mailbox, count):
        mails = []
        for _ in range(count):
            number = len(mailbox["delivered"])
            identifier = message_id()
            mailbox["delivered"][identifier] = number % 2 == 0
            mails.append(a_mail(subject=f"{'odd' if number % 2 else 'even'} {number}", identifier=identifier))
        self.dovecot.deliver_many(mailbox["Email"], mails)

    def expect_balance(self, mailbox, patience=2 * PATIENCE):
        """Each mail that matched has exactly one job that was executed exactly once; the others have none; the
        server's mailbox is as it must be."""
        task = mailbox["evens"]
        wanted = {mail for mail, even in mailbox["delivered"].items() if even}
        self.expect_jobs_of(task, wanted, patience)
        if "all" in mailbox:
            self.expect_jobs_of(mailbox["all"], set(mailbox["delivered"]), patience)
        matched = len(mailbox["delivered"]) if "all" in mailbox else len(wanted)
        unmatched = len(mailbox["delivered"]) - matched
        expected = {frozenset(): unmatched}
        if not mailbox["RemoveReceived"]:
            expected[frozenset(["\\Seen"])] = matched
        expected = {flags: count for flags, count in expected.items() if count}

        def flags():
            return dict(collections.Counter(map(frozenset, self.dovecot.flags(mailbox["Email"]).values())))

        eventually(lambda: flags() == expected, lambda: f"the flags {expected} on the server; they are {flags()}",
                   patience)

    def expect_jobs_of(self, task, wanted, patience):
        def ended():
            jobs = task.jobs()
            return len(jobs) >= len(wanted) and all(
                job["state"] in ("succeeded", "failed", "interrupted") for job in jobs)

        eventually(ended, lambda: f"{len(wanted)} jobs to end; there are "
                   f"{collections.Counter(job['state'] for job in task.jobs())}", patience, pause=0.2)
        # One look more of the mailbox, and no job more.
        jobs = [task.job(job["id"]) for job in task.jobs()]
        mails = collections.Counter(job["payload"]["messageId"].strip("<>") for job in jobs)
        self.assertEqual({mail: count for mail, count in mails.items() if count > 1}, {}, "mails with several jobs")
        self.assertEqual(set(mails), wanted)
        keys = collections.Counter(job["idempotencyKey"] for job in jobs)
        self.assertEqual([key for key, count in keys.items() if count > 1], [])
        runs = collections.Counter(task.runs())
        self.assertEqual({job: count for job, count in runs.items() if count > 1}, {}, "jobs executed twice")
        states = collections.Counter(job["state"] for job in jobs)
        self.assertEqual(states, {"succeeded": len(wanted)} if wanted else {})
        self.assertEqual(set(runs), {job["id"] for job in jobs})
