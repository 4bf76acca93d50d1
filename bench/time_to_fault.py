#!/usr/bin/env python3
"""How long it takes from the moment that something breaks until the settings page shows it, by kind of fault.

    bench/time_to_fault.py [KIND…]

Each is broken right after a look that succeeded, which is the worst moment, with the default interval of 60 s.
"""

import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "tests" / "support"), str(ROOT / "tests" / "servers")]
from dovecot import Dovecot  # noqa: E402
from host import Host  # noqa: E402
from imap_proxy import TcpProxy  # noqa: E402
from line_server import LineServer  # noqa: E402

ITEMS = "/api/settings-pages/incoming-email/items"
ADDRESS, PASSWORD = "ann@example.com", "secret-of-ann"
HEALTHY = ("idle", "connecting", "watching", "polling")


class Subject:
    """A host with one mailbox that is watched."""

    def __init__(self, port, tls_authority=None):
        self.host = Host().start()
        values = {"Email": ADDRESS, "Password": PASSWORD, "Protocol": "IMAP", "Imap": "localhost", "ImapPort": port}
        if tls_authority:
            values |= {"UseStandartNotSSLPort": False, "CaCertificate": tls_authority}
        self.item = self.host.post(ITEMS, values)["id"]
        task = self.host.post("/api/tasks", {"name": "Orders", "project": "true", "triggers": [
            {"type": "run-on-email", "parameters": {"Email": ADDRESS}}]})
        self.host.post(f"/api/tasks/{task['id']}/start")
        self._wait(lambda now: now["state"] in ("watching", "polling"), 30)

    def now(self):
        return self.host.get(f"{ITEMS}/{self.item}")

    def _wait(self, there, patience):
        deadline = time.monotonic() + patience
        while not there(now := self.now()):
            if time.monotonic() > deadline:
                raise TimeoutError(f"after {patience} s the mailbox is {now}")
            time.sleep(0.02)
        return now

    def time_to(self, fault, patience=400):
        """Seconds until the page shows the fault, and what it shows then."""
        began = time.monotonic()
        now = self._wait(fault, patience)
        return time.monotonic() - began, f"{now['state']}, step {now['error']['step']}: {now['error']['doing']}"

    def close(self):
        self.host.close()


def broken(now):
    return now["state"] not in HEALTHY


def server_killed(server):
    subject = Subject(server.imap)
    server.kill()
    return subject, subject.time_to(broken)


def black_hole_while_idle(server):
    proxy = TcpProxy(server.imap)
    subject = Subject(proxy.port)
    proxy.stall()
    return subject, subject.time_to(broken)


def black_hole_while_polled(_):
    def without_idle(tag, command):
        if command.startswith("AUTHENTICATE"):
            return f"{tag} OK [CAPABILITY IMAP4rev1] in"
        if command.startswith("SELECT"):
            return f"* 0 EXISTS\r\n* OK [UIDVALIDITY 1] ok\r\n* OK [UIDNEXT 1] ok\r\n{tag} OK [READ-WRITE] done"
        return f"{tag} OK done"

    proxy = TcpProxy(LineServer(answer=without_idle).port)
    subject = Subject(proxy.port)
    proxy.stall()
    return subject, subject.time_to(broken)


def password_changed_and_sessions_ended(server):
    subject = Subject(server.imap)
    server.set_password(ADDRESS, "another-secret")
    server.restart()
    return subject, subject.time_to(lambda now: now["state"] == "loginRefused")


def certificate_replaced(server):
    subject = Subject(server.imaps, server.certificates.ca_pem)
    server.restart(certificate="expired")
    return subject, subject.time_to(lambda now: (now["error"] or {}).get("step") == "tls")


KINDS = [server_killed, black_hole_while_idle, black_hole_while_polled, password_changed_and_sessions_ended,
         certificate_replaced]


def main():
    wanted = sys.argv[1:]
    for kind in KINDS:
        if wanted and kind.__name__ not in wanted:
            continue
        with Dovecot({ADDRESS: PASSWORD}) as server:
            subject, (seconds, words) = kind(server)
            subject.close()
        print(f"{kind.__name__.replace('_', ' '):38} {seconds:6.1f} s  {words}", flush=True)


if __name__ == "__main__":
    main()
