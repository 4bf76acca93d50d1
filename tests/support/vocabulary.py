"""The words that stories are told in: given_mailbox, given_task, deliver, expect_jobs, wait_state."""

import base64
import json
import os
import re
import shlex
import sys
import time
import unittest
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parent), str(Path(__file__).resolve().parents[1] / "servers")]
from dovecot import Dovecot  # noqa: E402
from host import Host, configuration  # noqa: E402,F401
from mail import a_mail, message_id  # noqa: E402

ITEMS = "/api/settings-pages/incoming-email/items"
# Sanitizers and a busy machine make everything slower; what is waited for is the same.
PATIENCE = float(os.environ.get("ROE_PATIENCE", "30"))


def eventually(condition, what, patience=None, pause=0.02):
    """Waits until the condition gives something true, and gives it; else fails and says what was awaited."""
    deadline = time.monotonic() + (patience or PATIENCE)
    while True:
        found = condition()
        if found:
            return found
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {patience or PATIENCE:g} s in vain for {what() if callable(what) else what}")
        time.sleep(pause)


class Task:
    """A task of the host whose project writes down each of its runs."""

    def __init__(self, host, folder, values):
        self._host = host
        self.folder = folder
        self.id = values["id"]
        self.values = values

    @property
    def trigger(self):
        return self.values["triggers"][0]["id"]

    def jobs(self):
        """All jobs of the task, the first one first."""
        return sorted(self._host.every(f"/api/jobs?task={self.id}"), key=lambda job: job["createdAt"])

    def job(self, identifier):
        return self._host.get(f"/api/jobs/{identifier}")

    def runs(self):
        """The ids of the jobs that were really executed, as the project wrote them down itself."""
        log = self.folder / "runs"
        return log.read_text().split() if log.exists() else []

    def messages(self, trigger=None):
        """The message log of the (first) trigger."""
        return self._host.every(f"/api/triggers/{trigger or self.trigger}/messages")

    def state(self, trigger=None):
        return self._host.get(f"/api/triggers/{trigger or self.trigger}")

    def start(self):
        self._host.post(f"/api/tasks/{self.id}/start")

    def stop(self):
        self._host.post(f"/api/tasks/{self.id}/stop")

    def wait_started(self, patience=None):
        for trigger in self.values["triggers"]:
            eventually(lambda: self.state(trigger["id"])["state"] == "started",
                       lambda: f"trigger to be started; it is {self.state(trigger['id'])}", patience)


def recording_project(folder, then=""):
    """A command line that appends the job's id to `runs`, once for each execution, under a lock."""
    runs = shlex.quote(str(folder / "runs"))
    return f"flock {runs}.lock sh -c 'echo \"$ORCH_JOB_ID\" >> \"$1\"' - {runs}" + (f"; {then}" if then else "")


class Story(unittest.TestCase):
    """One mail server for the class, a Dovecot unless it says another, one host and fresh accounts for each test."""

    mail_server = Dovecot
    dovecot_options = {}
    host_testing = False
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.dovecot = cls.mail_server(**cls.dovecot_options).start()
        cls.addClassCleanup(cls.dovecot.close)

    def setUp(self):
        self.host = Host(self.host_configuration(), testing=self.host_testing)
        self.addCleanup(self.host.close)
        self._tasks = 0
        self._accounts = 0
        if self.starts_by_itself:
            self.host.start()

    starts_by_itself = True

    def host_configuration(self):
        return configuration()

    def run(self, result=None):
        before = len(result.failures) + len(result.errors) if result else 0
        done = super().run(result)
        if result and len(result.failures) + len(result.errors) > before and hasattr(self, "_last_words"):
            sys.stderr.write(f"--- the host's log at the end of {self.id()}\n{self._last_words}\n")
        return done

    def tearDown(self):
        self._last_words = self.host.tail(6000)

    # Given

    def given_account(self, password="Pass-Wörd-1", name=None):
        """A new account on the server: (address, password)."""
        self._accounts += 1
        own = re.sub(r"[^a-z0-9]+", "-", self.id().rsplit(".", 1)[1].lower())[:40]
        address = f"{name or own}.{os.getpid()}.{time.monotonic_ns()}@example.com"
        self.dovecot.add_user(address, password)
        return address, password

    def mailbox_fields(self, address, password, connection="plain", port=None, **fields):
        """The form's values for one of the connections of the table: plain, starttls, tls, opportunistic."""
        switches = {"plain": (True, False), "starttls": (False, True), "tls": (False, True),
                    "opportunistic": (False, False)}[connection]
        own_port = self.dovecot.imaps if connection == "tls" else self.dovecot.imap
        values = {"Email": address, "Password": password, "Protocol": "IMAP", "Imap": "localhost",
                  "ImapPort": port or own_port, "UseStandartNotSSLPort": switches[0], "UseSsl": switches[1]}
        if connection != "plain":
            values["CaCertificate"] = self.dovecot.certificates.ca_pem
        values.update(fields)
        return values

    def given_mailbox(self, connection="plain", account=None, **fields):
        """A mailbox on the settings page, on an account of its own unless one is given."""
        address, password = account or self.given_account()
        item = self.host.post(ITEMS, self.mailbox_fields(address, password, connection, **fields))
        self.assertEqual(item["Email"], address)
        return item

    def given_task(self, mailbox, started=True, then="", triggers=None, name=None, wait=True, **parameters):
        """A task with one trigger on the mailbox (or several: a list of parameters), that records its runs."""
        self._tasks += 1
        folder = self.host.folder / f"task-{self._tasks}"
        folder.mkdir()
        all_parameters = triggers if triggers is not None else [parameters]
        values = self.host.post("/api/tasks", {
            "name": name or f"Task {self._tasks}", "project": recording_project(folder, then),
            "triggers": [{"type": "run-on-email", "parameters": {"Email": mailbox["Email"], **one}}
                         for one in all_parameters]})
        task = Task(self.host, folder, values)
        if started:
            task.start()
            if wait:
                task.wait_started()
        return task

    # When

    def deliver(self, mailbox, folder=None, **mail):
        """Delivers one mail; gives its Message-ID without brackets."""
        identifier = mail.pop("identifier", None) or message_id()
        self.dovecot.deliver(mailbox["Email"], a_mail(identifier=identifier, to=mailbox["Email"], **mail), folder)
        return identifier

    # Then

    def mailbox_now(self, mailbox):
        return self.host.get(f"{ITEMS}/{mailbox['id']}")

    def expect_jobs_around_an_outage(self, mailbox, task):
        """A mail before the server is stopped and one after it was started again: one job each."""
        self.deliver(mailbox, subject="Before")
        self.expect_jobs(task, 1)
        self.dovecot.stop()
        self.wait_state(mailbox, "error")
        self.dovecot.start()
        self.deliver(mailbox, subject="After")
        return self.expect_jobs(task, 2)

    def wait_state(self, mailbox, *states, patience=None):
        """Waits until the mailbox is in one of the states; gives it as it is then."""
        last = {}

        def there():
            last.update(self.mailbox_now(mailbox))
            return last["state"] in states

        eventually(there, lambda: f"{' or '.join(states)}; it is {last.get('state')}: {last.get('error')}", patience)
        return dict(last)

    def subjects(self, task):
        """Of the mails that started its jobs, one each."""
        return sorted(task.job(job["id"])["payload"]["subject"] for job in task.jobs())

    def expect_jobs(self, task, count, settle=0.7, patience=None, all_succeed=True):
        """The task has `count` jobs, each executed once, and after a while still has no more. Gives them."""
        eventually(lambda: len(task.jobs()) >= count, lambda: f"{count} jobs; there are {len(task.jobs())}", patience)
        eventually(lambda: all(job["state"] in ("succeeded", "failed", "interrupted") for job in task.jobs()),
                   "all jobs to end", patience)
        until = time.monotonic() + settle
        while True:
            jobs = task.jobs()
            self.assertEqual(len(jobs), count, f"jobs: {[job['idempotencyKey'] for job in jobs]}")
            if time.monotonic() > until:
                break
            time.sleep(0.05)
        self.assertEqual(len({job["idempotencyKey"] for job in jobs}), count)
        if all_succeed:
            self.assertEqual([job["state"] for job in jobs], ["succeeded"] * count, [job.get("output") for job in jobs])
            self.assertEqual(sorted(task.runs()), sorted(job["id"] for job in jobs))
        return [task.job(job["id"]) for job in jobs]

    def expect_flags(self, mailbox, expected, folder="INBOX"):
        """Waits until the mails on the server have these flags: UID -> set."""
        eventually(lambda: self.dovecot.flags(mailbox["Email"], folder) == expected,
                   lambda: f"flags {expected}; they are {self.dovecot.flags(mailbox['Email'], folder)}")

    def expect_no_login(self, server, address):
        """A client has turned away from the server's certificate, and nobody has tried to sign in to the account."""
        eventually(lambda: "SSL_accept() failed" in server.log(), lambda: f"the server to say so: {server.log()}")
        self.assertNotIn(address, server.log())

    def assert_nowhere(self, secret, *folders):
        """No file below holds the secret, in clear, base64 or as JSON text."""
        plain = secret.encode()
        forms = {plain, json.dumps(secret).strip('"').encode()}
        # As base64 it looks differently at each of three places in a longer text, but for its edges.
        forms |= {base64.b64encode(b"." * shift + plain)[4 if shift else 0:-4] for shift in (0, 1, 2)}
        for folder in folders:
            for path in Path(folder).rglob("*"):
                if path.is_file():
                    content = path.read_bytes()
                    for form in forms:
                        self.assertNotIn(form, content, f"the secret stands in {path}")


def main():
    unittest.main(verbosity=2)
