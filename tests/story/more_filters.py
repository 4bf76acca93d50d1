"""The conditions of MoreFilters: on headers before a mail is fetched, on its text and attachments afterwards."""

import sys
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parents[1] / part) for part in ("support", "servers")]
from mail import a_mail, message_id  # noqa: E402
from pop3_mailboxes import Pop3Mailboxes  # noqa: E402
from vocabulary import ITEMS, Story, eventually, main  # noqa: E402

PREVIEW = "/api/trigger-types/run-on-email/preview"
SERVER = "mx.example.com"


def condition(field, op, value, **more):
    return {"field": field, "op": op, "value": value, **more}


def all_of(*conditions):
    return {"all": list(conditions)}


class MoreFilters(Story):
    def expect_one_of_two(self, wanted, other, *conditions):
        """A mail made of `wanted` starts its job; one of `other` is refused, for the last condition, and not touched."""
        mailbox = self.given_mailbox()
        task = self.given_task(mailbox, MoreFilters=all_of(*conditions))
        refused = self.deliver(mailbox, **other)
        matched = self.deliver(mailbox, **wanted)
        job, = self.expect_jobs(task, 1)
        self.assertEqual(job["payload"]["messageId"], matched)
        self.expect_flags(mailbox, {1: set(), 2: {"\\Seen"}})
        row, = [row for row in task.messages() if row["messageId"] == refused]
        self.assertEqual((row["triggered"], row["state"]), (False, "skipped"))
        self.assertEqual(row["reason"]["code"], conditions[-1]["field"])
        self.assertIn(f"Condition {len(conditions)}", row["reason"]["text"])
        return mailbox, task

    def test_The_text_by_a_regular_expression(self):
        mailbox, task = self.expect_one_of_two(
            {"text": "Добрый день!\nЗАКАЗ № 1745 готов.\n"}, {"text": "Добрый день!\nЗаказов нет.\n"},
            condition("body", "regex", "заказ № ?\\d{4}"))
        spool = [path for path in self.host.folder.rglob("message.eml")]
        self.assertEqual(len(spool), 1, "what did not match left nothing in the spool")

    def test_The_text_beside_a_condition_on_the_header(self):
        self.expect_one_of_two({"text": "Your\norder is ready"}, {"text": "Your lunch is ready"},
                               condition("to", "contains", "@example.com"), condition("body", "contains", "your ORDER"))

    def test_The_name_of_an_attachment(self):
        self.expect_one_of_two({"attachments": [("Счёт-17.pdf", "application/pdf", b"%PDF")]},
                               {"attachments": [("photo.jpg", "image/jpeg", b"\xff")]},
                               condition("hasAttachment", "is", True),
                               condition("attachmentName", "regex", "^счёт-\\d+\\.pdf$"))

    def test_Whether_there_is_an_attachment(self):
        self.expect_one_of_two({}, {"attachments": [("a.pdf", "application/pdf", b"%PDF")]},
                               condition("hasAttachment", "is", False))

    def test_The_size(self):
        self.expect_one_of_two({}, {"text": "0123456789\n" * 2000}, condition("size", "lt", 20_000))

    def test_A_field_of_the_header(self):
        self.expect_one_of_two({"headers": {"X-Order": "Заказ 17"}}, {"headers": {"X-Order": "Заказов нет"}},
                               condition("header", "regex", "^заказ \\d+$", name="x-order"))

    def test_The_opposite_of_a_condition(self):
        self.expect_one_of_two({}, {"headers": {"List-Id": "News <news.example>"}},
                               condition("header", "contains", "news", name="List-Id", **{"not": True}))

    def test_The_recipients(self):
        self.expect_one_of_two({"headers": {"Cc": "Boss <boss@shop.example>"}}, {"headers": {"Cc": "boss@shop.example.net"}},
                               condition("cc", "equals", "BOSS@shop.example"))

    def test_Automatic_replies_are_passed_over(self):
        mailbox = self.given_mailbox()
        task = self.given_task(mailbox, MoreFilters=all_of(condition("autoReply", "is", False)))
        for sign in ({"Auto-Submitted": "auto-replied"}, {"Precedence": "bulk"}, {"Return-Path": "<>"}):
            self.dovecot.deliver_many(mailbox["Email"], [a_mail(headers=sign)])
        person = self.deliver(mailbox, headers={"Auto-Submitted": "no", "Precedence": "list",
                                                "X-Auto-Response-Suppress": "All"})
        job, = self.expect_jobs(task, 1)
        self.assertEqual(job["payload"]["messageId"], person)
        reasons = [row["reason"] for row in task.messages() if not row["triggered"]]
        self.assertEqual([reason["code"] for reason in reasons], ["autoReply"] * 3)
        self.assertTrue(any("Auto-Submitted: auto-replied" in reason["text"] for reason in reasons))

    def test_A_mail_whose_subject_does_not_match_is_refused_for_that_and_not_for_its_text(self):
        mailbox = self.given_mailbox()
        task = self.given_task(mailbox, Subject="order", MoreFilters=all_of(condition("body", "contains", "x")))
        self.deliver(mailbox, subject="Lunch?", text="x\n")
        matched = self.deliver(mailbox, subject="An order", text="x\n")
        job, = self.expect_jobs(task, 1)
        self.assertEqual(job["payload"]["messageId"], matched)
        self.assertEqual({row["reason"]["code"] for row in task.messages()}, {"subject", "matched"})

    def test_The_preview_says_the_same_and_changes_nothing(self):
        mailbox = self.given_mailbox()
        self.deliver(mailbox, subject="One", text="Lunch?\n")
        self.deliver(mailbox, subject="Two", text="An order.\n")
        self.deliver(mailbox, subject="Three", text="An order.\n", headers={"Auto-Submitted": "auto-replied"})
        body = self.host.post(PREVIEW, {"limit": 10, "parameters": {
            "Email": mailbox["Email"],
            "MoreFilters": all_of(condition("autoReply", "is", False), condition("body", "contains", "ORDER"))}}, expect=200)
        self.assertEqual([(item["subject"], item["wouldStart"], item["reason"]["code"]) for item in body["items"]],
                         [("Three", False, "autoReply"), ("Two", True, "matched"), ("One", False, "body")])
        self.expect_flags(mailbox, {1: set(), 2: set(), 3: set()})
        self.assertEqual(list(self.host.folder.rglob("preview-*")), [])

    def test_A_form_that_makes_no_sense_is_refused_at_its_field(self):
        mailbox = self.given_mailbox()
        for wrong, path, words in ((condition("body", "regex", "a(b"), "value", "missing )"),
                                   (condition("size", "gt", "1 MB"), "value", "whole number"),
                                   (condition("autoReply", "contains", "x"), "op", "must be one of is"),
                                   (condition("header", "contains", "x"), "name", "is required")):
            answer = self.host.post("/api/tasks", {"name": "T", "project": "true", "triggers": [
                {"type": "run-on-email", "parameters": {"Email": mailbox["Email"], "MoreFilters": all_of(wrong)}}]},
                expect=422)
            fault, = answer["errors"]
            self.assertTrue(fault["field"].endswith(f"MoreFilters.all.0.{path}"), fault)
            self.assertIn(words, fault["message"])


class ByPop3(Pop3Mailboxes, Story):
    dovecot_options = {"pop3": True}

    def test_The_text_is_looked_into_after_the_header_by_trigger_and_preview(self):
        mailbox = self.given_mailbox()
        filters = all_of(condition("size", "lt", 100_000), condition("body", "contains", "ORDER"))
        task = self.given_task(mailbox, MoreFilters=filters)
        self.deliver(mailbox, subject="One", text="Lunch?\n")
        matched = self.deliver(mailbox, subject="Two", text="An order.\n")
        job, = self.expect_jobs(task, 1)
        self.assertEqual(job["payload"]["messageId"], matched)
        self.assertEqual({row["reason"]["code"] for row in task.messages()}, {"body", "matched"})
        task.stop()
        body = self.host.post(PREVIEW, {"limit": 10, "parameters": {"Email": mailbox["Email"], "MoreFilters": filters}},
                              expect=200)
        self.assertEqual([(item["subject"], item["wouldStart"]) for item in body["items"]], [("Two", True), ("One", False)])


class SenderAuthenticated(Story):
    CONDITION = all_of(condition("senderAuthenticated", "is", True))

    def deliver_with(self, mailbox, *fields, sender="ann@bank.example"):
        """As a server delivers it: its own fields stand above the mail's."""
        identifier = message_id()
        above = "".join(f"Authentication-Results: {field}\r\n" for field in fields).encode()
        self.dovecot.deliver_many(mailbox["Email"], [above + a_mail(identifier=identifier, sender=sender)])
        return identifier

    def test_Only_the_mailboxs_own_server_is_believed(self):
        mailbox = self.given_mailbox(TrustedAuthserv=SERVER)
        self.assertEqual(mailbox["TrustedAuthserv"], SERVER)
        task = self.given_task(mailbox, From="@bank.example", MoreFilters=self.CONDITION)
        good = [self.deliver_with(mailbox, f"{SERVER};\r\n dmarc=pass (p=reject) header.from=bank.example"),
                self.deliver_with(mailbox, f"{SERVER}; spf=fail smtp.mailfrom=x.example; dkim=pass header.d=bank.example")]
        bad = [self.deliver_with(mailbox, "mx.evil.example; dmarc=pass header.from=bank.example"),
               self.deliver_with(mailbox, f"{SERVER}; dmarc=fail header.from=bank.example",
                                 f"{SERVER}; dmarc=pass header.from=bank.example"),
               self.deliver_with(mailbox, f"{SERVER}; spf=pass smtp.mailfrom=evil.example"),
               self.deliver_with(mailbox),
               self.deliver_with(mailbox, f"{SERVER}; dmarc=pass header.from=bank.example",
                                 sender="ann@bank.example, eve@evil.example")]
        jobs = self.expect_jobs(task, 2)
        self.assertEqual({job["payload"]["messageId"] for job in jobs}, set(good))
        eventually(lambda: len(task.messages()) == 7, "every mail to be decided")
        refused = {row["messageId"]: row["reason"] for row in task.messages() if not row["triggered"]}
        self.assertEqual(set(refused), set(bad))
        self.assertEqual({reason["code"] for reason in refused.values()}, {"senderAuthenticated"})

    def test_Without_a_trusted_server_the_condition_is_refused_and_matches_nothing_when_it_goes(self):
        mailbox = self.given_mailbox()
        trigger = {"type": "run-on-email", "parameters": {"Email": mailbox["Email"], "MoreFilters": self.CONDITION}}
        answer = self.host.post("/api/tasks", {"name": "T", "project": "true", "triggers": [trigger]}, expect=422)
        fault, = answer["errors"]
        self.assertTrue(fault["field"].endswith("MoreFilters.all.0.field"), fault)
        self.assertIn("Trusted authserv-id", fault["message"])

        mailbox = self.host.put(f"{ITEMS}/{mailbox['id']}", {**mailbox, "TrustedAuthserv": SERVER})
        task = self.given_task(mailbox, MoreFilters=self.CONDITION)
        self.deliver_with(mailbox, f"{SERVER}; dmarc=pass")
        self.expect_jobs(task, 1)
        mailbox = self.host.put(f"{ITEMS}/{mailbox['id']}", {**mailbox, "TrustedAuthserv": None})
        self.wait_state(mailbox, "watching")
        self.deliver_with(mailbox, f"{SERVER}; dmarc=pass")
        eventually(lambda: len(task.messages()) == 2, "the second mail to be decided")
        self.expect_jobs(task, 1)
        self.assertIn("no trusted authserv-id", task.messages()[0]["reason"]["text"])


if __name__ == "__main__":
    main()
