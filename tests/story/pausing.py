"""A mailbox that is paused, and every state that the page shows."""

import sys
import time
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parents[1] / part) for part in ("support", "servers")]
from mail import a_mail  # noqa: E402
from line_server import LineServer  # noqa: E402
from vocabulary import ITEMS, Story, eventually, main  # noqa: E402

ACTIONS = "/api/settings-pages/incoming-email/actions"


class Pausing(Story):
    def pause(self, mailbox):
        return self.host.post(f"{ACTIONS}/pause", {"id": mailbox["id"], "values": {}})

    def resume(self, mailbox):
        return self.host.post(f"{ACTIONS}/resume", {"id": mailbox["id"], "values": {}})

    def test_Mail_that_comes_while_a_mailbox_is_paused_starts_its_jobs_afterwards(self):
        mailbox = self.given_mailbox()
        task = self.given_task(mailbox)
        self.deliver(mailbox)
        self.expect_jobs(task, 1)
        before = self.wait_state(mailbox, "watching")
        paused = self.pause(mailbox)
        self.assertEqual(paused["state"], "paused")
        self.assertTrue(paused["since"])
        self.assertIsNone(paused["error"])
        self.assertIsNone(paused["mode"])
        self.assertEqual(paused["lastMail"], before["lastMail"], "what is known stays known")
        eventually(lambda: not self.dovecot.sessions(mailbox["Email"]), "the session to have ended")
        for _ in range(3):
            self.deliver(mailbox)
        self.expect_jobs(task, 1)
        self.assertEqual(task.state()["state"], "started")
        self.resume(mailbox)
        self.expect_jobs(task, 4)
        self.wait_state(mailbox, "watching")

    def test_A_pause_lasts_over_a_restart_an_edit_and_a_new_task(self):
        account = self.given_account()
        mailbox = self.given_mailbox("plain", account)
        task = self.given_task(mailbox)
        since = self.pause(mailbox)["since"]
        self.assertEqual(self.host.stop(), 0)
        self.deliver(mailbox)
        self.host.start()
        self.host.put(f"{ITEMS}/{mailbox['id']}", self.mailbox_fields(*account, RemoveReceived=False))
        late = self.given_task(mailbox, wait=False, StartFrom="all")
        now = self.mailbox_now(mailbox)
        self.assertEqual((now["state"], now["since"]), ("paused", since))
        self.assertEqual(task.state()["state"], "started")
        self.assertEqual(late.state()["state"], "starting", "it has not looked yet")
        self.expect_jobs(task, 0)
        self.assertEqual(self.dovecot.sessions(mailbox["Email"]), [])
        self.resume(mailbox)
        self.expect_jobs(task, 1)
        self.expect_jobs(late, 1)

    def test_Pausing_twice_or_without_a_task_is_nothing_special(self):
        mailbox = self.given_mailbox()
        self.assertEqual(self.mailbox_now(mailbox)["state"], "idle")
        since = self.pause(mailbox)["since"]
        self.assertEqual(self.pause(mailbox)["since"], since)
        self.assertEqual(self.resume(mailbox)["state"], "idle")
        self.assertEqual(self.resume(mailbox)["state"], "idle")
        self.host.post(f"{ACTIONS}/pause", {"values": {}}, expect=422)
        self.host.post(f"{ACTIONS}/pause", {"id": "mb-no-such", "values": {}}, expect=404)
        self.pause(mailbox)
        self.host.delete(f"{ITEMS}/{mailbox['id']}", expect=204)

    def test_A_pause_is_written_into_the_journal(self):
        mailbox = self.given_mailbox()
        self.pause(mailbox)
        events = [event for event in self.host.every("/api/journal") if event["code"] == 70002]
        self.assertEqual(events[-1]["details"]["action"], "pause")
        self.assertEqual(events[-1]["user"], "root")


class States(Story):
    """since, until, mode, lastLook, lastMail and error in each state."""

    def test_From_idle_to_watching_and_back(self):
        mailbox = self.given_mailbox()
        idle = self.mailbox_now(mailbox)
        self.assertEqual([idle[name] for name in ("state", "until", "mode", "lastLook", "lastMail", "error")],
                         ["idle", None, None, None, None, None])
        self.assertTrue(idle["since"])
        task = self.given_task(mailbox)
        watching = self.wait_state(mailbox, "watching")
        self.assertEqual((watching["mode"], watching["until"], watching["error"]), ("IMAP IDLE", None, None))
        self.assertTrue(watching["lastLook"])
        self.deliver(mailbox)
        self.expect_jobs(task, 1)
        self.assertTrue(self.mailbox_now(mailbox)["lastMail"])
        task.stop()
        rest = self.mailbox_now(mailbox)
        self.assertEqual((rest["state"], rest["mode"], rest["error"]), ("idle", None, None))
        self.assertGreaterEqual(rest["since"], watching["since"])

    def given_server_that_says(self, said, greeting="* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN SASL-IR] ready"):
        server = LineServer(greeting, lambda tag, command: said.format(tag=tag))
        self.addCleanup(server.close)
        mailbox = self.given_mailbox("plain", ("ann@example.com", "secret"), ImapPort=server.port)
        self.given_task(mailbox, wait=False)
        return mailbox

    def test_A_refused_login_waits_long_and_says_what_to_do(self):
        mailbox = self.given_server_that_says("{tag} NO [AUTHENTICATIONFAILED] no")
        refused = self.wait_state(mailbox, "loginRefused")
        self.assertEqual(refused["error"]["step"], "login")
        self.assertIn("AUTHENTICATIONFAILED", refused["error"]["serverText"])
        self.assertIn("password", refused["error"]["advice"])
        self.assertGreater(refused["until"], refused["since"])
        self.assertIsNone(refused["mode"])

    def test_A_throttled_mailbox_says_until_when(self):
        mailbox = self.given_server_that_says(
            "{tag} NO Request is throttled. Suggested Backoff Time: 61000 milliseconds")
        throttled = self.wait_state(mailbox, "throttled")
        self.assertGreater(throttled["until"], throttled["since"])
        self.assertTrue(throttled["error"]["advice"])

    def test_An_error_keeps_its_beginning_while_it_is_tried_again(self):
        mailbox = self.given_server_that_says("", greeting="* BYE internal error")
        first = self.wait_state(mailbox, "error")
        time.sleep(2.5)
        later = self.mailbox_now(mailbox)
        self.assertEqual((later["state"], later["since"]), ("error", first["since"]))
        self.assertGreater(later["until"], first["until"], "it was tried again meanwhile")

    def test_A_server_that_cannot_push_is_polled(self):
        def without_idle(tag, command):
            if command.startswith("AUTHENTICATE"):
                return f"{tag} OK [CAPABILITY IMAP4rev1] in"
            if command.startswith("SELECT"):
                return f"* 0 EXISTS\r\n* OK [UIDVALIDITY 1] ok\r\n* OK [UIDNEXT 1] ok\r\n{tag} OK [READ-WRITE] done"
            return f"{tag} OK done"

        server = LineServer(answer=without_idle)
        self.addCleanup(server.close)
        mailbox = self.given_mailbox("plain", ("ann@example.com", "secret"), ImapPort=server.port)
        self.given_task(mailbox, IntervalSeconds=1)
        polling = self.wait_state(mailbox, "polling")
        self.assertEqual(polling["mode"], "polling")
        eventually(lambda: self.mailbox_now(mailbox)["lastLook"] > polling["lastLook"], "the next look")


if __name__ == "__main__":
    main()
