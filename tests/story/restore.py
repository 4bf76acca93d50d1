"""An old backup is put back: mails that came after it have started their jobs, and start none again."""

import os
import shutil
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parents[1] / part) for part in ("support", "servers")]
from host import HostDied, configuration  # noqa: E402
from mail import a_mail  # noqa: E402
from pop3_mailboxes import Pop3Mailboxes  # noqa: E402
from postgres import Postgres  # noqa: E402
from vocabulary import Story, eventually, main  # noqa: E402

DATABASES = {".sqlite", ".db"}


class Restore(Story):
    host_testing = True

    # When

    def back_up(self):
        """As README.md says, while the host runs or not: databases by SQLite's own copy, the host's first."""
        backup = self.host.folder / "backup"
        shutil.rmtree(backup, ignore_errors=True)
        files = [path for path in self.host.data.rglob("*") if path.is_file()]
        for path in sorted(files, key=lambda path: (path.suffix not in DATABASES, path.name != "host.sqlite")):
            target = backup / path.relative_to(self.host.data)
            target.parent.mkdir(parents=True, exist_ok=True)
            if path.suffix in DATABASES:
                with sqlite3.connect(path) as source, sqlite3.connect(target) as copy:
                    source.backup(copy)
            elif not path.name.endswith(("-wal", "-shm")):
                shutil.copy2(path, target)

    def restore(self):
        """The machine dies, and the backup is put back in the place of all that was there."""
        self.host.kill()
        shutil.rmtree(self.host.data)
        shutil.copytree(self.host.folder / "backup", self.host.data)
        marked = self.mark_restored()
        self.assertEqual(marked.returncode, 0, marked.stderr)
        return marked.stdout

    def mark_restored(self):
        return subprocess.run([self.host.program, "--mark-restored", "--config", self.host.folder / "config.json",
                               "--data", self.host.data], capture_output=True, text=True, timeout=60)

    def die_at(self, mailbox=None, **crash):
        """Starts the host, which must die at the point; a mail makes it pass, where one is needed."""
        try:
            self.host.start(**crash)
            if mailbox:
                self.deliver(mailbox, subject="makes it pass")
        except HostDied:
            return
        self.assertTrue(self.host.wait_dead(30), f"{crash} was never passed:\n{self.host.tail()}")

    def outlive_the_backup(self, mailbox, task, known=0):
        """Three mails start their jobs after a backup that knows of `known` runs."""
        self.back_up()
        self.deliver_three(mailbox)
        self.expect_runs(task, known + 3)

    def go_on_from_the_backup(self, task):
        self.restore()
        self.host.start()
        task.wait_started()

    def deliver_three(self, mailbox):
        self.dovecot.deliver_many(mailbox["Email"], [a_mail(subject=f"after the backup {n}") for n in range(3)])

    def make_unread(self, mailbox):
        session = self.dovecot.login(mailbox["Email"])
        session.select("INBOX")
        session.uid("STORE", "1:*", "-FLAGS", "\\Seen")
        session.logout()

    def validity(self, mailbox):
        session = self.dovecot.login(mailbox["Email"])
        try:
            return session.status("INBOX", "(UIDVALIDITY)")[1][0]
        finally:
            session.logout()

    def renumber(self, mailbox):
        """The server forgets which numbers it gave, so that all mails get new ones under another UIDVALIDITY."""
        before = self.validity(mailbox)
        for path in self.dovecot.home(mailbox["Email"]).rglob("dovecot*"):
            path.unlink()
        eventually(lambda: self.validity(mailbox) != before, "another UIDVALIDITY")

    # Then

    def expect_runs(self, task, count, settle=1.0):
        """The project was executed so often, and after a while still no more."""
        eventually(lambda: len(task.runs()) >= count, lambda: f"{count} runs; there are {len(task.runs())}")
        until = time.monotonic() + settle
        while time.monotonic() < until:
            self.assertEqual(len(task.runs()), count, [job["idempotencyKey"] for job in task.jobs()])
            time.sleep(0.05)

    def passed_over(self):
        return [event["details"]["mails"] for event in self.host.every("/api/journal")
                if event["name"] == "TriggerEmailPassedOver"]


class AfterARestore(Restore):
    def test_Nothing_starts_again_wherever_the_triggers_began_and_new_mail_starts_one_job(self):
        mailbox = self.given_mailbox()
        self.dovecot.deliver_many(mailbox["Email"], [a_mail(subject="there before")])
        tasks = {begin: self.given_task(mailbox, StartFrom=begin) for begin in ("unread", "all", "new")}
        self.expect_runs(tasks["all"], 1)
        runs = {begin: len(task.runs()) for begin, task in tasks.items()}
        self.back_up()
        refused = self.mark_restored()
        self.assertEqual(refused.returncode, 1)
        self.assertIn("another host uses", refused.stderr)

        self.deliver_three(mailbox)
        for begin, task in tasks.items():
            self.expect_runs(task, runs[begin] + 3)
        said = self.restore()
        self.assertIn("3 triggers begin anew", said)
        self.make_unread(mailbox)
        self.host.start()
        for begin, task in tasks.items():
            task.wait_started()
            self.expect_runs(task, runs[begin] + 3)
            restored = task.state()["restored"]
            self.assertEqual(restored["passedOver"], 3)
            self.assertLess(restored["from"], restored["until"])
        self.assertEqual(self.passed_over(), [3, 3, 3])
        self.assertIn("passes over 3 mails that came between", self.host.tail(20000))
        self.assertEqual(set().union(*self.dovecot.flags(mailbox["Email"]).values()), set(), "they are left alone")

        self.deliver(mailbox, subject="new")
        for begin, task in tasks.items():
            self.expect_runs(task, runs[begin] + 4)
        # And once more, as ever.
        self.assertEqual(self.host.stop(), 0)
        self.deliver(mailbox, subject="while it was stopped")
        self.host.start()
        for begin, task in tasks.items():
            self.expect_runs(task, runs[begin] + 5)
        self.assertEqual(self.passed_over(), [3, 3, 3])

    def test_Jobs_that_had_not_ended_are_interrupted_and_never_run_again(self):
        self.assertEqual(self.host.stop(), 0)
        self.host.configure(configuration(Jobs={"Concurrency": 1}))
        self.host.start()
        mailbox = self.given_mailbox()
        release = self.host.folder / "release"
        self.addCleanup(release.touch)
        task = self.given_task(
            mailbox, then=f"n=0; until [ -e {release} ] || [ $n = 600 ]; do sleep 0.1; n=$((n + 1)); done")
        self.deliver(mailbox, subject="runs")
        eventually(lambda: [job["state"] for job in task.jobs()] == ["running"], "the first job to run")
        self.deliver(mailbox, subject="waits")
        eventually(lambda: len(task.jobs()) == 2, "the second job")
        self.back_up()
        self.assertIn("2 unfinished jobs are interrupted", self.restore())
        self.host.start()
        task.wait_started()
        release.touch()
        self.expect_runs(task, 1)
        jobs = task.jobs()
        self.assertEqual([job["state"] for job in jobs], ["interrupted"] * 2)
        for job in jobs:
            self.assertIn("backup was restored", job["error"])
        event, = [event for event in self.host.every("/api/journal") if event["name"] == "BackupRestored"]
        self.assertEqual(event["details"]["interruptedJobs"], 2)
        self.deliver(mailbox, subject="new")
        self.expect_runs(task, 2)

    def test_A_start_that_waited_in_the_outbox_is_parked_for_a_person(self):
        mailbox = self.given_mailbox()
        task = self.given_task(mailbox, StartFrom="all")
        self.assertEqual(self.host.stop(), 0)
        self.die_at(mailbox, crash_at="pass-before-host")
        self.expect_runs(task, 0, settle=0)
        self.back_up()
        self.host.start()
        self.expect_runs(task, 1)
        self.go_on_from_the_backup(task)
        self.expect_runs(task, 1)
        row, = task.messages()
        self.assertEqual(row["state"], "parked")
        self.assertIn("backup was restored", row["reason"]["text"])
        self.deliver(mailbox, subject="new")
        self.expect_runs(task, 2)

    def test_A_parked_start_is_retried_or_skipped_by_a_person_and_once_only(self):
        mailbox = self.given_mailbox()
        task = self.given_task(mailbox, StartFrom="all")
        self.assertEqual(self.host.stop(), 0)
        self.dovecot.deliver_many(mailbox["Email"], [a_mail(subject=f"Order {n}") for n in (1, 2)])
        self.die_at(crash_at="pass-before-host")
        self.back_up()
        self.host.start()
        self.expect_runs(task, 2)
        self.go_on_from_the_backup(task)
        self.expect_runs(task, 2)
        second, first = task.messages()
        self.assertEqual((first["state"], second["state"]), ("parked", "parked"))
        where = f"/api/triggers/{task.trigger}/messages"
        self.assertIn(self.host.post(f"{where}/{first['id']}/retry", {})["state"], ("queued", "delivered"))
        self.assertEqual(self.host.post(f"{where}/{second['id']}/skip", {})["state"], "skipped")
        self.expect_runs(task, 3)
        for row, action in ((first, "retry"), (first, "skip"), (second, "retry"), (second, "skip")):
            refused = self.host.post(f"{where}/{row['id']}/{action}", {}, expect=409)
            self.assertIn("only a parked or held start", refused["detail"])
        for row in ("0", "999999", "9223372036854775807", "-1", "x"):
            self.host.post(f"{where}/{row}/retry", {}, expect=404)
        self.expect_runs(task, 3)
        told = [event["name"] for event in self.host.every("/api/journal") if event["name"].startswith("Message")]
        self.assertEqual(sorted(told), ["MessageRetried", "MessageSkipped"])

    def test_A_folder_that_is_renumbered_later_starts_nothing_again(self):
        mailbox = self.given_mailbox()
        task = self.given_task(mailbox, StartFrom="all")
        self.outlive_the_backup(mailbox, task)
        self.go_on_from_the_backup(task)
        time.sleep(1.1)  # INTERNALDATE has whole seconds
        self.deliver(mailbox, subject="new")
        self.expect_runs(task, 4)
        self.assertEqual(self.host.stop(), 0)
        self.renumber(mailbox)
        self.deliver(mailbox, subject="newer")
        self.host.start()
        self.expect_runs(task, 5)
        reasons = {row["subject"]: row["reason"]["code"] for row in reversed(task.messages())}
        self.assertEqual({code for subject, code in reasons.items() if subject.startswith("after")},
                         {"before-start"})
        self.assertEqual(reasons["new"], "duplicate")

    def test_A_crash_anywhere_on_the_way_changes_nothing(self):
        mailbox = self.given_mailbox()
        task = self.given_task(mailbox, StartFrom="all")
        self.outlive_the_backup(mailbox, task)
        runs = 3
        for crash in ({"crash_at": "restored-before-note"}, {"crash_at": "restored-after-note"},
                      {"host_crash_at": "host-before-restored-cleared"},
                      {"crash_at": "restored-before-baseline"}, {"crash_at": "restored-after-baseline"}):
            with self.subTest(**crash):
                self.restore()
                self.die_at(**crash)
                self.host.start()
                task.wait_started()
                self.expect_runs(task, runs)
                self.deliver(mailbox, subject=f"after {crash}")
                runs += 1
                self.expect_runs(task, runs)

    def test_A_mail_of_the_time_after_the_first_look_is_not_lost_when_the_host_dies_before_it_knows(self):
        mailbox = self.given_mailbox()
        task = self.given_task(mailbox, StartFrom="all")
        self.outlive_the_backup(mailbox, task)
        self.restore()
        with sqlite3.connect(self.host.data / "host.sqlite") as database:
            note, = database.execute("SELECT * FROM restored_triggers").fetchall()
        self.host.start()
        task.wait_started()
        self.host.kill()
        with sqlite3.connect(self.host.data / "host.sqlite") as database:
            self.assertEqual(database.execute("SELECT * FROM restored_triggers").fetchall(), [])
            database.execute("INSERT INTO restored_triggers VALUES (?, ?, ?)", note)
        self.deliver(mailbox, subject="came after the first look")
        self.host.start()
        self.expect_runs(task, 4)


class AfterARestoreByPop3(Pop3Mailboxes, Restore):
    dovecot_options = {"pop3": True}

    def test_Nothing_starts_again_although_the_order_of_its_mails_is_lost(self):
        mailbox = self.given_mailbox()
        task = self.given_task(mailbox, StartFrom="all")
        self.deliver(mailbox, subject="before the backup")
        self.expect_runs(task, 1)
        self.outlive_the_backup(mailbox, task, known=1)
        self.go_on_from_the_backup(task)
        self.expect_runs(task, 4, settle=3)
        self.assertEqual(self.passed_over(), [3])
        self.deliver(mailbox, subject="new")
        self.expect_runs(task, 5, settle=3)


class AfterARestoreOfPostgreSQL(Restore):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.postgres = Postgres()
        cls.addClassCleanup(cls.postgres.close)
        cls.postgres.start()

    def host_configuration(self):
        self.database = f"ledger{time.monotonic_ns()}"
        return configuration(Plugins={"run-on-email": {"Database": self.postgres.new_database(self.database)}})

    def program(self, name, *arguments):
        subprocess.run([name, "-h", str(self.postgres.folder), "-U", "roe", *arguments], check=True,
                       env={**os.environ, "PGOPTIONS": "--client-min-messages=warning"})

    def test_Nothing_starts_again_out_of_a_dump(self):
        mailbox = self.given_mailbox()
        task = self.given_task(mailbox, StartFrom="all")
        self.deliver(mailbox, subject="before the backup")
        self.expect_runs(task, 1)
        self.back_up()
        dump = str(self.host.folder / "ledger.dump")
        self.program("pg_dump", "-Fc", "-n", "run_on_email", "-f", dump, self.database)
        self.deliver_three(mailbox)
        self.expect_runs(task, 4)
        self.host.kill()
        self.program("psql", "-q", "-d", self.database, "-c", "DROP SCHEMA run_on_email CASCADE")
        self.program("pg_restore", "-d", self.database, dump)
        self.go_on_from_the_backup(task)
        self.expect_runs(task, 4)
        self.assertEqual(self.passed_over(), [3])
        self.deliver(mailbox, subject="new")
        self.expect_runs(task, 5)


if __name__ == "__main__":
    main()
