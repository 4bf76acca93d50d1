"""Mailboxes on an Exchange server, by EWS: the story of every protocol, and what is Exchange's own."""

import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parents[1] / part) for part in ("support", "servers")]
from exchange import GROMMUNIO, faults  # noqa: E402
from exchange.server import DEFAULTS  # noqa: E402
from exchange_mailboxes import ExchangeMailboxes  # noqa: E402
from host import configuration  # noqa: E402
from mail import a_large_mail, a_mail, mails_of_size  # noqa: E402
from vocabulary import ITEMS, Story, eventually, main  # noqa: E402


class ExchangeStory(ExchangeMailboxes, Story):
    def subjects(self, task):
        return sorted(task.job(job["id"])["payload"]["subject"] for job in task.jobs())

    def given_watched(self, **fields):
        """A mailbox that the server tells of, and its task."""
        parameters = fields.pop("parameters", {})
        mailbox = self.given_mailbox(**fields)
        task = self.given_task(mailbox, **parameters)
        self.wait_state(mailbox, "watching", "polling")
        return mailbox, task

    def asked(self, mailbox, *operations):
        return sum(self.exchange.count(operation, mailbox["Email"]) for operation in operations)

    def try_connection(self, **values):
        report = self.host.post(f"{ITEMS.rsplit('/', 1)[0]}/actions/test-connection", {"values": values}, expect=200)
        return report, {step["name"]: step for step in report["steps"]}


class Mail(ExchangeStory):
    most_reading, most_requests = 10, 30

    def test_A_mail_starts_its_job_once_over_each_kind_of_connection_and_is_marked_as_read(self):
        for connection in ("plain", "tls"):
            with self.subTest(connection):
                mailbox, task = self.given_watched(connection=connection)
                self.assertEqual(self.mailbox_now(mailbox)["mode"], "EWS streaming")
                identifier = self.deliver(mailbox, subject=f"Счёт by {connection}", text="Line\r\n.\r\n..dots\r\n",
                                          attachments=[("счёт.pdf", "application/pdf", b"%PDF-1.4 " + bytes(range(256)))])
                payload = self.expect_jobs(task, 1)[0]["payload"]
                self.assertEqual(payload["subject"], f"Счёт by {connection}")
                self.assertEqual(payload["messageId"], identifier)
                self.assertEqual(payload["text"].replace("\r", ""), "Line\n.\n..dots\n")
                self.assertEqual(payload["mailbox"]["protocol"], "MS Exchange")
                self.assertEqual([one["name"] for one in payload["attachments"]], ["счёт.pdf"])
                item, = self.exchange.mails(mailbox["Email"])
                self.assertEqual(payload["uid"], item.id)
                self.expect_flags(mailbox, {item.id: {"\\Seen"}})
                self.assertEqual(task.messages()[0]["reason"]["code"], "matched")

    def test_A_mail_is_pushed_and_not_waited_for(self):
        mailbox, task = self.given_watched(parameters={"IntervalSeconds": 600})
        self.wait_state(mailbox, "watching")
        for count in range(1, 4):
            self.deliver(mailbox)
            self.expect_jobs(task, count, patience=10)

    def test_What_was_there_is_passed_over_or_taken_as_the_trigger_says(self):
        mailbox = self.given_mailbox()
        self.exchange.deliver_many(mailbox["Email"], [a_mail(subject=f"Read {n}") for n in range(3)], flags="S")
        self.exchange.deliver_many(mailbox["Email"], [a_mail(subject=f"Unread {n}") for n in range(2)])
        new = self.given_task(mailbox)
        unread = self.given_task(mailbox, StartFrom="unread")
        everything = self.given_task(mailbox, StartFrom="all")
        self.expect_jobs(everything, 5)
        self.expect_jobs(unread, 2)
        self.deliver(mailbox, subject="New")
        self.expect_jobs(everything, 6)
        self.expect_jobs(unread, 3)
        self.expect_jobs(new, 1)
        self.assertEqual(self.subjects(unread), ["New", "Unread 0", "Unread 1"])

    def test_Mails_are_taken_in_the_order_in_which_they_came(self):
        mailbox = self.given_mailbox()
        subjects = [f"Number {number:03}" for number in range(30)]
        self.exchange.deliver_many(mailbox["Email"], [a_mail(subject=subject) for subject in subjects])
        task = self.given_task(mailbox, StartFrom="all", Launch="perPass")
        job, = self.expect_jobs(task, 1)
        self.assertEqual([mail["subject"] for mail in job["payload"]["mails"]], subjects)

    def test_RemoveReceived_deletes_processed_mails_only(self):
        mailbox, task = self.given_watched(RemoveReceived=True, parameters={"Subject": "order"})
        for subject in ("An order", "A note", "Another order"):
            self.deliver(mailbox, subject=subject)
        self.expect_jobs(task, 2)
        eventually(lambda: len(self.exchange.mails(mailbox["Email"])) == 1, "the orders to be deleted")
        self.assertEqual(len(self.exchange.recoverable(mailbox["Email"])), 2)

    def test_A_processed_mail_is_moved_and_gets_its_category_beside_others(self):
        mailbox, task = self.given_watched(MoveTo="INBOX/Готово", Keyword="Обработано роботом")
        self.exchange.create_folder(mailbox["Email"], "INBOX/Готово")
        self.exchange.deliver(mailbox["Email"], a_mail(), categories=("Red",))
        self.expect_jobs(task, 1)
        eventually(lambda: not self.exchange.mails(mailbox["Email"]), "the mail to be moved")
        moved, = self.exchange.mails(mailbox["Email"], "INBOX/Готово")
        self.assertEqual(set(moved.categories), {"Red", "Обработано роботом"})
        self.assertTrue(moved.read)

    def test_A_folder_to_move_to_that_is_not_there_keeps_no_job_from_starting(self):
        mailbox, task = self.given_watched(MoveTo="Nowhere")
        self.deliver(mailbox)
        self.expect_jobs(task, 1)
        error = eventually(lambda: self.mailbox_now(mailbox)["error"], "the error to be shown")
        self.assertIn("Nowhere", error["serverText"])
        self.assertEqual(len(self.exchange.mails(mailbox["Email"])), 1)

    def test_A_folder_of_any_name_is_watched_by_its_path(self):
        mailbox = self.given_mailbox()
        for folder in ("INBOX/Заказы/2026", "Projects"):
            self.exchange.create_folder(mailbox["Email"], folder)
            task = self.given_task(mailbox, Folder=folder)
            self.deliver(mailbox, folder=folder, subject=folder)
            self.deliver(mailbox, subject="Elsewhere")
            self.expect_jobs(task, 1)
            self.assertEqual(self.subjects(task), [folder])
        names = self.host.post(f"{ITEMS.rsplit('/', 1)[0]}/actions/folders", {"id": mailbox["id"], "values": {}}, expect=200)
        names = [item["name"] for item in names["items"]]
        self.assertEqual(names[0], "INBOX")
        self.assertLessEqual({"INBOX/Заказы", "INBOX/Заказы/2026", "Projects"}, set(names))

    def test_A_folder_that_is_not_there_is_named_with_those_that_are(self):
        mailbox = self.given_mailbox()
        self.given_task(mailbox, Folder="Ordres", wait=False)
        error = self.wait_state(mailbox, "error")["error"]
        self.assertEqual(error["step"], "folder")
        self.assertIn("Ordres", error["serverText"])

    def test_A_mail_of_thirty_megabytes_is_streamed_into_the_spool(self):
        mailbox, task = self.given_watched()
        self.exchange.deliver(mailbox["Email"], a_large_mail(1000))
        self.expect_jobs(task, 1)
        self.host.forget_peak_memory()
        before = self.host.memory()
        mail = a_large_mail(30 << 20)
        self.exchange.deliver(mailbox["Email"], mail)
        payload = self.expect_jobs(task, 2, patience=90)[-1]["payload"]
        self.assertGreater(Path(payload["raw"]).stat().st_size, 30 << 20)
        self.assertEqual([one["name"] for one in payload["attachments"]], ["large.bin"])
        if self.host.memory_is_its_own():
            self.assertLess(self.host.memory("VmHWM") - before, 20 << 20)

    def test_A_thousand_pushed_mails_cost_fewer_than_thirty_requests(self):
        mailbox, task = self.given_watched(parameters={"Launch": "perPass"})
        self.wait_state(mailbox, "watching")
        eventually(lambda: self.exchange.sessions(mailbox["Email"]), "a stream to hang")
        before = len(self.exchange.requests)
        for _ in range(2):
            self.exchange.deliver_many(mailbox["Email"], mails_of_size(500, 10_000, 50_000))
            eventually(lambda: all(item.read for item in self.exchange.mails(mailbox["Email"])), "all to be read", 120)
        self.assertEqual(sum(len(task.job(job["id"])["payload"]["mails"]) for job in task.jobs()), 1000)
        asked = Counter(one.operation for one in self.exchange.requests[before:] if one.address == mailbox["Email"])
        # A window's mails come whole in one answer, and are marked in one request.
        self.assertLessEqual(asked["GetItem"], self.most_reading, asked)
        self.assertLess(asked.total(), self.most_requests, asked)

    def test_The_rest_of_what_was_told_is_read_without_asking_for_more_and_nothing_is_missed(self):
        mailbox, task = self.given_watched(parameters={"WindowSize": 2, "IntervalSeconds": 600})
        self.wait_state(mailbox, "watching")
        eventually(lambda: self.exchange.sessions(mailbox["Email"]), "a stream to hang")
        # The third of three is read while a fourth comes.
        self.exchange.fail_next("GetItem", faults.stall(0))
        self.exchange.fail_next("GetItem", faults.stall(2))
        self.exchange.deliver_many(mailbox["Email"], [a_mail(subject=f"Number {n}") for n in range(3)])
        eventually(lambda: self.asked(mailbox, "GetItem") == 2, "the third to be asked for")
        self.deliver(mailbox, subject="Number 3")
        self.expect_jobs(task, 4, patience=20)


class Once(ExchangeStory):
    def test_A_mail_that_is_moved_away_and_back_under_another_id_starts_nothing_again(self):
        mailbox, task = self.given_watched()
        self.deliver(mailbox)
        self.expect_jobs(task, 1)
        item, = self.exchange.uids(mailbox["Email"])
        moved = self.exchange.move(mailbox["Email"], item, "Elsewhere")
        back = self.exchange.move(mailbox["Email"], moved, "INBOX")
        self.assertNotEqual(back, item)
        eventually(lambda: any(row["duplicate"] for row in task.messages()), "the mail to be known again")
        self.expect_jobs(task, 1)
        self.deliver(mailbox)
        self.expect_jobs(task, 2)

    def test_Two_equal_mails_are_two(self):
        mailbox, task = self.given_watched()
        mail = a_mail(subject="The same")
        for count in (1, 2, 3):
            self.exchange.deliver(mailbox["Email"], mail)
            self.expect_jobs(task, count)

    def test_What_another_client_does_to_a_mail_starts_nothing(self):
        mailbox, task = self.given_watched()
        self.deliver(mailbox)
        self.expect_jobs(task, 1)
        item, = self.exchange.uids(mailbox["Email"])
        self.exchange.store(mailbox["Email"], item, "A category")
        self.exchange.deliver(mailbox["Email"], a_mail(), read=True)
        self.expect_jobs(task, 2)

    def test_A_restart_of_the_host_repeats_nothing_and_loses_nothing(self):
        mailbox, task = self.given_watched()
        self.deliver(mailbox, subject="Before")
        self.expect_jobs(task, 1)
        self.assertEqual(self.host.stop(), 0)
        self.deliver(mailbox, subject="Meanwhile")
        self.host.start()
        self.expect_jobs(task, 2)
        self.assertEqual(self.subjects(task), ["Before", "Meanwhile"])

    def test_A_host_that_is_killed_again_and_again_starts_each_job_once(self):
        mailbox = self.given_mailbox(RemoveReceived=True)
        task = self.given_task(mailbox, StartFrom="all", WindowSize=3)
        delivered = 0
        for _ in range(4):
            self.exchange.deliver_many(mailbox["Email"], [a_mail(subject=f"Kill {delivered + n}") for n in range(12)])
            delivered += 12
            eventually(lambda: len(task.jobs()) > delivered - 12, "the first of them")
            self.host.kill()
            self.host.start()
        jobs = self.expect_jobs(task, delivered, all_succeed=False, patience=90)
        self.assertEqual(len({job["payload"]["subject"] for job in jobs}), delivered)
        eventually(lambda: not self.exchange.mails(mailbox["Email"]), "all to be deleted")

    def test_A_state_that_the_server_does_not_know_any_more_repeats_nothing(self):
        mailbox, task = self.given_watched(parameters={"StartFrom": "all"})
        self.exchange.deliver_many(mailbox["Email"], [a_mail(subject=f"Early {n}") for n in range(5)])
        self.expect_jobs(task, 5)
        self.exchange.expire_sync_states()
        self.deliver(mailbox, subject="Late")
        self.expect_jobs(task, 6)
        self.assertFalse(any(row["duplicate"] for row in task.messages()))

    def test_Mails_that_are_named_anew_under_a_session_start_nothing_again(self):
        mailbox = self.given_mailbox()
        self.exchange.deliver_many(mailbox["Email"], [a_mail(subject=f"Old {n}") for n in range(3)])
        task = self.given_task(mailbox)
        self.deliver(mailbox, subject="Before")
        self.expect_jobs(task, 1)
        self.exchange.name_all_anew(mailbox["Email"])
        self.deliver(mailbox, subject="After")
        self.expect_jobs(task, 2)
        self.assertEqual(self.subjects(task), ["After", "Before"])

    def test_A_restart_of_the_server_repeats_nothing(self):
        mailbox, task = self.given_watched()
        self.expect_jobs_around_an_outage(mailbox, task)
        self.assertIsNone(self.wait_state(mailbox, "watching")["error"])

    def test_An_answer_that_breaks_off_is_asked_for_again(self):
        mailbox, task = self.given_watched()
        self.exchange.fail_next("GetItem", faults.drop(after=2000), times=2)
        self.deliver(mailbox, text="x" * 5000)
        self.expect_jobs(task, 1)
        self.exchange.fail_next("UpdateItem", faults.drop())
        self.deliver(mailbox)
        self.expect_jobs(task, 2)
        eventually(lambda: all(item.read for item in self.exchange.mails(mailbox["Email"])), "both to be read")


class Push(ExchangeStory):
    a_login_lasts = True  # and is not of each request

    def logins(self, mailbox):
        return len(self.exchange.logins(mailbox["Email"])) if self.a_login_lasts else None

    def test_Streams_that_the_server_ends_or_drops_lose_no_mail(self):
        mailbox, task = self.given_watched(parameters={"IntervalSeconds": 600})
        count = 0
        for trouble in (self.exchange.close_streams, self.exchange.lose_subscriptions, self.exchange.drop_connections):
            with self.subTest(trouble.__name__):
                self.wait_state(mailbox, "watching")
                eventually(lambda: self.exchange.sessions(mailbox["Email"]), "a stream to hang")
                trouble()
                self.deliver(mailbox)
                count += 1
                self.expect_jobs(task, count)
                eventually(lambda: self.exchange.sessions(mailbox["Email"]), "another stream to hang")
                self.deliver(mailbox)
                count += 1
                self.expect_jobs(task, count)

    def test_A_look_leaves_the_stream_alone(self):
        mailbox, task = self.given_watched(parameters={"IntervalSeconds": 600})
        self.wait_state(mailbox, "watching")
        before = self.asked(mailbox, "GetStreamingEvents"), self.logins(mailbox)
        # Its mailbox is looked at when a task is started.
        other = self.given_task(mailbox, StartFrom="all")
        self.deliver(mailbox)
        self.expect_jobs(other, 1)
        self.expect_jobs(task, 1)
        self.assertEqual((self.asked(mailbox, "GetStreamingEvents"), self.logins(mailbox)), before)

    def test_A_login_that_may_have_no_more_streams_is_polled_for(self):
        mailbox = self.given_mailbox()
        self.exchange.fail_next("GetStreamingEvents", faults.code("ErrorExceededConnectionCount"), times=100)
        task = self.given_task(mailbox, IntervalSeconds=1)
        self.assertEqual(self.wait_state(mailbox, "polling")["mode"], "polling")
        self.deliver(mailbox)
        self.expect_jobs(task, 1)

    def test_The_latency_from_a_mail_to_its_job(self):
        mailbox, task = self.given_watched(parameters={"IntervalSeconds": 600})
        self.wait_state(mailbox, "watching")
        taken = []
        for number in range(20):
            began = time.monotonic()
            self.deliver(mailbox)
            eventually(lambda: len(task.jobs()) == number + 1, "the job", pause=0.005)
            taken.append(time.monotonic() - began)
            time.sleep(0.2)
        taken.sort()
        print(f"delivery to job: median {taken[10] * 1000:.0f} ms, most {taken[-1] * 1000:.0f} ms")
        self.assertLess(taken[10], 2)


    def test_A_passing_fault_costs_a_mailbox_no_streaming(self):
        mailbox = self.given_mailbox()
        self.exchange.fail_next("Subscribe", faults.code("ErrorMailboxStoreUnavailable"))
        self.exchange.fail_next("GetStreamingEvents", faults.soap_fault("ErrorInternalServerTransientError"))
        self.given_task(mailbox, IntervalSeconds=600, wait=False)
        self.assertEqual(self.wait_state(mailbox, "watching")["mode"], "EWS streaming")

    def test_A_server_that_takes_no_subscription_is_polled_and_the_page_says_so(self):
        for fault in (faults.soap_fault("ErrorInvalidRequest"), faults.code("ErrorInvalidSubscriptionRequest"),
                      faults.status(500)):
            with self.subTest(fault):
                mailbox = self.given_mailbox()
                self.exchange.fail_next("Subscribe", fault, times=100)
                task = self.given_task(mailbox, IntervalSeconds=1)
                self.assertEqual(self.wait_state(mailbox, "polling")["mode"], "polling")
                self.deliver(mailbox)
                self.expect_jobs(task, 1)
                self.assertIsNone(self.mailbox_now(mailbox)["error"])
                self.exchange.faults.clear()


class Trouble(ExchangeStory):
    def test_A_wrong_password_is_one_failed_login_and_is_said(self):
        for mechanisms in (("ntlm",), ("basic",), ("negotiate", "ntlm", "basic")):
            with self.subTest(mechanisms):
                self.exchange.restart(mechanisms=mechanisms)
                address, _ = self.given_account()
                mailbox = self.given_mailbox(account=(address, "not-this-one"))
                self.given_task(mailbox, wait=False)
                now = self.wait_state(mailbox, "loginRefused")
                self.assertEqual(now["error"]["step"], "login")
                self.assertNotIn("not-this-one", str(now) + self.host.tail(100_000))
                self.assertEqual(len(self.exchange.failed_logins(address)), 1)
        self.exchange.restart(mechanisms=("negotiate", "ntlm", "basic"))

    def test_A_server_that_is_busy_is_left_alone_for_as_long_as_it_says(self):
        mailbox, task = self.given_watched(parameters={"IntervalSeconds": 600})
        self.exchange.throttle.set(requests=0, seconds=1, back_off=3)
        self.deliver(mailbox)
        now = self.wait_state(mailbox, "throttled")
        self.assertEqual(now["error"]["step"], "look")
        self.assertIsNotNone(now["until"])
        refused = self.exchange.throttle.refused
        time.sleep(1)
        self.assertLessEqual(self.exchange.throttle.refused, refused + 1)
        self.exchange.throttle.set()
        self.expect_jobs(task, 1)
        self.wait_state(mailbox, "watching")

    def test_A_web_page_instead_of_an_answer_is_explained(self):
        mailbox, task = self.given_watched(parameters={"IntervalSeconds": 600})
        self.exchange.fail_next(None, faults.html_page(), times=3)
        self.deliver(mailbox)
        self.assertIn("EWSUrl", self.wait_state(mailbox, "error")["error"]["advice"])
        self.exchange.faults.clear()
        self.expect_jobs(task, 1)

    def test_A_redirect_is_followed_on_the_same_server_only(self):
        address, password = self.given_account()
        values = self.mailbox_fields(address, password)
        for location, ok in (("/EWS/Exchange.asmx", True), ("https://elsewhere.example/EWS/Exchange.asmx", False)):
            self.exchange.fail_next(None, faults.status(302, {"Location": location}))
            report, steps = self.try_connection(**values)
            self.assertEqual(report["ok"], ok, report)
            if not ok:
                failed = report["steps"][-1]
                self.assertIn("https://elsewhere.example/EWS/Exchange.asmx", failed["error"])
                self.assertIn("EWSUrl", failed["advice"])

    def test_A_contact_among_the_mails_takes_no_sender_from_those_that_follow(self):
        mailbox, task = self.given_watched(parameters={"From": "bob@example.org"})
        contact = b"From: ann@example.com\r\nContent-Type: text/vcard\r\n\r\nBEGIN:VCARD\r\nEND:VCARD\r\n"
        self.exchange.deliver(mailbox["Email"], contact)
        eventually(lambda: task.messages(), "the contact to be looked at")
        self.deliver(mailbox, sender="bob@example.org")
        self.expect_jobs(task, 1)

    def test_A_mail_that_the_server_can_not_hand_out_holds_up_no_other(self):
        mailbox, task = self.given_watched()
        self.exchange.fail_next("GetItem", faults.code("ErrorContentConversionFailed", at=0), times=2)
        self.exchange.deliver_many(mailbox["Email"], [a_mail(subject="Broken"), a_mail(subject="Whole")])
        self.expect_jobs(task, 1)
        self.assertEqual({row["state"] for row in task.messages()}, {"pending", "delivered"})


class SigningIn(ExchangeStory):
    def test_A_shared_mailbox_is_opened_by_its_address_with_the_rights_of_the_login(self):
        address, password = self.given_account(name="service")
        shared = f"shared.{address}"
        self.exchange.add_mailbox(shared)
        self.exchange.grant_access(address, shared)
        mailbox = self.given_mailbox(account=(shared, password), Login=address)
        task = self.given_task(mailbox)
        self.deliver(mailbox)
        self.expect_jobs(task, 1)
        eventually(lambda: all(item.read for item in self.exchange.mails(shared)), "it to be read")

    def test_A_login_that_may_impersonate_acts_as_the_owner(self):
        address, password = self.given_account(name="service")
        owner, _ = self.given_account(name="owner")
        refused = self.given_mailbox(account=(owner, password), Login=address, Impersonate=True)
        self.given_task(refused, wait=False)
        self.assertIn("mpersonat", str(self.wait_state(refused, "loginRefused")["error"]))
        self.exchange.grant_impersonation(address, owner)
        self.host.put(f"{ITEMS}/{refused['id']}", {**self.mailbox_fields(owner, password), "Login": address,
                                                   "Impersonate": True})
        task = self.given_task(refused)
        self.deliver(refused)
        self.expect_jobs(task, 1)

    def test_Without_a_login_nothing_is_sent(self):
        address, _ = self.given_account()
        self.exchange.restart(mechanisms=(), anonymous=address)
        try:
            mailbox = self.given_mailbox(account=(address, None), RequireAuthenticate=False)
            task = self.given_task(mailbox)
            self.deliver(mailbox)
            self.expect_jobs(task, 1)
            self.assertFalse([one for one in self.exchange.requests
                              if one.address == address and "authorization" in one.headers])
        finally:
            self.exchange.restart(mechanisms=("negotiate", "ntlm", "basic"), anonymous=None)

    def test_The_connection_test_looks_for_the_folder_to_move_to(self):
        address, password = self.given_account()
        self.exchange.create_folder(address, "INBOX/Готово")
        for folder, ok in (("INBOX/Готово", True), ("Inbox/готово", True), ("junkemail", True), ("Junk Email", True),
                           ("Nowhere", False), ("archive:Nowhere", False)):
            report, steps = self.try_connection(**self.mailbox_fields(address, password, MoveTo=folder))
            self.assertEqual(report["ok"], ok, report)

    def test_The_connection_test_tells_each_step(self):
        address, password = self.given_account()
        self.exchange.deliver_many(address, [a_mail(), a_mail()])
        report, steps = self.try_connection(**self.mailbox_fields(address, password))
        self.assertTrue(report["ok"], report)
        self.assertEqual(list(steps), ["dns", "connect", "tls", "login", "folder", "count"])
        self.assertIn(steps["login"]["mechanism"], ("NTLM", "Negotiate"))
        self.assertEqual((steps["count"]["count"], steps["count"]["unread"]), (2, 2))
        report, steps = self.try_connection(**self.mailbox_fields(address, password, "plain"))
        self.assertTrue(report["ok"], report)
        self.assertIn("not encrypted", steps["tls"]["detail"])
        report, steps = self.try_connection(**self.mailbox_fields(address, "wrong"))
        self.assertEqual(list(steps)[-1], "login")
        self.assertFalse(steps["login"]["ok"])
        report, steps = self.try_connection(**self.mailbox_fields(address, password, CaCertificate=None))
        self.assertFalse(steps["tls"]["ok"])
        self.assertEqual(len(steps["tls"]["pin"]), 64)

    def test_An_address_of_Outlook_on_the_web_becomes_that_of_the_services(self):
        address, password = self.given_account()
        url = f"localhost:{self.exchange.https}/owa/"
        mailbox = self.given_mailbox(account=(address, password), url=url)
        self.assertEqual(mailbox["EWSUrl"], self.exchange.url())
        task = self.given_task(mailbox)
        self.deliver(mailbox)
        self.expect_jobs(task, 1)

    def test_A_saved_password_is_typed_again_for_another_address(self):
        mailbox = self.given_mailbox()
        values = {"Email": mailbox["Email"], "Protocol": "MS Exchange", "EWSUrl": "https://elsewhere.example/",
                  "CaCertificate": self.exchange.certificates.ca_pem}
        problem = self.host.put(f"{ITEMS}/{mailbox['id']}", values, expect=422)
        self.assertEqual([one["field"] for one in problem["errors"]], ["Password"])

    def test_The_preview_shows_the_latest_mails_and_touches_none(self):
        mailbox = self.given_mailbox()
        self.exchange.deliver_many(mailbox["Email"], [a_mail(subject=f"Number {n}") for n in range(5)])
        items = self.host.post("/api/trigger-types/run-on-email/preview",
                               {"parameters": {"Email": mailbox["Email"], "Subject": "4"}, "limit": 3}, expect=200)["items"]
        self.assertEqual([(one["subject"], one["wouldStart"]) for one in items],
                         [("Number 4", True), ("Number 3", False), ("Number 2", False)])
        self.assertFalse(any(item.read for item in self.exchange.mails(mailbox["Email"])))


class Dialects(ExchangeStory):
    def setUp(self):
        super().setUp()
        self.addCleanup(self.exchange.restart, **DEFAULTS)

    def test_Servers_of_every_version_are_spoken_to(self):
        for version in ("2010", "2010 SP1", "2010 SP3", "2013", "2019", "SE"):
            with self.subTest(version):
                self.exchange.restart(version=version)
                mailbox = self.given_mailbox()
                task = self.given_task(mailbox, IntervalSeconds=1)
                state = "polling" if version == "2010" else "watching"
                self.wait_state(mailbox, state)
                self.deliver(mailbox)
                self.expect_jobs(task, 1)
                eventually(lambda: all(item.read for item in self.exchange.mails(mailbox["Email"])), "it to be read")

    def expect_the_story(self, **options):
        """A mail that is read, one that is moved, over a server with these options."""
        self.exchange.restart(**options)
        mailbox = self.given_mailbox(MoveTo="INBOX/Done", Keyword="Robot")
        self.exchange.create_folder(mailbox["Email"], "INBOX/Done")
        task = self.given_task(mailbox, IntervalSeconds=1)
        identifier = self.deliver(mailbox, subject="Привет", attachments=[("a.bin", "application/zip", bytes(range(256)))])
        payload = self.expect_jobs(task, 1)[0]["payload"]
        self.assertEqual((payload["subject"], payload["messageId"]), ("Привет", identifier))
        eventually(lambda: self.exchange.mails(mailbox["Email"], "INBOX/Done"), "it to be moved")
        self.deliver(mailbox)
        self.expect_jobs(task, 2)

    def test_Answers_in_every_dialect_are_understood(self):
        for dialect in ({"prefix": "soap"}, {"prefix": ""}, {"bom": True, "declaration": False}, {"fraction": 9},
                        {"content_type": "text/xml"}, {"decimal_tags": True}, {"stream": "same"}, {"one_namespace": True}):
            with self.subTest(dialect):
                self.expect_the_story(dialect=dialect)
        self.expect_the_story(dialect={}, chunked=True)

    def test_A_server_of_EWS_that_is_not_Exchange_is_spoken_to(self):
        self.expect_the_story(**GROMMUNIO)
        mailbox = self.given_mailbox()
        self.exchange.deliver_many(mailbox["Email"], [a_mail(subject=f"Number {n}") for n in range(130)])
        task = self.given_task(mailbox, StartFrom="all", Launch="perPass", WindowSize=130)
        job, = self.expect_jobs(task, 1)
        self.assertEqual([mail["subject"] for mail in job["payload"]["mails"]], [f"Number {n}" for n in range(130)])

    def test_A_stream_meets_the_server_that_knows_its_subscription(self):
        self.exchange.restart(strict_affinity=True)
        mailbox, task = self.given_watched(parameters={"IntervalSeconds": 600})
        self.wait_state(mailbox, "watching")
        self.deliver(mailbox)
        self.expect_jobs(task, 1, patience=10)


class BaseMailbox(ExchangeStory):
    starts_by_itself = False

    def test_The_base_mailbox_may_be_on_an_Exchange_server(self):
        address, password = self.given_account()
        sealed = subprocess.run([self.host.build / "bin" / "password-encryptor", "--data", self.host.data], input=password,
                                capture_output=True, text=True, check=True).stdout.strip()
        self.host.configure(configuration(Tenants={"FromAppsettings": True, "TimeOffset": 0, "IncomingEmail": {
            "UserName": address, "Password": sealed, "EWSUrl": self.exchange.url(),
            "CaCertificate": self.exchange.certificates.ca_pem}, "Items": []}))
        self.host.start()
        mailbox = self.host.get(f"{ITEMS}/base")
        self.assertEqual(mailbox["Protocol"], "MS Exchange")
        task = self.given_task(mailbox)
        self.deliver(mailbox)
        self.expect_jobs(task, 1)


if __name__ == "__main__":
    main()
