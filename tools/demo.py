#!/usr/bin/env python3
"""The way of one mail, shown: a private Dovecot, the mock host with the plugin, a mailbox, a task, a mail, its job.

Started by ./run, which builds first. With --once it ends after the first job; else it stays until Ctrl-C.
"""

import argparse
import json
import secrets
import select
import signal
import subprocess
import sys
import threading
import time
from datetime import datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "tests" / "support"), str(ROOT / "tests" / "servers")]
sys.dont_write_bytecode = True
from dovecot import Dovecot  # noqa: E402
from host import Host, build_folder, configuration  # noqa: E402
from idle_probe import IdleProbe  # noqa: E402
from mail import a_mail  # noqa: E402

ADDRESS = "robot@example.com"
HEAD = ("schema", "mailbox", "subject", "from", "text", "attachments")
PATIENCE = 60
ROBOT = """python3 -c '
import json, sys
mail = json.load(sys.stdin)
print("The robot read:", mail["subject"], "from", mail["from"][0]["address"])'"""


class Trouble(Exception):
    pass


def say(text=""):
    print(text, flush=True)


def wait_for(condition, what):
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        found = condition()
        if found:
            return found
        time.sleep(0.005)
    raise Trouble(f"waited {PATIENCE} s in vain for {what}")


def hashed(password):
    program = build_folder() / "bin" / "password-encryptor"
    return subprocess.run([program, "--hash"], input=password + "\n", capture_output=True, text=True, check=True).stdout.strip()


def milliseconds_since(moment_ns, timestamp):
    """From a clock reading to a time that the host wrote down."""
    return datetime.fromisoformat(timestamp).timestamp() * 1000 - moment_ns / 1e6


class Demo:
    def __init__(self, server, host, token, password):
        self.server, self.host, self.token, self.password = server, host, token, password
        self.shown = set()
        self.sent = 0

    def call(self, method, path, body=None):
        return self.host.call(method, path, body, token=self.token)

    def set_up(self):
        self.call("POST", "/api/settings-pages/incoming-email/items", {
            "Email": ADDRESS, "Password": self.password, "Protocol": "IMAP",
            "Imap": "localhost", "ImapPort": self.server.imap, "UseStandartNotSSLPort": False, "UseSsl": True,
            "CaCertificate": self.server.certificates.ca_pem})
        say(f"mailbox   {ADDRESS}, IMAP with STARTTLS on localhost:{self.server.imap}")
        task = self.call("POST", "/api/tasks", {
            "name": "Answer orders", "project": ROBOT,
            "triggers": [{"type": "run-on-email", "parameters": {"Email": ADDRESS, "Subject": "order"}}]})
        self.task = task["id"]
        self.trigger = task["triggers"][0]["id"]
        self.call("POST", f"/api/tasks/{self.task}/start")
        self.wait_started()
        say('task      "Answer orders", started by mail whose subject contains "order"')
        self.probe = IdleProbe(self.server.imap, ADDRESS, self.password)

    def wait_started(self):
        last = {}

        def started():
            last.update(self.call("GET", f"/api/triggers/{self.trigger}"))
            return last["state"] == "started"

        try:
            wait_for(started, "the trigger to be started")
        except Trouble as trouble:
            raise Trouble(f"{trouble}; it is {last}") from None

    def new_jobs(self):
        jobs = self.call("GET", f"/api/jobs?task={self.task}&limit=100")["items"]
        return [job for job in jobs if job["id"] not in self.shown and job["endedAt"]]

    def deliver(self):
        self.sent += 1
        subject = f"New order {4710 + self.sent} – срочно"
        before = self.probe.count
        self.server.deliver(ADDRESS, a_mail(subject=subject, sender="Ann Shop <ann@shop.example>", to=ADDRESS,
                                            text="Two boxes, please.\n"))
        delivered = time.time_ns()
        say(f'delivered "{subject}"')
        job = wait_for(self.new_jobs, "the job")[0]
        self.show(job["id"], delivered, self.probe.wait_count(before + 1))

    def show(self, identifier, delivered, noticed):
        self.shown.add(identifier)
        job = self.call("GET", f"/api/jobs/{identifier}")
        say()
        say(f"job       {job['id']}: {job['state']}, exit code {job['exitCode']}")
        say(f"output    {job['output'].strip()}")
        head = {key: job["payload"][key] for key in HEAD}
        for number, line in enumerate(json.dumps(head, ensure_ascii=False, indent=2).splitlines()):
            say(f"{'' if number else 'payload':<10}{line}")
        say(f"          and {len(job['payload']) - len(HEAD)} more members, see GET /api/jobs/{job['id']}")
        say(f"started   {milliseconds_since(noticed, job['startedAt']):.1f} ms after the mail server's notice, "
            f"{milliseconds_since(delivered, job['startedAt']):.0f} ms after delivery")
        say()

    def stay(self):
        say(f"open      http://{self.host.address}, sign in as admin with the password {self.password}")
        say(f"token     {self.token}")
        say("try       curl -H 'Authorization: Bearer " + self.token + f"' http://{self.host.address}/api/jobs")
        if not sys.stdin.isatty():
            say("Ctrl-C ends it.")
            threading.Event().wait()
        say("Enter delivers another mail, Ctrl-C ends it.")
        while select.select([sys.stdin], [], [])[0] and sys.stdin.readline():
            self.deliver()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--once", action="store_true", help="end after the first job")
    once = parser.parse_args().once

    # `kill` tears down as Ctrl-C does.
    signal.signal(signal.SIGTERM, lambda *_: signal.raise_signal(signal.SIGINT))
    token, password = secrets.token_urlsafe(24), secrets.token_urlsafe(12)
    users = [{"Name": "admin", "Role": "Administrator", "Token": token, "Password": hashed(password)}]
    try:
        with Dovecot({ADDRESS: password}) as server:
            say(f"server    a private Dovecot in {server.folder}")
            with Host(configuration(users=users)) as host:
                say(f"host      http://{host.address} with the plugin of {host.plugins}/run-on-email")
                demo = Demo(server, host, token, password)
                try:
                    demo.set_up()
                    demo.deliver()
                except Exception:
                    say(f"--- the host's last words:\n{host.tail()}")
                    raise
                if not once:
                    demo.stay()
    except KeyboardInterrupt:
        say("\nstopped; nothing is left behind")
    except Trouble as trouble:
        sys.exit(f"run: {trouble}")


if __name__ == "__main__":
    main()
