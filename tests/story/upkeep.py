"""What administrators see of the plugin beside its pages: figures, live changes, and the erasure of what it keeps."""

import http.client
import json
import sys
import threading
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parents[1] / part) for part in ("support", "servers")]
from host import ADMINISTRATOR  # noqa: E402
from vocabulary import Story, eventually, main  # noqa: E402


class LiveEvents:
    """Reads /api/events in a thread of its own and keeps what came: (kind, data), comments as (":", text)."""

    def __init__(self, host, token=ADMINISTRATOR):
        address, port = host.address.rsplit(":", 1)
        self._connection = http.client.HTTPConnection(address, int(port))
        self._connection.request("GET", "/api/events", headers={"Authorization": f"Bearer {token}"})
        self._answer = self._connection.getresponse()
        assert self._answer.status == 200, self._answer.read()
        self.seen = []
        threading.Thread(target=self._read, daemon=True).start()
        eventually(lambda: self.seen, "the stream to open")

    def _read(self):
        kind = None
        try:
            for line in self._answer:
                name, _, value = line.decode().rstrip("\n").partition(": ")
                if name == "event":
                    kind = value
                elif name == "data":
                    self.seen.append((kind, json.loads(value)))
                elif not name and value:
                    self.seen.append((":", value))
        except (OSError, http.client.HTTPException, ValueError):
            pass  # closed

    def of(self, kind):
        return [data for one, data in list(self.seen) if one == kind]

    def close(self):
        self._connection.sock.close()


class Upkeep(Story):
    def figures(self):
        status, _, content = self.host.request("GET", "/metrics")
        self.assertEqual(status, 200)
        lines = [line for line in content.decode().splitlines() if not line.startswith("#")]
        return {name: float(value) for name, value in (line.rsplit(" ", 1) for line in lines)}

    def test_A_page_that_is_open_hears_of_each_state_of_a_mailbox(self):
        live = LiveEvents(self.host)
        self.addCleanup(live.close)
        mailbox = self.given_mailbox()

        def changes():
            return [data for data in live.of("settings-item")
                    if data["id"] == mailbox["id"] and data["change"] == "State"]

        def wait_for_more_than(count):
            eventually(lambda: len(changes()) > count, lambda: f"a change after {changes()}")

        def told_of(state):
            """The state is there, and whoever loads the page when the last change is told sees it."""
            self.wait_state(mailbox, state)
            self.assertEqual(self.mailbox_now(mailbox)["state"], state)

        self.given_task(mailbox)
        wait_for_more_than(0)
        told_of("watching")
        self.assertEqual(changes()[-1], {"id": mailbox["id"], "change": "State", "plugin": "run-on-email",
                                         "page": "incoming-email"})
        before = len(changes())
        self.dovecot.stop()
        told_of("error")
        wait_for_more_than(before)
        before = len(changes())
        self.dovecot.start()
        told_of("watching")
        wait_for_more_than(before)
        before = len(changes())
        self.deliver(mailbox)
        wait_for_more_than(before)
        eventually(lambda: self.mailbox_now(mailbox)["lastMail"], "the mail to be shown")

    def test_A_stream_on_which_nothing_happens_is_kept_alive(self):
        live = LiveEvents(self.host)
        self.addCleanup(live.close)
        eventually(lambda: (":", "keep-alive") in live.seen, "a sign of life", patience=60)

    def test_The_figures_count_mails_starts_and_mailboxes_and_name_nobody(self):
        mailbox = self.given_mailbox()
        broken = self.given_mailbox(account=(self.given_account()[0], "wrong"))
        task = self.given_task(mailbox, From="ann@example.org")
        self.given_task(broken, wait=False)
        self.deliver(mailbox, sender="ann@example.org")
        self.deliver(mailbox, sender="eve@example.org")
        self.expect_jobs(task, 1)
        self.wait_state(mailbox, "watching")
        self.wait_state(broken, "loginRefused")
        eventually(lambda: self.figures()['run_on_email_mails_decided_total{decision="skipped"}'] == 1,
                   "the mail that did not match to be counted")
        eventually(lambda: self.figures()["run_on_email_disposals"] == 0, "the mail to be marked")
        figures = self.figures()
        for name, value in {
                'run_on_email_mailboxes{state="watching"}': 1, 'run_on_email_mailboxes{state="loginRefused"}': 1,
                'run_on_email_mailboxes{state="error"}': 0, 'run_on_email_mails_decided_total{decision="triggered"}': 1,
                'run_on_email_mails_decided_total{decision="duplicate"}': 0, "run_on_email_starts_accepted_total": 1,
                'run_on_email_starts{state="queued"}': 0, 'run_on_email_starts{state="parked"}': 0,
                'run_on_email_starts{state="held"}': 0,
                "run_on_email_mails_pending": 0, "run_on_email_mails_quarantined": 0}.items():
            self.assertEqual(figures[name], value, name)
        self.assertGreaterEqual(figures['run_on_email_looks_total{result="succeeded"}'], 1)
        self.assertGreaterEqual(figures['run_on_email_looks_total{result="failed"}'], 1)
        # The one whose login is refused was never looked into.
        self.assertGreater(self.figures()["run_on_email_oldest_look_seconds"], 0)
        content = self.host.request("GET", "/metrics")[2].decode()
        self.assertNotIn("example", content)
        self.assertNotIn(mailbox["id"], content)

    def test_The_last_mail_of_a_mailbox_is_known_after_a_restart(self):
        mailbox = self.given_mailbox()
        task = self.given_task(mailbox)
        self.deliver(mailbox)
        self.expect_jobs(task, 1)
        last = self.wait_state(mailbox, "watching")["lastMail"]
        self.assertTrue(last)
        self.assertEqual(self.host.stop(), 0)
        self.host.start()
        eventually(lambda: self.mailbox_now(mailbox)["lastLook"], "the first look")
        self.assertEqual(self.mailbox_now(mailbox)["lastMail"], last)

    def test_Erased_content_leaves_nothing_of_a_mail_and_starts_nothing_again(self):
        mailbox = self.given_mailbox(RemoveReceived=False)
        task = self.given_task(mailbox, From="ann@example.org")
        self.deliver(mailbox, sender="ann@example.org", subject="Divorce of Mr Smithers")
        self.deliver(mailbox, sender="eve@example.org", subject="Bankruptcy of Mr Smithers")
        self.expect_jobs(task, 1)
        eventually(lambda: len(task.messages()) == 2, "both mails to be decided on")
        self.host.delete("/api/content", expect=204)
        rows = task.messages()
        self.assertEqual([(row["subject"], row["from"], row["messageId"]) for row in rows], [(None, None, None)] * 2)
        self.assertEqual(sorted(row["triggered"] for row in rows), [False, True])
        self.assertTrue(all(row["reason"]["code"] for row in rows))
        self.assertEqual(self.host.stop(), 0)
        self.assert_nowhere("Smithers", self.host.data / "jobs", self.host.data / "spool")
        self.host.start()
        self.deliver(mailbox, sender="ann@example.org")
        self.expect_jobs(task, 2)


if __name__ == "__main__":
    main()
