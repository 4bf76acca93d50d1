"""Clients that are not ours on the simulator of Exchange: it speaks EWS, and not a dialect that only we know.

Debian's python3-exchangelib, and npm's ews-javascript-api (javascript_client.mjs)."""

import json
import os
import subprocess
import sys
import threading
import time
import unittest
from pathlib import Path

# Debian's packages come first, whichever Python runs the tests: exchangelib wants their versions of what it is built on.
sys.path[:0] = [*(str(Path(__file__).resolve().parents[1] / part) for part in ("support", "servers")),
                "/usr/lib/python3/dist-packages"]
import exchangelib  # noqa: E402
from exchange import Exchange  # noqa: E402
from exchangelib.protocol import CachingProtocol  # noqa: E402
from mail import a_mail  # noqa: E402

ANN, SHARED, SECRET = "ann@example.com", "orders@example.com", "Pass-Wörd-1"


class ForeignClients(unittest.TestCase):
    def setUp(self):
        self.server = Exchange({ANN: SECRET})
        self.addCleanup(self.server.close)
        self.server.start()

    def wait(self, condition):
        deadline = time.monotonic() + 20
        while not condition():
            self.assertLess(time.monotonic(), deadline, "waited in vain")
            time.sleep(0.02)


class Exchangelib(ForeignClients):
    def account(self, auth_type, login="EXAMPLE\\ann", password=SECRET, address=ANN, access_type=exchangelib.DELEGATE):
        os.environ["REQUESTS_CA_BUNDLE"] = str(self.server.certificates.folder / "ca.pem")
        self.addCleanup(os.environ.pop, "REQUESTS_CA_BUNDLE", None)
        CachingProtocol.clear_cache()  # else a user who has signed in by one mechanism goes on with it
        configuration = exchangelib.Configuration(
            service_endpoint=self.server.url(), auth_type=auth_type,
            credentials=exchangelib.Credentials(login, password))
        account = exchangelib.Account(address, config=configuration, autodiscover=False, access_type=access_type,
                                      default_timezone=exchangelib.EWSTimeZone("UTC"))
        self.addCleanup(account.protocol.close)
        return account

    def test_Signed_in_by_Basic_and_by_NTLM_it_lists_and_reads(self):
        self.server.deliver(ANN, a_mail(subject="Größe", text="Line\r\n", identifier="one@x.example",
                                        attachments=[("a.bin", "application/x-thing", b"123")]))
        self.server.create_folder(ANN, "INBOX/Orders")
        for auth_type, mechanism, logins in ((exchangelib.BASIC, "Basic", (ANN, "EXAMPLE\\ann")),
                                             (exchangelib.NTLM, "NTLM", (ANN, "EXAMPLE\\ann"))):
            for login in logins:
                with self.subTest(mechanism, login=login):
                    account = self.account(auth_type, login)
                    item, = account.inbox.all()
                    self.assertEqual((item.subject, item.message_id, item.is_read), ("Größe", "<one@x.example>", False))
                    self.assertIn(b'filename="a.bin"', item.mime_content)
                    self.assertEqual([one.name for one in item.attachments], ["a.bin"])
                    self.assertEqual([folder.name for folder in account.inbox.children], ["Orders"])
                    self.assertEqual(account.version.build.major_version, 15)
                    self.assertIn(mechanism, self.server.logins(ANN))
        self.assertEqual(self.server.failed_logins(ANN), [])

    def test_A_wrong_password_is_refused_by_each_mechanism(self):
        for auth_type in (exchangelib.BASIC, exchangelib.NTLM):
            with self.subTest(auth_type), self.assertRaises(exchangelib.errors.UnauthorizedError):
                self.account(auth_type, password="wrong")

    def test_It_syncs_searches_marks_moves_and_deletes(self):
        account = self.account(exchangelib.NTLM)
        for number in range(3):
            self.server.deliver(ANN, a_mail(subject=f"Mail {number}"))
        inbox = account.inbox
        changes = list(inbox.sync_items(only_fields=["subject", "is_read"]))
        self.assertEqual([(what, item.subject) for what, item in changes], [("create", f"Mail {n}") for n in (2, 1, 0)])
        last, middle, first = (item for _, item in changes)
        for item in inbox.filter(subject="Mail 1", is_read=False):
            item.is_read = True
            item.categories = ["Done"]
            item.save(update_fields=["is_read", "categories"])
        self.assertEqual(self.server.flags(ANN)[middle.id], {"\\Seen", "Done"})
        last.account = first.account = account
        last.move(account.junk)
        self.assertEqual(self.server.uids(ANN, "Junk Email"), [last.id])
        first.move_to_trash()
        self.assertEqual([item.head["Subject"] for item in self.server.deleted(ANN)], ["Mail 0"])
        middle = next(iter(inbox.all()))
        middle.delete()
        self.assertEqual(self.server.uids(ANN), [])
        self.assertEqual(sorted(what for what, _ in inbox.sync_items(only_fields=["subject"])), ["delete"] * 3)

    def test_It_makes_folders_and_mails_and_syncs_the_hierarchy(self):
        account = self.account(exchangelib.BASIC)
        root = account.msg_folder_root
        self.assertIn("Inbox", [folder.name for what, folder in root.sync_hierarchy() if what == "create"])
        made = exchangelib.Folder(parent=account.inbox, name="Заказы")
        made.save()
        self.assertEqual([(what, folder.name) for what, folder in root.sync_hierarchy()], [("create", "Заказы")])
        draft = exchangelib.Message(account=account, folder=made, subject="Draft", body="Text", to_recipients=[ANN])
        draft.save()
        self.assertEqual(self.server.uids(ANN, "INBOX/Заказы"), [draft.id])
        draft.copy(account.junk)
        self.assertEqual(len(self.server.uids(ANN, "Junk Email")), 1)
        exchangelib.Message(account=account, subject="Sent", body="Text", to_recipients=[ANN]).send_and_save()
        self.assertEqual([item.head["Subject"] for item in self.server.mails(ANN)], ["Sent"])
        made.delete()
        self.assertEqual([what for what, _ in root.sync_hierarchy()], ["delete"])

    def test_It_hears_of_a_mail_by_pulling_and_by_streaming(self):
        account = self.account(exchangelib.BASIC)
        inbox = account.inbox
        with inbox.pull_subscription() as (subscription, watermark):
            one = self.server.deliver(ANN, a_mail())
            notification, = inbox.get_events(subscription, watermark)
            self.assertIn(("NewMailEvent", one), self.told(notification))
        with inbox.streaming_subscription() as subscription:
            heard = []
            listening = threading.Thread(target=lambda: heard.extend(
                inbox.get_streaming_events(subscription, connection_timeout=1, max_notifications_returned=1)))
            listening.start()
            self.wait(lambda: self.server.sessions(ANN))
            one = self.server.deliver(ANN, a_mail())
            listening.join(20)
            self.assertIn(("NewMailEvent", one), self.told(heard[0]))

    def test_It_opens_a_shared_mailbox_and_acts_as_another(self):
        self.server.add_mailbox(SHARED)
        self.server.deliver(SHARED, a_mail(subject="For all"))
        self.server.grant_access(ANN, SHARED)
        account = self.account(exchangelib.BASIC, address=SHARED)
        self.assertEqual([item.subject for item in account.inbox.all()], ["For all"])
        self.server.revoke_access(ANN, SHARED)
        with self.assertRaises(exchangelib.errors.ErrorAccessDenied):
            self.account(exchangelib.BASIC, address=SHARED).inbox
        with self.assertRaises(exchangelib.errors.ErrorImpersonateUserDenied):
            self.account(exchangelib.BASIC, address=SHARED, access_type=exchangelib.IMPERSONATION).inbox
        self.server.grant_impersonation(ANN, SHARED)
        acting = self.account(exchangelib.BASIC, address=SHARED, access_type=exchangelib.IMPERSONATION)
        self.assertEqual([item.subject for item in acting.inbox.all()], ["For all"])

    def told(self, notification):
        return [(type(event).__name__, event.item_id.id) for event in notification.events if event.event_type == "item"]


class EwsJavascriptApi(ForeignClients):
    def run_client(self, mechanism, login=ANN):
        """The client as a process; a line of JSON from it for each step."""
        process = subprocess.Popen(
            ["node", str(Path(__file__).resolve().parent / "javascript_client.mjs")], stdout=subprocess.PIPE, text=True,
            env={**os.environ, "NODE_EXTRA_CA_CERTS": str(self.server.certificates.folder / "ca.pem"),
                 "EWS_URL": self.server.url(), "EWS_MECHANISM": mechanism, "EWS_LOGIN": login, "EWS_PASSWORD": SECRET,
                 "EWS_ADDRESS": ANN})
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        return process

    def step(self, process, name):
        line = process.stdout.readline()
        self.assertTrue(line, f"the client has ended before {name}")
        told = json.loads(line)
        self.assertEqual(told["step"], name, told)
        return told

    def test_Signed_in_by_Basic_and_by_NTLM_it_finds_reads_and_hears_of_mails(self):
        for mechanism, login in (("Basic", ANN), ("NTLM", "EXAMPLE\\ann")):
            with self.subTest(mechanism):
                folder = f"INBOX/{mechanism}"
                one = self.server.deliver(ANN, a_mail(subject="Größe", text="Line\r\n"), folder)
                process = self.run_client(mechanism, login)
                self.assertIn(mechanism, self.step(process, "folders")["names"])
                found, = self.step(process, "items")["items"]
                self.assertEqual((found["id"], found["subject"]), (one, "Größe"))
                self.assertIn("Line", self.step(process, "mime")["text"])
                self.step(process, "streaming")
                told = self.server.deliver(ANN, a_mail(), folder)
                self.assertEqual(self.step(process, "heard")["id"], told)
                self.assertEqual(process.wait(20), 0)
                self.assertIn(mechanism, self.server.logins(ANN))


if __name__ == "__main__":
    unittest.main()
