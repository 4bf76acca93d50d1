"""The mailbox that stands in the host's configuration: seen, used and tested like the others, but not changed."""

import json
import subprocess
import sys
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parents[1] / part) for part in ("support", "servers")]
from dovecot import Dovecot  # noqa: E402
from host import configuration  # noqa: E402
from mail import a_mail  # noqa: E402
from vocabulary import ITEMS, Story, main  # noqa: E402

ACTIONS = "/api/settings-pages/incoming-email/actions"
SECRET = "Base-Secret-4711"


class BaseMailbox(Story):
    starts_by_itself = False

    def sealed(self, password):
        done = subprocess.run([self.host.build / "bin" / "password-encryptor", "--data", self.host.data],
                              input=password, capture_output=True, text=True, check=True)
        return done.stdout.strip()

    def incoming_email(self, address, password=SECRET, **fields):
        return {"UserName": address, "Password": self.sealed(password), "Imap": "localhost",
                "ImapPort": self.dovecot.imap, **fields}

    def given_base(self, incoming_email, **tenants):
        config = configuration()
        config["Tenants"]["IncomingEmail"] = incoming_email
        config["Tenants"].update(tenants)
        self.host.configure(config)
        self.host.start()
        return self.host.get(f"{ITEMS}/base")

    def test_It_is_listed_first_and_a_mail_in_it_starts_a_job(self):
        address, _ = self.given_account(SECRET)
        base = self.given_base(self.incoming_email(address))
        self.assertEqual((base["id"], base["Email"], base["Protocol"]), ("base", address, "IMAP"))
        self.assertIs(base["readOnly"], True)
        self.assertIs(base["HasPassword"], True)
        self.given_mailbox("plain", self.given_account(name="aaa"))
        listed = self.host.every(ITEMS)
        self.assertEqual([item["id"] for item in listed][0], "base")
        self.assertEqual(len(listed), 2)
        task = self.given_task(base)
        self.deliver(base)
        job, = self.expect_jobs(task, 1)
        self.assertEqual(job["payload"]["mailbox"]["address"], address)
        self.wait_state(base, "watching")
        self.expect_flags(base, {1: {"\\Seen"}})

    def test_It_is_not_changed_or_deleted_over_HTTP(self):
        address, _ = self.given_account(SECRET)
        self.given_base(self.incoming_email(address))
        for answer in (self.host.put(f"{ITEMS}/base", self.mailbox_fields(address, "x"), expect=403),
                       self.host.delete(f"{ITEMS}/base", expect=403)):
            self.assertEqual(answer["code"], "base-mailbox-read-only")
        self.assertEqual(self.host.get(f"{ITEMS}/base")["Email"], address)

    def test_Without_one_in_the_configuration_there_is_none(self):
        self.host.start()
        self.assertEqual(self.host.every(ITEMS), [])
        self.host.get(f"{ITEMS}/base", expect=404)
        self.host.put(f"{ITEMS}/base", self.mailbox_fields("x@example.com", "x"), expect=404)

    def test_Its_address_is_taken(self):
        address, _ = self.given_account(SECRET)
        self.given_base(self.incoming_email(address))
        body = self.host.post(ITEMS, self.mailbox_fields(address.upper(), "x"), expect=422)
        self.assertEqual([error["field"] for error in body["errors"]], ["Email"])
        other = self.given_mailbox()
        body = self.host.put(f"{ITEMS}/{other['id']}", self.mailbox_fields(address, "x"), expect=422)
        self.assertEqual([error["field"] for error in body["errors"]], ["Email"])

    def test_The_connection_test_works_on_it_and_keeps_its_password_from_other_servers(self):
        address, _ = self.given_account(SECRET)
        self.given_base(self.incoming_email(address))
        report = self.host.post(f"{ACTIONS}/test-connection", {"id": "base", "values": {}})
        self.assertTrue(report["ok"], report)
        body = self.host.post(f"{ACTIONS}/test-connection", {"id": "base", "values": {"Imap": "127.0.0.1"}}, expect=422)
        self.assertEqual(body["errors"][0]["field"], "Password")
        names = self.host.post(f"{ACTIONS}/folders", {"id": "base", "values": {}})["items"]
        self.assertEqual(names[0]["name"], "INBOX")

    def test_Its_password_is_in_no_answer_log_or_file(self):
        address, _ = self.given_account(SECRET)
        incoming = self.incoming_email(address)
        base = self.given_base(incoming)
        self.given_task(base)
        said = json.dumps([base, self.host.every(ITEMS), self.host.get("/api/journal"), self.host.get("/api/plugins")])
        self.assertNotIn(SECRET, said)
        self.assertNotIn(incoming["Password"], said)
        self.assertEqual(self.host.stop(), 0)
        self.assert_nowhere(SECRET, self.host.data, self.host.output.parent)

    def test_Each_tenant_has_its_own(self):
        first, _ = self.given_account(SECRET, "first")
        second, _ = self.given_account(SECRET, "second")
        self.given_base(self.incoming_email(first), Items=[
            {"Id": "acme", "Name": "Acme", "TimeOffset": 3, "IncomingEmail": self.incoming_email(second)},
            {"Id": "globex", "Name": "Globex", "TimeOffset": 0}])
        self.assertEqual(self.host.get(f"{ITEMS}/base")["Email"], first)
        self.assertEqual(self.host.get(f"{ITEMS}/base", tenant="acme")["Email"], second)
        self.host.get(f"{ITEMS}/base", tenant="globex", expect=404)
        # A pause of one is none of the other.
        self.host.post(f"{ACTIONS}/pause", {"id": "base", "values": {}}, tenant="acme")
        self.assertEqual(self.host.get(f"{ITEMS}/base", tenant="acme")["state"], "paused")
        self.assertEqual(self.host.get(f"{ITEMS}/base")["state"], "idle")

    def test_Another_server_in_the_configuration_is_like_an_edit(self):
        address, _ = self.given_account(SECRET)
        base = self.given_base(self.incoming_email(address))
        task = self.given_task(base)
        identifier = self.deliver(base)
        self.expect_jobs(task, 1)
        self.expect_flags(base, {1: {"\\Seen"}})
        self.assertEqual(self.host.stop(), 0)
        with Dovecot(certificates=self.dovecot.certificates) as moved:
            moved.add_user(address, SECRET)
            # The mail was moved along and has another number there.
            done, = self.dovecot.home(address).glob("Maildir/cur/*")
            moved.deliver_many(address, [a_mail(subject="In between"), done.read_bytes()])
            self.given_base(self.incoming_email(address, Imap="127.0.0.1", ImapPort=moved.imap))
            self.wait_state(base, "watching")
            moved.deliver(address, a_mail(subject="After the move"))
            jobs = self.expect_jobs(task, 3)
            self.assertEqual({job["payload"]["subject"] for job in jobs}, {"An order", "In between", "After the move"})
            self.assertEqual([row["messageId"] for row in task.messages() if row["duplicate"]], [identifier])

    def test_One_that_became_unusable_stops_nothing_else_and_heals_with_the_configuration(self):
        address, _ = self.given_account(SECRET)
        base = self.given_base(self.incoming_email(address))
        other = self.given_mailbox()
        task, other_task = self.given_task(base), self.given_task(other)
        self.assertEqual(self.host.stop(), 0)
        self.deliver(base)
        self.deliver(other)
        broken = self.given_base(self.incoming_email(address, ImapFolder="x" * 3000))
        self.assertEqual(broken["state"], "error")
        self.assertIn("ImapFolder", broken["error"]["serverText"])
        self.expect_jobs(other_task, 1)
        self.expect_jobs(task, 0)
        self.assertEqual(self.host.stop(), 0)
        self.given_base(self.incoming_email(address))
        self.expect_jobs(task, 1)

    def test_One_that_can_not_be_as_it_is_configured_says_so(self):
        base = self.given_base({"UserName": "robot@example.com", "Password": self.sealed("x"),
                                "EWSUrl": "ftp://mail.example.com/EWS/Exchange.asmx"})
        self.assertEqual((base["Protocol"], base["state"]), ("MS Exchange", "error"))
        self.assertIn("must begin with https://", base["error"]["serverText"])
        body = self.host.post("/api/tasks", {"name": "x", "project": "true", "triggers": [
            {"type": "run-on-email", "parameters": {"Email": "robot@example.com"}}]}, expect=422)
        self.assertIn("Email", body["errors"][0]["field"])


if __name__ == "__main__":
    main()
