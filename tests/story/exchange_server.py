"""What Exchange servers do: they push, are in trouble, and are of many versions and dialects."""

import sys
import time
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parents[1] / part) for part in ("support", "servers")]
from exchange import GROMMUNIO, faults  # noqa: E402
from exchange.server import DEFAULTS  # noqa: E402
from exchange_mailboxes import ExchangeStory  # noqa: E402
from mail import a_mail  # noqa: E402
from vocabulary import eventually, main  # noqa: E402


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


if __name__ == "__main__":
    main()
