"""What goes wrong with one mailbox: right state, right words, healed by itself, and nobody else's concern."""

import sys
import time
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parents[1] / part) for part in ("support", "servers")]
from dovecot import Dovecot  # noqa: E402
from imap_proxy import TcpProxy  # noqa: E402
from imap_server import free_ports  # noqa: E402
from mail import a_mail  # noqa: E402
from vocabulary import ITEMS, Story, eventually, main  # noqa: E402


class Troubles(Story):
    def refused_logins(self, address):
        return [line for line in self.dovecot.log().splitlines() if "auth failed" in line and f"<{address}>" in line]

    def test_A_wrong_password_is_tried_once_and_told(self):
        address, password = self.given_account()
        mailbox = self.given_mailbox("plain", (address, "not " + password))
        task = self.given_task(mailbox, wait=False)
        state = self.wait_state(mailbox, "loginRefused")
        self.assertEqual(state["error"]["step"], "login")
        self.assertIn("Authentication failed", state["error"]["serverText"])
        self.assertTrue(state["error"]["advice"])
        self.assertTrue(state["since"])
        self.assertNotEqual(task.state()["state"], "started")
        # The first waits after a broken connection are shorter than this.
        time.sleep(5)
        eventually(lambda: self.refused_logins(address), "the server's log to tell of the refused login")
        self.assertEqual(self.mailbox_now(mailbox)["state"], "loginRefused")
        attempts = [line for line in self.refused_logins(address) if "(auth failed, 1 attempts" in line]
        self.assertEqual(len(attempts), 1, self.refused_logins(address))

        self.host.put(f"{ITEMS}/{mailbox['id']}", self.mailbox_fields(address, password))
        self.wait_state(mailbox, "watching")
        task.wait_started()
        self.deliver(mailbox)
        self.expect_jobs(task, 1)

    def test_A_folder_that_is_not_there_is_named(self):
        mailbox = self.given_mailbox(ImapFolder="Заявки")
        task = self.given_task(mailbox, wait=False)
        error = self.wait_state(mailbox, "error")["error"]
        self.assertEqual(error["step"], "folder")
        self.assertIn("Заявки", f"{error['serverText']} {error['advice']} {error.get('doing', '')}")
        self.dovecot.create_folder(mailbox["Email"], "Заявки")
        self.wait_state(mailbox, "watching")
        task.wait_started()
        self.deliver(mailbox, folder="Заявки")
        self.expect_jobs(task, 1)

    def test_A_server_name_without_an_address_is_told(self):
        mailbox = self.given_mailbox(Imap="no-such-host.invalid")
        self.given_task(mailbox, wait=False)
        self.assertEqual(self.wait_state(mailbox, "error")["error"]["step"], "dns")

    def test_A_port_that_nobody_listens_on_is_told(self):
        mailbox = self.given_mailbox(ImapPort=free_ports(1)[0])
        self.given_task(mailbox, wait=False)
        self.assertEqual(self.wait_state(mailbox, "error")["error"]["step"], "connect")

    def test_A_connection_that_breaks_is_made_again(self):
        address, password = self.given_account()
        with TcpProxy(self.dovecot.imap) as proxy:
            mailbox = self.given_mailbox("plain", (address, password), ImapPort=proxy.port)
            task = self.given_task(mailbox)
            self.wait_state(mailbox, "watching")
            for round_ in range(1, 4):
                before = proxy.accepted
                proxy.cut()
                self.deliver(mailbox, subject=f"After the cut {round_}")
                self.expect_jobs(task, round_, settle=0.2)
                self.assertGreater(proxy.accepted, before)
            self.wait_state(mailbox, "watching")

    def test_One_mailbox_in_trouble_does_not_slow_another(self):
        account = self.given_account()
        with TcpProxy(self.dovecot.imap) as proxy:
            sick = self.given_mailbox("plain", account, ImapPort=proxy.port)
            well = self.given_mailbox()
            sick_task = self.given_task(sick)
            well_task = self.given_task(well)
            proxy.refuse(True)
            proxy.cut()
            self.wait_state(sick, "error")
            self.deliver(sick)
            for _ in range(5):
                self.deliver(well)
            self.expect_jobs(well_task, 5, patience=5)
            self.assertEqual(self.mailbox_now(well)["state"], "watching")
            self.assertEqual(sick_task.jobs(), [])
            proxy.refuse(False)
            self.wait_state(sick, "watching")
            self.expect_jobs(sick_task, 1)

    def test_A_slow_line_only_takes_longer(self):
        account = self.given_account()
        with TcpProxy(self.dovecot.imap, delay=0.15) as proxy:
            mailbox = self.given_mailbox("plain", account, ImapPort=proxy.port)
            task = self.given_task(mailbox)
            self.dovecot.deliver_many(mailbox["Email"], [a_mail(subject=f"Slow {n}") for n in range(30)])
            self.expect_jobs(task, 30)

    def test_The_host_ends_cleanly_while_a_server_says_nothing(self):
        account = self.given_account()
        with TcpProxy(self.dovecot.imap) as proxy:
            mailbox = self.given_mailbox("plain", account, ImapPort=proxy.port)
            task = self.given_task(mailbox)
            proxy.stall()
            self.deliver(mailbox)
            began = time.monotonic()
            self.assertEqual(self.host.stop(), 0)
            self.assertLess(time.monotonic() - began, 10)
            self.host.start()
            self.expect_jobs(task, 1)


class ServersThatStop(Story):
    """Each test has a server of its own, as it stops it."""

    def setUp(self):
        super().setUp()
        self.server = Dovecot(certificates=self.dovecot.certificates).start()
        self.addCleanup(self.server.close)
        self.account = ("ann@example.com", "secret-of-ann")
        self.server.add_user(*self.account)

    def given_watched(self, **fields):
        mailbox = self.given_mailbox("plain", self.account, ImapPort=self.server.imap, **fields)
        task = self.given_task(mailbox)
        self.wait_state(mailbox, "watching")
        return mailbox, task

    def test_A_server_that_was_stopped_is_found_again(self):
        mailbox, task = self.given_watched()
        self.server.deliver("ann@example.com", a_mail())
        self.expect_jobs(task, 1)
        self.server.stop()
        self.wait_state(mailbox, "error")
        # The first word is of the session that broke, the next of the server that is not there.
        eventually(lambda: (self.mailbox_now(mailbox)["error"] or {}).get("step") == "connect", "the step connect")
        down = self.mailbox_now(mailbox)
        self.assertTrue(down["since"])
        self.assertTrue(down["until"], "when it will be tried again")
        self.server.deliver_many("ann@example.com", [a_mail(subject="While it was down")])
        self.server.start()
        up = self.wait_state(mailbox, "watching")
        self.assertIsNone(up["error"])
        job = self.expect_jobs(task, 2)[-1]
        self.assertEqual(job["payload"]["subject"], "While it was down")

    def test_A_server_that_was_killed_is_found_again(self):
        mailbox, task = self.given_watched()
        self.server.kill()
        self.wait_state(mailbox, "error")
        self.server.deliver_many("ann@example.com", [a_mail()])
        self.server.start()
        self.wait_state(mailbox, "watching")
        self.expect_jobs(task, 1)

    def test_A_password_changed_on_the_server_is_told_and_a_new_one_heals(self):
        mailbox, task = self.given_watched()
        self.server.stop()
        self.server.add_user("ann@example.com", "another-secret")
        self.server.start()
        self.wait_state(mailbox, "loginRefused")
        self.host.put(f"{ITEMS}/{mailbox['id']}",
                      self.mailbox_fields("ann@example.com", "another-secret", port=self.server.imap))
        self.wait_state(mailbox, "watching")
        self.server.deliver("ann@example.com", a_mail())
        self.expect_jobs(task, 1)

    def test_A_server_that_is_down_when_the_host_starts_is_waited_for(self):
        mailbox, task = self.given_watched()
        self.assertEqual(self.host.stop(), 0)
        self.server.stop()
        self.server.deliver_many("ann@example.com", [a_mail()])
        self.host.start()
        self.wait_state(mailbox, "error")
        self.server.start()
        self.expect_jobs(task, 1)

    def test_A_certificate_replaced_by_an_untrusted_one_stops_the_watch(self):
        self.server.restart(certificate="good")
        mailbox = self.given_mailbox("tls", self.account, ImapPort=self.server.imaps)
        task = self.given_task(mailbox)
        self.wait_state(mailbox, "watching")
        self.server.restart(certificate="expired")
        self.server.deliver("ann@example.com", a_mail())
        eventually(lambda: (self.mailbox_now(mailbox)["error"] or {}).get("step") == "tls", "the fault of TLS")
        self.assertEqual(task.jobs(), [])
        self.server.restart(certificate="good")
        self.expect_jobs(task, 1)


if __name__ == "__main__":
    main()
