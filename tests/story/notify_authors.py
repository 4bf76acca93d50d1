"""NotifyAuthors of a trigger: the outcome of a job is mailed to those who wrote the mail that started it."""

import subprocess
import sys
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parents[1] / part) for part in ("support", "servers")]
from host import Host, HostDied, configuration  # noqa: E402
from mail import message_id  # noqa: E402
from smtp import SmtpServer  # noqa: E402
from vocabulary import Story, eventually, main  # noqa: E402

OWN = "robot-host@orch.example"


def a_bounce(mail):
    """RFC 3464: the report of a server that could not deliver the mail."""
    boundary = "the-report"
    return (f"Return-Path: <>\r\nFrom: Mail Delivery System <MAILER-DAEMON@shop.example>\r\nTo: {OWN}\r\n"
            f"Subject: Undelivered Mail Returned to Sender\r\nMessage-ID: <{message_id()}>\r\n"
            "Auto-Submitted: auto-replied\r\nMIME-Version: 1.0\r\n"
            f"Content-Type: multipart/report; report-type=delivery-status; boundary={boundary}\r\n\r\n"
            f"--{boundary}\r\nContent-Type: text/plain\r\n\r\nIt could not be delivered.\r\n"
            f"--{boundary}\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.shop.example\r\n\r\n"
            "Final-Recipient: rfc822; ann@shop.example\r\nAction: failed\r\nStatus: 5.2.2\r\n"
            f"--{boundary}\r\nContent-Type: message/rfc822\r\n\r\n").encode() + mail.content + \
        f"\r\n--{boundary}--\r\n".encode()


class WithMail(Story):
    """A host that mails through a server of the test's own."""

    def host_configuration(self):
        self.smtp = SmtpServer().start()
        self.addCleanup(self.smtp.close)
        return configuration(Notifications=self.notifications())

    def notifications(self, **more):
        return {"Smtp": {"Host": "localhost", "Port": self.smtp.port, "Security": "none", "From": OWN, **more}}

    def given_notifying_task(self, mailbox, then="", **parameters):
        return self.given_task(mailbox, then=then, **{"NotifyAuthors": True, "From": "@shop.example", **parameters})

    def expect_mails(self, count, settle=0.7):
        """So many mails are taken, and after a while still no more."""
        eventually(lambda: len(self.smtp.taken) >= count, lambda: f"{count} mails; there are {len(self.smtp.taken)}")
        with self.assertRaises(AssertionError, msg="more mails than wanted"):
            eventually(lambda: len(self.smtp.taken) > count, "one more", patience=settle)
        return self.smtp.taken

    def figure(self, name):
        _, _, text = self.host.request("GET", "/metrics")
        for line in text.decode().splitlines():
            if line.startswith(name + " "):
                return float(line.split()[-1])
        return None


class NotifyAuthors(WithMail):
    def test_The_author_hears_that_the_job_has_succeeded(self):
        mailbox = self.given_mailbox()
        task = self.given_notifying_task(mailbox, Launch="perMail")
        self.assertIs(task.values["triggers"][0]["parameters"]["NotifyAuthors"], True)
        first = message_id()
        identifier = self.deliver(mailbox, sender="Анна <ann@shop.example>", subject="Заказ № 17 и ещё кое-что длинное",
                                  headers={"References": f"<{first}>", "Reply-To": "elsewhere@attacker.example"})
        self.expect_jobs(task, 1)
        mail, = self.expect_mails(1)
        self.assertEqual((mail.sender, mail.recipients), ("<>", ["ann@shop.example"]))
        self.assertEqual(mail["To"], "ann@shop.example")
        self.assertEqual(mail["From"], OWN)
        self.assertEqual(mail["Subject"], "Auto: Заказ № 17 и ещё кое-что длинное")
        self.assertEqual(mail["Auto-Submitted"], "auto-replied")
        self.assertEqual(mail["In-Reply-To"], f"<{identifier}>")
        self.assertEqual(mail["References"].split(), [f"<{first}>", f"<{identifier}>"])
        self.assertIn("the task has succeeded", mail.text)
        self.assertIn("задание выполнено", mail.text)
        self.assertIn(task.values["name"], mail.text)
        self.assertTrue(all(len(line) <= 998 for line in mail.content.split(b"\r\n")))
        self.assertTrue(mail.content.isascii())
        self.assertEqual(self.figure("orch_mails_sent_total"), 1)
        self.assertEqual(self.figure("orch_mails_waiting"), 0)

    def test_A_job_that_fails_says_its_exit_code_and_nothing_of_its_output(self):
        mailbox = self.given_mailbox()
        task = self.given_notifying_task(mailbox, then="echo inner secret; exit 3")
        self.deliver(mailbox)
        self.expect_jobs(task, 1, all_succeed=False)
        mail, = self.expect_mails(1)
        self.assertIn("failed with exit code 3", mail.text)
        self.assertIn("код 3", mail.text)
        self.assertNotIn("inner secret", mail.text)

    def test_A_job_that_a_person_repeats_tells_its_own_outcome(self):
        mailbox = self.given_mailbox()
        task = self.given_task(mailbox, NotifyAuthors=True, From="@shop.example",
                               then=f"test -e {self.host.folder}/mended")
        self.deliver(mailbox)
        job, = self.expect_jobs(task, 1, all_succeed=False)
        self.expect_mails(1)
        (self.host.folder / "mended").touch()
        self.host.post(f"/api/jobs/{job['id']}/retry")
        mails = self.expect_mails(2)
        self.assertIn("failed", mails[0].text)
        self.assertIn("succeeded", mails[1].text)

    def test_With_one_job_for_a_pass_each_author_gets_one_mail(self):
        account = self.given_account()
        mailbox = {"Email": account[0]}
        for sender in ("ann@shop.example", "bob@shop.example", "ann@shop.example"):
            self.deliver(mailbox, sender=sender)
        mailbox = self.given_mailbox(account=account)
        task = self.given_notifying_task(mailbox, Launch="perPass", StartFrom="all")
        job, = self.expect_jobs(task, 1)
        self.assertEqual(len(job["payload"]["mails"]), 3)
        mails = self.expect_mails(2)
        self.assertEqual(sorted(mail.recipients for mail in mails), [["ann@shop.example"], ["bob@shop.example"]])
        for mail in mails:
            answered = next(one for one in job["payload"]["mails"]
                            if one["from"][0]["address"] == mail["To"].addresses[0].addr_spec)
            self.assertEqual(mail["In-Reply-To"], f"<{answered['messageId']}>")

    def test_Programs_the_robot_itself_and_those_whom_From_does_not_name_get_nothing(self):
        mailbox = self.given_mailbox()
        task = self.given_task(mailbox, NotifyAuthors=True, From=f"@shop.example; {mailbox['Email']}")
        self.deliver(mailbox, headers={"Auto-Submitted": "auto-replied"})
        self.deliver(mailbox, headers={"Return-Path": "<>"})
        self.deliver(mailbox, headers={"Precedence": "bulk"})
        self.deliver(mailbox, sender=mailbox["Email"])
        self.deliver(mailbox, sender="victim@elsewhere.example, ann@shop.example", headers={"Sender": "ann@shop.example"})
        self.expect_jobs(task, 5)
        mail, = self.expect_mails(1)
        self.assertEqual(mail.recipients, ["ann@shop.example"])

    def test_The_mail_that_is_sent_starts_no_further_mail(self):
        mailbox = self.given_mailbox()
        task = self.given_notifying_task(mailbox, From=f"@shop.example; {OWN}")
        self.deliver(mailbox)
        self.expect_jobs(task, 1)
        mail, = self.expect_mails(1)
        self.dovecot.deliver(mailbox["Email"], mail.content)
        self.expect_jobs(task, 2)
        self.expect_mails(1)

    def test_Pain_22_programs_that_answer_start_no_loop(self):
        mailbox = self.given_mailbox()
        wary = {"MoreFilters": {"all": [{"field": "autoReply", "op": "is", "value": False}]}}
        tasks = [self.given_notifying_task(mailbox, From=f"@shop.example; {OWN}", **more) for more in ({}, wary)]
        self.deliver(mailbox)
        for task in tasks:
            self.expect_jobs(task, 1)
        notice = self.expect_mails(2)[0]
        # What comes back of our notice: an answer of the author's program, a bounce of it, a rule that sends it on.
        answered = {"In-Reply-To": notice["Message-ID"], "References": notice["Message-ID"]}
        self.deliver(mailbox, subject="Out of office", headers={"Auto-Submitted": "auto-replied", **answered})
        self.deliver(mailbox, subject="Out of office", headers={"Precedence": "auto_reply", **answered})
        self.dovecot.deliver_many(mailbox["Email"], [a_bounce(notice), notice.content])
        self.expect_jobs(tasks[0], 5)
        self.expect_jobs(tasks[1], 1)
        self.expect_mails(2)
        skipped = [row["reason"]["code"] for row in tasks[1].messages() if not row["triggered"]]
        self.assertEqual(skipped, ["autoReply"] * 4)
        # A person's mail program that only asks for no answers is a person's.
        self.deliver(mailbox, headers={"X-Auto-Response-Suppress": "All"})
        self.expect_jobs(tasks[1], 2)
        self.expect_mails(4)

    def test_Without_From_it_is_refused_and_off_it_says_nothing(self):
        mailbox = self.given_mailbox()
        refused = self.host.post("/api/tasks", {"name": "T", "project": "true", "triggers": [
            {"type": "run-on-email", "parameters": {"Email": mailbox["Email"], "NotifyAuthors": True}}]}, expect=422)
        error, = refused["errors"]
        self.assertTrue(error["field"].endswith("From"), error)
        task = self.given_task(mailbox, From="@shop.example")
        self.assertIs(task.values["triggers"][0]["parameters"]["NotifyAuthors"], False)
        self.deliver(mailbox)
        self.expect_jobs(task, 1)
        self.expect_mails(0)

    def test_The_form_offers_it(self):
        form = self.host.get("/api/trigger-types/run-on-email")
        self.assertEqual(form["schema"]["properties"]["NotifyAuthors"]["x-title"],
                         {"en": "Notify the author(s)", "ru": "Оповестить автора(ов) письма"})

    def test_A_server_that_is_down_gets_the_mail_once_when_it_is_up_again(self):
        mailbox = self.given_mailbox()
        task = self.given_notifying_task(mailbox)
        self.smtp.stop()
        self.deliver(mailbox)
        self.expect_jobs(task, 1)
        eventually(lambda: self.figure("orch_mails_waiting") == 1, "the mail to wait")
        self.smtp.start()
        self.expect_mails(1)

    def test_An_address_that_is_refused_for_good_is_given_up_at_once_and_stands_in_the_journal(self):
        mailbox = self.given_mailbox()
        task = self.given_notifying_task(mailbox)
        self.smtp.answers["ann@shop.example"] = "550 5.1.1 <ann@shop.example>: no such person"
        self.deliver(mailbox)
        self.deliver(mailbox, sender="bob@shop.example")
        self.expect_jobs(task, 2)
        mail, = self.expect_mails(1)
        self.assertEqual(mail.recipients, ["bob@shop.example"])
        event, = eventually(lambda: self.host.get("/api/journal?code=50501")["items"], "the journal to tell it")
        self.assertEqual((event["name"], event["plugin"]), ("NotificationGivenUp", "run-on-email"))
        self.assertIn("no such person", event["details"]["reason"])
        self.assertNotIn("ann@", str(event))
        self.assertEqual(self.figure("orch_mails_given_up_total"), 1)

    def test_What_a_tenant_has_erased_is_not_told(self):
        mailbox = self.given_mailbox()
        task = self.given_notifying_task(mailbox, then=f"while [ ! -e {self.host.folder}/go ]; do sleep 0.05; done")
        self.deliver(mailbox)
        eventually(lambda: [job for job in task.jobs() if job["state"] == "running"], "the job to run")
        self.host.delete("/api/content")
        (self.host.folder / "go").touch()
        self.expect_jobs(task, 1)
        self.expect_mails(0)

    def test_A_mail_that_can_not_start_its_job_is_told_once_and_its_later_outcome_too(self):
        self.host.put("/api/assets/last", b"null")
        mailbox = self.given_mailbox()
        task = self.given_notifying_task(mailbox, Resource="last")
        self.deliver(mailbox, text=("x" * 70 + "\n") * 20_000)
        parked, = eventually(lambda: [row for row in task.messages() if row["state"] == "parked"], "the start to park")
        mail, = self.expect_mails(1)
        self.assertIn("could not be started", mail.text)
        self.assertIn("не удалось запустить", mail.text)
        self.assertIn(task.values["name"], mail.text)
        retry = f"/api/triggers/{task.trigger}/messages/{parked['id']}/retry"
        self.host.post(retry)
        eventually(lambda: [row for row in task.messages() if row["state"] == "parked"], "the start to park again")
        self.expect_mails(1)
        trigger = task.values["triggers"][0]
        self.host.put(f"/api/tasks/{task.id}", {
            "name": task.values["name"], "project": task.values["project"],
            "triggers": [{"id": trigger["id"], "type": trigger["type"],
                          "parameters": {**trigger["parameters"], "Resource": None}}]})
        self.host.post(retry)
        self.expect_jobs(task, 1)
        self.assertIn("succeeded", self.expect_mails(2)[1].text)


class WithoutMail(Story):
    def test_A_host_that_does_not_mail_refuses_it_in_words_and_does_not_offer_it(self):
        mailbox = self.given_mailbox()
        refused = self.host.post("/api/tasks", {"name": "T", "project": "true", "triggers": [
            {"type": "run-on-email",
             "parameters": {"Email": mailbox["Email"], "From": "@shop.example", "NotifyAuthors": True}}]}, expect=422)
        error, = refused["errors"]
        self.assertTrue(error["field"].endswith("NotifyAuthors"), error)
        self.assertIn("this host sends no mails", error["message"])
        form = self.host.get("/api/trigger-types/run-on-email")
        self.assertNotIn("NotifyAuthors", form["schema"]["properties"])


class HostThatMailsNoMore(WithMail):
    def test_What_parked_meanwhile_is_told_when_it_mails_again(self):
        self.host.put("/api/assets/last", b"null")
        mailbox = self.given_mailbox()
        task = self.given_notifying_task(mailbox, Resource="last")
        self.assertEqual(self.host.stop(), 0)
        self.host.configure(configuration())
        self.host.start()
        self.deliver(mailbox, text=("x" * 70 + "\n") * 20_000)
        eventually(lambda: [row for row in task.messages() if row["state"] == "parked"], "the start to park")
        self.assertEqual(self.host.stop(), 0)
        self.host.configure(configuration(Notifications=self.notifications()))
        self.host.start()
        mail, = self.expect_mails(1)
        self.assertIn("could not be started", mail.text)

    def test_Its_triggers_go_on_starting_jobs(self):
        mailbox = self.given_mailbox()
        task = self.given_notifying_task(mailbox)
        self.assertEqual(self.host.stop(), 0)
        self.host.configure(configuration())
        self.host.start()
        self.deliver(mailbox)
        self.expect_jobs(task, 1)
        self.expect_mails(0)


class OverTls(Story):
    """The password is sealed by the host's own tool, and goes over TLS only."""

    starts_by_itself = False
    password = "Sëcret-of-the-mail-server"

    def started_with(self, tls, kind="good", **more):
        self.smtp = SmtpServer(self.dovecot.certificates, tls, ("orch", self.password), kind).start()
        self.addCleanup(self.smtp.close)
        sealed = subprocess.run([self.host.build / "bin" / "password-encryptor", "--data", self.host.data],
                                input=self.password.encode(), capture_output=True, check=True).stdout.decode().strip()
        self.host.configure(configuration(Notifications={"Smtp": {
            "Host": "localhost", "Port": self.smtp.port, "Security": tls, "UserName": "orch", "Password": sealed,
            "From": OWN, "CaCertificate": self.dovecot.certificates.ca_pem, **more}}))
        self.host.start()
        mailbox = self.given_mailbox()
        task = self.given_task(mailbox, NotifyAuthors=True, From="@shop.example")
        self.deliver(mailbox)
        self.expect_jobs(task, 1)

    def expect_one_mail(self):
        eventually(lambda: self.smtp.taken, "the mail")
        mail, = self.smtp.taken
        self.assertEqual(mail.user, "orch")
        self.host.stop()
        self.assert_nowhere(self.password, self.host.folder)

    def test_From_the_first_byte(self):
        self.started_with("tls")
        self.expect_one_mail()

    def test_By_STARTTLS(self):
        self.started_with("starttls")
        self.expect_one_mail()

    def test_An_untrusted_certificate_gets_nothing_and_the_log_says_why(self):
        for kind in ("self-signed", "wrong-host"):
            with self.subTest(kind):
                self.started_with("starttls", kind)
                eventually(lambda: "ertificate" in self.host.tail(20_000), "words on the certificate")
                self.assertEqual(self.smtp.taken, [])
                self.host.close()
                self.host = Host(configuration())
                self.addCleanup(self.host.close)


class InACrash(WithMail):
    host_testing = True

    def killed_at(self, point, of_host=False):
        try:
            self.host.start(**{"host_crash_at" if of_host else "crash_at": f"{point}:1"})
        except HostDied:
            pass
        self.assertTrue(self.host.wait_dead(60), f"{point} was never passed:\n{self.host.tail()}")

    def test_Killed_between_the_end_of_the_job_and_the_mail_the_author_gets_one(self):
        mailbox = self.given_mailbox()
        task = self.given_notifying_task(mailbox)
        self.assertEqual(self.host.stop(), 0)
        points = (("host-before-outcome", True), ("notice-before-send", False), ("notice-after-send", False),
                  ("host-after-outcome", True), ("host-before-mail", True))
        for number, (point, of_host) in enumerate(points, start=1):
            with self.subTest(point):
                self.deliver(mailbox, subject=f"Killed at {point}")
                # Once the host has the notice it may mail it while we kill it: what came of that is the next test.
                self.smtp.hesitant = True
                self.killed_at(point, of_host)
                self.smtp.hesitant = False
                self.host.start()
                self.expect_jobs(task, number)
                mails = self.expect_mails(number)
                self.assertEqual(mails[-1]["Subject"], f"Auto: Killed at {point}")
                self.assertEqual(self.host.stop(), 0)

    def test_Killed_after_the_server_has_taken_it_the_mail_comes_twice_under_one_name(self):
        mailbox = self.given_mailbox()
        self.given_notifying_task(mailbox)
        self.assertEqual(self.host.stop(), 0)
        self.deliver(mailbox)
        self.killed_at("host-after-mail", of_host=True)
        self.host.start()
        mails = self.expect_mails(2)
        self.assertEqual(mails[0]["Message-ID"], mails[1]["Message-ID"])


if __name__ == "__main__":
    main()
