"""Mailboxes by POP3: every mail its jobs once, whatever the server can do and whatever dies."""

import poplib
import sys
import time
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parents[1] / part) for part in ("support", "servers")]
from imap_proxy import TcpProxy  # noqa: E402
from mail import a_mail  # noqa: E402
from pop3_mailboxes import Pop3Mailboxes  # noqa: E402
from scripted_pop3 import ScriptedPop3  # noqa: E402
from vocabulary import ITEMS, Story, eventually, main  # noqa: E402


class Pop3Story(Pop3Mailboxes, Story):
    dovecot_options = {"pop3": True}

    def given_mailbox_on(self, server, **fields):
        self.addCleanup(server.close)
        return self.given_mailbox("plain", self.given_account(), port=server.port, **fields)

    def left(self, mailbox):
        """How many mails are on the server."""
        return len(self.dovecot.uids(mailbox["Email"]))


class Pop3(Pop3Story):
    def test_Pain_14_a_polled_mailbox_says_so_and_starts_jobs_over_each_kind_of_connection(self):
        for connection in ("plain", "starttls", "tls", "opportunistic"):
            with self.subTest(connection):
                mailbox = self.given_mailbox(connection)
                task = self.given_task(mailbox)
                self.assertEqual(self.wait_state(mailbox, "polling")["mode"], "polling")
                self.deliver(mailbox, subject=f"By {connection}", text="Line\r\n.\r\n..dots\r\n")
                payload = self.expect_jobs(task, 1)[0]["payload"]
                self.assertEqual(payload["subject"], f"By {connection}")
                self.assertEqual(payload["text"].replace("\r", ""), "Line\n.\n..dots\n")
                self.assertEqual(payload["mailbox"]["protocol"], "POP3")
                self.assertEqual(self.left(mailbox), 1)
                self.assertEqual(task.messages()[0]["reason"]["code"], "matched")

    def test_What_was_there_before_the_trigger_is_passed_over_or_taken_as_it_says(self):
        mailbox = self.given_mailbox()
        self.dovecot.deliver_many(mailbox["Email"], [a_mail(subject=f"Old {number}") for number in range(5)])
        new, all_of_them = self.given_task(mailbox), self.given_task(mailbox, StartFrom="all")
        self.expect_jobs(all_of_them, 5)
        self.deliver(mailbox, subject="New")
        self.expect_jobs(all_of_them, 6)
        self.expect_jobs(new, 1)
        self.assertEqual(self.subjects(new), ["New"])

    def test_What_POP3_does_not_know_is_refused_by_its_field(self):
        mailbox = self.given_mailbox()
        for field, value in (("StartFrom", "unread"), ("Folder", "Orders")):
            body = self.host.post("/api/tasks", {"name": "x", "project": "true", "triggers": [
                {"type": "run-on-email", "parameters": {"Email": mailbox["Email"], field: value}}]}, expect=422)
            self.assertIn(field, body["errors"][0]["field"])
            self.assertIn("POP3", body["errors"][0]["message"])

    def test_RemoveReceived_deletes_processed_mails_only(self):
        mailbox = self.given_mailbox(RemoveReceived=True)
        task = self.given_task(mailbox, Subject="order")
        for subject in ("An order", "A note", "Another order"):
            self.deliver(mailbox, subject=subject)
        self.expect_jobs(task, 2)
        eventually(lambda: self.left(mailbox) == 1, "the orders to be deleted")
        self.deliver(mailbox, subject="A third order")
        self.expect_jobs(task, 3)
        eventually(lambda: self.left(mailbox) == 1, "the third order to be deleted")

    def test_Two_equal_mails_one_after_the_other_are_two(self):
        mailbox = self.given_mailbox(RemoveReceived=True)
        task = self.given_task(mailbox)
        mail = a_mail(subject="The same")
        for count in (1, 2, 3):
            self.dovecot.deliver(mailbox["Email"], mail)
            self.expect_jobs(task, count)
            eventually(lambda: self.left(mailbox) == 0, "the mail to be deleted")

    def test_A_window_of_one_takes_many_mails_one_after_the_other(self):
        mailbox = self.given_mailbox(RemoveReceived=True)
        self.dovecot.deliver_many(mailbox["Email"], [a_mail(subject=f"Number {number}") for number in range(60)])
        task = self.given_task(mailbox, StartFrom="all", WindowSize=1)
        self.expect_jobs(task, 60)
        eventually(lambda: self.left(mailbox) == 0, "all to be deleted")

    def test_A_host_that_is_killed_again_and_again_starts_each_job_once(self):
        mailbox = self.given_mailbox(RemoveReceived=True)
        task = self.given_task(mailbox, StartFrom="all", WindowSize=3)
        delivered = 0
        for _ in range(5):
            self.dovecot.deliver_many(mailbox["Email"], [a_mail(subject=f"Kill {delivered + n}") for n in range(15)])
            delivered += 15
            eventually(lambda: len(task.jobs()) > delivered - 15, "the first of them")
            self.host.kill()
            self.host.start()
        jobs = self.expect_jobs(task, delivered, all_succeed=False)
        self.assertEqual(len({job["payload"]["subject"] for job in jobs}), delivered)
        eventually(lambda: self.left(mailbox) == 0, "all to be deleted")

    def test_Pain_24_a_download_that_breaks_off_is_begun_again_and_leaves_nothing_half(self):
        content = bytes(range(256)) * 8192
        with TcpProxy(self.dovecot.pop3) as proxy:
            mailbox = self.given_mailbox(port=proxy.port)
            task = self.given_task(mailbox)
            mail = a_mail(attachments=[("large.bin", "application/zip", content)])
            proxy.break_after(1 << 20)
            self.dovecot.deliver_many(mailbox["Email"], [mail])
            job, = self.expect_jobs(task, 1, patience=90)
            self.assertEqual(proxy.broken, 1)
        self.assertEqual(Path(job["payload"]["raw"]).read_bytes(), mail)
        for name, size in (("message.eml", len(mail)), ("large.bin", len(content))):
            self.assertEqual([path.stat().st_size for path in self.host.data.rglob(f"{name}*")], [size])

    def test_A_restart_of_the_server_repeats_nothing(self):
        mailbox = self.given_mailbox()
        self.expect_jobs_around_an_outage(mailbox, self.given_task(mailbox))
        self.assertEqual(self.wait_state(mailbox, "polling")["error"], None)

    def test_Mail_that_came_while_the_task_was_stopped_starts_jobs_later(self):
        mailbox = self.given_mailbox()
        task = self.given_task(mailbox)
        task.stop()
        self.deliver(mailbox)
        self.assertEqual(self.host.stop(), 0)
        self.host.start()
        task.start()
        self.expect_jobs(task, 1)

    def test_A_wrong_password_is_said_once_and_not_repeated(self):
        address, _ = self.given_account()
        mailbox = self.given_mailbox("plain", (address, "not-this-one"))
        task = self.given_task(mailbox, wait=False)
        now = self.wait_state(mailbox, "loginRefused")
        self.assertEqual(now["error"]["step"], "login")
        self.assertIn("Authentication failed", now["error"]["serverText"])
        self.assertNotIn("not-this-one", str(now) + self.host.tail(100_000))
        self.expect_jobs(task, 0)

    def test_The_connection_test_tells_each_step(self):
        account = self.given_account()
        values = self.mailbox_fields(*account, "tls")
        self.dovecot.deliver_many(account[0], [a_mail(), a_mail()])
        report = self.host.post(f"{ITEMS.rsplit('/', 1)[0]}/actions/test-connection", {"values": values}, expect=200)
        self.assertTrue(report["ok"], report)
        self.assertEqual([step["name"] for step in report["steps"]],
                         ["dns", "connect", "tls", "login", "folder", "count"])
        self.assertEqual(report["steps"][-1]["count"], 2)
        plain = self.host.post(f"{ITEMS.rsplit('/', 1)[0]}/actions/test-connection",
                               {"values": self.mailbox_fields(*account)}, expect=200)
        self.assertTrue(plain["ok"], plain)
        self.assertIn("STLS", plain["steps"][2]["detail"])

    def test_A_preview_says_which_of_the_latest_mails_would_start_a_job(self):
        mailbox = self.given_mailbox()
        for subject in ("A note", "An order"):
            self.deliver(mailbox, subject=subject)
        body = self.host.post("/api/trigger-types/run-on-email/preview", {
            "parameters": {"Email": mailbox["Email"], "Subject": "order"}, "limit": 5}, expect=200)
        self.assertEqual([(item["subject"], item["wouldStart"]) for item in body["items"]],
                         [("An order", True), ("A note", False)])
        self.assertEqual(body["there"], {"all": 2, "unread": None})
        self.assertEqual(self.left(mailbox), 2)


class Locked(Pop3Story):
    dovecot_options = {"pop3": True, "pop3_lock": True}

    def test_A_mailbox_that_another_session_has_open_waits_and_goes_on(self):
        account = self.given_account()
        other = poplib.POP3("localhost", self.dovecot.pop3)
        other.user(account[0])
        other.utf8() if "UTF8" in other.capa() else None
        other._putline(b"PASS " + account[1].encode())
        self.assertTrue(other._getresp().startswith(b"+OK"))
        mailbox = self.given_mailbox("plain", account)
        task = self.given_task(mailbox, wait=False, StartFrom="all")
        # Dovecot itself waits half a minute for the lock before it says so.
        now = self.wait_state(mailbox, "throttled", patience=120)
        self.assertIn("Another session", now["error"]["advice"])
        self.assertIsNotNone(now["until"])
        self.deliver(mailbox)
        other.quit()
        self.expect_jobs(task, 1, patience=90)
        self.assertEqual(self.wait_state(mailbox, "polling")["error"], None)


class LosesQuit(ScriptedPop3):
    """The connection breaks at the first two QUITs, and nothing is deleted then."""

    lost = 0

    def quit(self, session):
        if session.deleted and self.lost < 2:
            self.lost += 1
            return False
        return super().quit(session)


class IsLockedAtFirst(ScriptedPop3):
    """An old server that has no codes: the mailbox is locked for the first login."""

    def login(self, session):
        if self.logins == 1:
            session.say("-ERR maildrop already locked")
            return True
        return super().login(session)


class Dialects(Pop3Story):
    def test_A_connection_lost_before_QUIT_deletes_nothing_and_repeats_nothing(self):
        server = LosesQuit()
        mailbox = self.given_mailbox_on(server, RemoveReceived=True)
        task = self.given_task(mailbox)
        server.deliver(a_mail())
        self.expect_jobs(task, 1)
        eventually(lambda: not server.mails, "the mail to be deleted at last")
        self.assertEqual(server.lost, 2)
        self.expect_jobs(task, 1)

    def test_Servers_that_can_next_to_nothing_are_watched_all_the_same(self):
        for quirks in ({"capabilities": None}, {"uidl": False}, {"top": False},
                       {"capabilities": None, "uidl": False, "top": False}, {"capabilities": ("", "\x01", "USER")}):
            with self.subTest(quirks):
                server = ScriptedPop3(**quirks)
                server.deliver(a_mail(subject="Old"))
                mailbox = self.given_mailbox_on(server)
                task = self.given_task(mailbox)
                for number in range(3):
                    server.deliver(a_mail(subject=f"New {number}"))
                self.expect_jobs(task, 3, settle=2.5)
                self.assertEqual(self.subjects(task), ["New 0", "New 1", "New 2"])

    def test_Nothing_is_sent_along_with_the_login(self):
        server = ScriptedPop3()
        mailbox = self.given_mailbox_on(server)
        self.given_task(mailbox)
        self.assertEqual([command.split()[0] for command in server.commands[:4]], ["CAPA", "USER", "PASS", "CAPA"])

    def test_A_locked_mailbox_of_a_server_without_codes_waits_and_goes_on(self):
        server = IsLockedAtFirst()
        mailbox = self.given_mailbox_on(server)
        task = self.given_task(mailbox, wait=False)
        self.assertIn("already locked", self.wait_state(mailbox, "throttled")["error"]["serverText"])
        task.wait_started(60)
        server.deliver(a_mail())
        self.expect_jobs(task, 1)

    def test_Pain_12_a_delay_between_logins_that_the_server_wants_is_kept(self):
        server = ScriptedPop3(capabilities=("TOP", "UIDL", "USER", "LOGIN-DELAY 5"))
        mailbox = self.given_mailbox_on(server)
        self.given_task(mailbox)
        before = server.logins
        time.sleep(4)
        self.assertEqual(server.logins, before)
        eventually(lambda: server.logins > before, "the next login")

    def test_Pain_18_UIDLs_that_repeat_are_several_mails(self):
        server = ScriptedPop3()
        server.deliver(a_mail(subject="Old"), uidl="same")
        mailbox = self.given_mailbox_on(server)
        task = self.given_task(mailbox)
        server.deliver(a_mail(subject="Second"), uidl="same")
        self.expect_jobs(task, 1, settle=2.5)
        server.deliver(a_mail(subject="Third"), uidl="same")
        server.mails.pop(0)
        self.expect_jobs(task, 2, settle=2.5)
        self.assertEqual(self.subjects(task), ["Second", "Third"])

    def test_Pain_18_new_UIDLs_for_old_mails_start_nothing_again(self):
        server = ScriptedPop3()
        server.deliver(a_mail(subject="Old"))
        mailbox = self.given_mailbox_on(server)
        task = self.given_task(mailbox)
        for number in range(4):
            server.deliver(a_mail(subject=f"New {number}"))
        self.expect_jobs(task, 4)
        server.rename(lambda uidl: "renamed-" + uidl)
        server.deliver(a_mail(subject="Newest"))
        self.expect_jobs(task, 5, settle=2.5)
        self.assertEqual(sum(row["duplicate"] for row in task.messages()), 4)

    def test_Pain_18_a_mailbox_that_is_shown_empty_for_a_while_starts_nothing_again(self):
        server = ScriptedPop3()
        server.deliver(a_mail(subject="Old"))
        mailbox = self.given_mailbox_on(server)
        task = self.given_task(mailbox)
        server.deliver(a_mail(subject="New"))
        self.expect_jobs(task, 1)
        away, server.mails = server.mails, []
        logins = server.logins
        eventually(lambda: server.logins > logins + 1, "two looks at the empty mailbox")
        server.mails = away
        self.expect_jobs(task, 1, settle=2.5)


class Large(Pop3Story):
    def test_A_hundred_thousand_mails_are_no_trouble(self):
        server = ScriptedPop3()
        content = a_mail(subject="Old")
        server.mails = [(f"{number:08X}5f3a9c11", content) for number in range(100_000)]
        mailbox = self.given_mailbox_on(server)
        began = time.monotonic()
        task = self.given_task(mailbox)
        baseline = time.monotonic() - began
        server.deliver(a_mail(subject="New"))
        began = time.monotonic()
        self.expect_jobs(task, 1, settle=0)
        print(f"\n100,000 mails: first look {baseline:.2f} s, the next with one new mail {time.monotonic() - began:.2f} s "
              "from delivery to the job's end", file=sys.stderr)
        self.assertEqual(self.subjects(task), ["New"])
        self.assertLess(sum(command.startswith("TOP") for command in server.commands), 3)


if __name__ == "__main__":
    main()
