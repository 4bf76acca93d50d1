#!/usr/bin/env python3
"""What a look at a large POP3 mailbox costs: time, processor time and memory of the host with the plugin in it.

    bench/pop3_look.py [--mails 100000] [--looks 5] [--build build/release]

The server is a script whose lists are made beforehand, so that their time is the network's and ours. A look is
from the login's answer to the connection's end: LIST, UIDL, comparing, and for a new mail TOP, RETR and its job.
"""

import argparse
import os
import statistics
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "tests" / part) for part in ("support", "servers")]
sys.path.insert(0, str(ROOT / "bench"))
from host import Host  # noqa: E402
from mail import a_mail  # noqa: E402
from measure import footprint, footprint_text, peak_mib  # noqa: E402
from scripted_pop3 import ScriptedPop3  # noqa: E402


class Timed(ScriptedPop3):
    """Notes when each session was let in and when it ended."""

    def __init__(self):
        super().__init__()
        self.looks = []
        self._lists = (None, {})

    def login(self, session):
        session.let_in = time.monotonic()
        return super().login(session)

    def quit(self, session):
        self.looks.append(time.monotonic() - session.let_in)
        return super().quit(session)

    def listing(self, session, verb):
        """The bytes of the whole list, made once for each state of the mailbox."""
        if self._lists[0] != len(session.mails):
            self.prepare()
        return self._lists[1][verb]

    def prepare(self):
        rows = {"LIST": (str(len(content)) for _, content in self.mails), "UIDL": (uidl for uidl, _ in self.mails)}
        self._lists = (len(self.mails), {verb: ("+OK\r\n" + "".join(
            f"{number} {words}\r\n" for number, words in enumerate(column, 1)) + ".\r\n").encode()
            for verb, column in rows.items()})


def processor_seconds(process):
    fields = Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def wait_for(condition, what, patience=120):
    deadline = time.monotonic() + patience
    while not condition():
        if time.monotonic() > deadline:
            sys.exit(f"waited {patience} s in vain for {what}")
        time.sleep(0.01)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mails", type=int, default=100_000)
    parser.add_argument("--looks", type=int, default=5)
    parser.add_argument("--build", default=str(ROOT / "build/release"))
    options = parser.parse_args()

    server = Timed()
    content = a_mail(subject="Old")
    server.mails = [(f"{number:08X}5f3a9c11", content) for number in range(options.mails)]
    server.prepare()
    with Host(build=options.build) as host:
        process = host.process.pid
        before = footprint(process)
        host.post("/api/settings-pages/incoming-email/items", {
            "Email": "robot@example.com", "Password": "secret", "Protocol": "POP3", "Pop3": "127.0.0.1",
            "Pop3Port": server.port})
        task = host.post("/api/tasks", {"name": "Load", "project": "true", "triggers": [
            {"type": "run-on-email", "parameters": {"Email": "robot@example.com", "IntervalSeconds": 1}}]})
        host.post(f"/api/tasks/{task['id']}/start")
        wait_for(lambda: len(server.looks) >= 1, "the first look")
        print(f"{options.mails} mails; load of the machine {os.getloadavg()[0]:.1f}")
        print(f"first look, all mails noted      {server.looks[0] * 1000:8.0f} ms")

        def measure(what, prepare):
            times, used = [], []
            for _ in range(options.looks):
                prepare()
                count, cpu = len(server.looks), processor_seconds(process)
                wait_for(lambda: len(server.looks) >= count + 2, "a look")
                times.append(server.looks[-1 if prepare is nothing else count] * 1000)
                used.append((processor_seconds(process) - cpu) * 1000 / 2)
            print(f"{what:32} {statistics.median(times):8.0f} ms median, {statistics.median(used):6.0f} ms of a processor")

        def nothing():
            pass

        def one_more():
            server.deliver(a_mail(subject="New"))
            server.prepare()

        measure("a look with nothing new", nothing)
        measure("a look with one new mail", one_more)
        wait_for(lambda: len(host.every(f"/api/jobs?task={task['id']}")) == options.looks, "the jobs")
        ledger = sum(path.stat().st_size for path in host.data.rglob("*") if path.is_file() and "ledger" in path.name)
        print(f"memory before                    {footprint_text(before)}")
        print(f"memory after                     {footprint_text(footprint(process))}")
        print(f"memory at its most               {peak_mib(process):8.1f} MiB; the ledger on disk {ledger / 2**20:.1f} MiB")
    server.close()


if __name__ == "__main__":
    main()
