"""What hurts people in other systems, each told as what happens here instead. The numbers are those of the list
of pains that the product was made against; what has no test here is told by other stories and unit tests.
"""

import random
import sys
import time
import unittest
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parents[1] / part) for part in ("support", "servers")]
from dovecot import Dovecot  # noqa: E402
from imap_proxy import TcpProxy  # noqa: E402
from mail import a_mail, mails_of_size  # noqa: E402
from scripted_imap import ScriptedImap  # noqa: E402
from vocabulary import ITEMS, Story, eventually  # noqa: E402

POLLED = "IMAP4rev1 UIDPLUS"


class RefusesOnce(ScriptedImap):
    """Says no to the first thing that is done to a mail."""

    refused_at = None

    def dispose(self, session, tag, verb, mails, words):
        if self.refused_at is None:
            self.refused_at = time.monotonic()
            session.say(f"{tag} NO not now")
        else:
            super().dispose(session, tag, verb, mails, words)


class TalksNonsense(ScriptedImap):
    """Each connection is answered by bytes of another kind; none of them is IMAP for long."""

    def serve(self, connection):
        chance = random.Random(self.connections)
        nonsense = (chance.randbytes(200_000), b"* OK hello\r\n" + b"(" * 100_000,
                    b"* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN] hello\r\nA1 OK [CAPABILITY IMAP4rev1] in\r\n"
                    b"* 4294967295 EXISTS\r\n* 1 FETCH (UID 1 BODY[] {99999999999}\r\n" + b"x" * 100_000,
                    b"* BYE " + b"\xff" * 70_000 + b"\r\n")[self.connections % 4]
        try:
            connection.sendall(nonsense)
            connection.settimeout(1)
            connection.recv(1000)
        except OSError:
            pass
        connection.close()


class Painful(Story):
    def given_mailbox_on(self, server, **fields):
        """On a server of the test's own, plain, whose users are nobody's concern."""
        mailbox = self.given_mailbox("plain", self.given_account(), ImapPort=server.port, **fields)
        if isinstance(server, ScriptedImap):
            self.addCleanup(lambda: self.assertEqual(server.unknown, []))
            # It would remove what other people have marked as deleted.
            self.addCleanup(lambda: self.assertEqual(server.asked("^(EXPUNGE|CLOSE)"), []))
        self.addCleanup(server.close)
        return mailbox


class Slow(Painful):
    """What takes its time is begun before all other tests and asked about after them."""

    def begin(self):
        self.dead = TcpProxy(self.dovecot.imap)
        self.dead_mailbox = self.given_mailbox_on(self.dead)
        self.dead_task = self.given_task(self.dead_mailbox)
        self.wait_state(self.dead_mailbox, "watching")
        self.dead.stall()
        self.died = time.monotonic()
        self.deliver(self.dead_mailbox)

        self.mute = TcpProxy(self.dovecot.imap, swallowing=True)
        self.mute_mailbox = self.given_mailbox_on(self.mute)
        self.mute_task = self.given_task(self.mute_mailbox, wait=False)

        self.withholding = ScriptedImap(POLLED)
        self.withheld_task = self.given_task(self.given_mailbox_on(self.withholding), IntervalSeconds=1)
        for number in (1, 2, 3):
            self.withholding.deliver(a_mail(subject=f"Number {number}"), withheld=number == 2)

        self.refusing = RefusesOnce(POLLED)
        self.refused_task = self.given_task(self.given_mailbox_on(self.refusing), IntervalSeconds=1)
        self.refusing.deliver(a_mail())


class Pains(Painful):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.slow = Slow("begin")
        cls.slow.dovecot = cls.dovecot
        cls.slow.setUp()
        cls.addClassCleanup(cls.slow.doCleanups)
        cls.slow.begin()

    def test_Pain_01_IDLE_that_dies_in_silence_is_noticed_and_its_mail_taken(self):
        slow = self.slow
        # The safety look comes after a minute, and half a minute later nobody has answered it.
        slow.expect_jobs(slow.dead_task, 1, patience=max(1, 110 - (time.monotonic() - slow.died)))
        self.assertGreater(slow.dead.accepted, 1)
        self.assertEqual(slow.wait_state(slow.dead_mailbox, "watching")["mode"], "IMAP IDLE")

    def test_Pain_02_edits_leave_one_watch_and_one_job_a_mail(self):
        account = self.given_account()
        mailbox = self.given_mailbox("plain", account)
        tasks = [self.given_task(mailbox), self.given_task(mailbox)]
        for number in range(8):
            self.host.put(f"{ITEMS}/{mailbox['id']}", self.mailbox_fields(*account, Login=account[0]))
            self.edit(tasks[0], IntervalSeconds=60 + number)
            self.deliver(mailbox, subject=f"Number {number}")
        for task in tasks:
            self.expect_jobs(task, 8, settle=0.3)
        eventually(lambda: len(self.dovecot.sessions(mailbox["Email"])) == 1, "one session")

    def test_Pain_03_a_mail_that_the_server_keeps_back_is_not_passed_over(self):
        slow = self.slow
        eventually(lambda: slow.subjects(slow.withheld_task) == ["Number 1", "Number 3"], "the other two")
        put_off = slow.withheld_task.state()["putOff"]
        self.assertEqual(put_off["count"], 1)
        self.assertEqual([mail["uid"] for mail in put_off["mails"]], ["2"])
        self.assertTrue(put_off["mails"][0]["reason"])
        self.assertTrue(put_off["mails"][0]["nextTry"])
        slow.withholding.mails[1].withheld = False
        eventually(lambda: len(slow.withheld_task.jobs()) == 3, "the mail that was kept back", patience=90)
        slow.expect_jobs(slow.withheld_task, 3, settle=0.1)
        self.assertEqual(slow.withheld_task.state()["putOff"], {"count": 0, "quarantined": 0, "mails": []})

    def test_Pain_05_a_poison_mail_does_not_block_the_others(self):
        server = ScriptedImap(POLLED)
        task = self.given_task(self.given_mailbox_on(server), IntervalSeconds=1)
        server.deliver(a_mail(subject="A size as of mail.ru"), size="1.86931e+06")
        server.deliver(a_mail(subject="Ends the connection"), deadly=True)
        server.deliver(a_mail(subject="The third"))
        eventually(lambda: self.subjects(task) == ["A size as of mail.ru", "The third"],
                   lambda: f"the two healthy mails; there are {self.subjects(task)}")
        server.deliver(a_mail(subject="The fourth"))
        self.expect_jobs(task, 3, settle=0)
        # Nor does one whose head can't even be read.
        server.deliver(a_mail(subject="Ends the connection at once"), deadly_head=True)
        server.deliver(a_mail(subject="The sixth"))
        self.expect_jobs(task, 4, patience=60)

    def test_Pain_06_a_server_that_accepts_and_says_nothing_is_told_and_found_again(self):
        slow = self.slow
        error = slow.wait_state(slow.mute_mailbox, "error", patience=40)["error"]
        self.assertEqual(error["step"], "connect")
        self.assertIn("greeting", error["doing"])
        slow.mute.swallow(False)
        slow.mute.cut()
        slow.wait_state(slow.mute_mailbox, "watching", patience=60)
        slow.mute_task.wait_started()

    def test_Pain_07_no_server_takes_the_host_down(self):
        server = TalksNonsense()
        mailbox = self.given_mailbox_on(server)
        self.given_task(mailbox, wait=False)
        well = self.given_mailbox()
        task = self.given_task(well)
        eventually(lambda: server.connections >= 4, "each kind of nonsense to be heard", patience=60)
        self.deliver(well)
        self.expect_jobs(task, 1, settle=0.1)
        self.assertTrue(self.host.alive())
        self.host.get("/healthz", token=None)
        error = self.wait_state(mailbox, "error")["error"]
        self.assertTrue(error["doing"])

    def test_Pain_08_health_is_when_the_last_look_succeeded(self):
        with TcpProxy(self.dovecot.imap) as proxy:
            mailbox = self.given_mailbox("plain", ImapPort=proxy.port)
            task = self.given_task(mailbox)
            before = self.wait_state(mailbox, "watching")
            self.assertTrue(before["lastLook"])
            proxy.refuse(True)
            proxy.cut()
            down = self.wait_state(mailbox, "error")
            self.assertEqual(down["lastLook"], before["lastLook"])
            self.assertTrue(down["since"])
            proxy.refuse(False)
            up = self.wait_state(mailbox, "watching")
            self.assertGreater(up["lastLook"], before["lastLook"])
            self.deliver(mailbox)
            self.expect_jobs(task, 1, settle=0.1)

    def test_Pain_09_the_first_connect_starts_nothing_for_old_mail(self):
        mailbox = self.given_mailbox()
        self.dovecot.deliver_many(mailbox["Email"], mails_of_size(3000, 200, 400))
        task = self.given_task(mailbox)
        self.deliver(mailbox, subject="new")
        job, = self.expect_jobs(task, 1)
        self.assertEqual(job["payload"]["subject"], "new")

    def test_Pain_10_a_person_who_reads_the_mail_first_takes_nothing_from_the_robot(self):
        mailbox = self.given_mailbox()
        task = self.given_task(mailbox, Subject="order")
        task.stop()
        self.wait_state(mailbox, "idle")
        self.deliver(mailbox, subject="An order")
        self.deliver(mailbox, subject="A note")
        self.dovecot.store(mailbox["Email"], 1, "\\Seen")
        task.start()
        self.expect_jobs(task, 1)
        # And what the robot has only looked at is still unread for the person.
        self.assertEqual(self.dovecot.flags(mailbox["Email"]), {1: {"\\Seen"}, 2: set()})

    def test_Pain_13_the_server_is_told_which_of_its_names_is_meant(self):
        with Dovecot(certificate="wrong-host", named_certificates={"localhost": "good"},
                     certificates=self.dovecot.certificates) as server:
            address, password = self.given_account()
            server.add_user(address, password)
            mailbox = self.given_mailbox("tls", (address, password), ImapPort=server.imaps)
            self.given_task(mailbox)
            self.wait_state(mailbox, "watching")
            # By its address it shows the certificate of another name, and the cure is told.
            address, password = self.given_account(name="other")
            other = self.given_mailbox("tls", (address, password), Imap="127.0.0.1", ImapPort=server.imaps)
            self.given_task(other, wait=False)
            error = self.wait_state(other, "error")["error"]
            self.assertEqual(error["step"], "tls")
            self.assertIn("mail.elsewhere.example", error["serverText"])
            self.assertIn(self.dovecot.certificates.sha256("wrong-host"), error["advice"])

    def test_Pain_14_a_server_without_IDLE_is_polled_and_the_page_says_so(self):
        server = ScriptedImap("IMAP4rev1 ID UIDPLUS", greeting_capabilities="IMAP4rev1 AUTH=PLAIN")
        mailbox = self.given_mailbox_on(server)
        task = self.given_task(mailbox, IntervalSeconds=1)
        self.assertEqual(self.wait_state(mailbox, "polling")["mode"], "polling")
        # Offered after the login only.
        self.assertTrue(server.asked("^ID "))
        server.deliver(a_mail())
        self.expect_jobs(task, 1, patience=5, settle=0.1)

    def test_Pain_16_folders_have_names_in_any_script(self):
        mailbox = self.given_mailbox()
        names = ("Входящие/Счета & оплаты", "受信箱", "Ünïcode ~ 100%", "&", "📬")
        tasks = {}
        for name in names:
            self.dovecot.create_folder(mailbox["Email"], name)
            tasks[name] = self.given_task(mailbox, Folder=name)
        for name in names:
            self.deliver(mailbox, folder=name, subject=f"for {name}")
        for name, task in tasks.items():
            job, = self.expect_jobs(task, 1, settle=0)
            self.assertEqual(job["payload"]["mailbox"]["folder"], name)
            self.assertEqual(job["payload"]["subject"], f"for {name}")

    def test_Pain_17_a_mailbox_that_is_numbered_anew_replays_nothing(self):
        with Dovecot({"ann@example.com": "secret"}, certificates=self.dovecot.certificates) as server:
            mailbox = self.given_mailbox("plain", ("ann@example.com", "secret"), ImapPort=server.imap)
            task = self.given_task(mailbox)
            for number in range(3):
                server.deliver("ann@example.com", a_mail(subject=f"Old {number}"))
            self.expect_jobs(task, 3, settle=0.1)
            server.stop()
            for kept in (server.home("ann@example.com") / "Maildir").glob("dovecot*"):
                kept.unlink()
            server.start()
            server.deliver("ann@example.com", a_mail(subject="New"))
            self.expect_jobs(task, 4)
            self.assertEqual(self.subjects(task), ["New", "Old 0", "Old 1", "Old 2"])
            self.assertEqual(sum(row["duplicate"] for row in task.messages()), 3)

    def test_Pain_20_what_is_deleted_in_Gmail_is_moved_to_the_bin(self):
        folders = ((r"\HasNoChildren", "INBOX"), (r"\HasChildren \Noselect", "[Gmail]"),
                   (r"\HasNoChildren \Trash", "[Gmail]/&BBoEPgRABDcEOAQ9BDA-"))
        server = ScriptedImap("IMAP4rev1 UIDPLUS MOVE IDLE X-GM-EXT-1 SPECIAL-USE", folders=folders)
        task = self.given_task(self.given_mailbox_on(server, RemoveReceived=True))
        mails = [server.deliver(a_mail(subject=f"Number {number}")) for number in range(3)]
        self.expect_jobs(task, 3)
        eventually(lambda: not server.mails, "the mails to be gone")
        self.assertEqual(server.moved, [(mail, "[Gmail]/&BBoEPgRABDcEOAQ9BDA-") for mail in mails])
        self.assertEqual(server.asked("STORE|EXPUNGE"), [])

    def test_Pain_21_what_cannot_be_done_to_a_mail_is_tried_again_apart_from_its_job(self):
        slow = self.slow
        slow.expect_jobs(slow.refused_task, 1, settle=0)
        mail = slow.refusing.mails[0]
        eventually(lambda: mail.flags == {"\\Seen"}, "the mail to be marked in the end", patience=130)
        self.assertGreater(time.monotonic() - slow.refusing.refused_at, 30)
        slow.expect_jobs(slow.refused_task, 1, settle=0)
        self.assertEqual(len(slow.refusing.asked(r"BODY\.PEEK\[\]")), 1)

    def test_Pain_23_one_connection_is_enough_for_all_triggers_and_edits(self):
        with Dovecot({"ann@example.com": "secret"}, max_connections=1,
                     certificates=self.dovecot.certificates) as server:
            account = ("ann@example.com", "secret")
            mailbox = self.given_mailbox("plain", account, ImapPort=server.imap)
            tasks = [self.given_task(mailbox) for _ in range(3)]
            for number in range(3):
                self.host.put(f"{ITEMS}/{mailbox['id']}", self.mailbox_fields(*account, port=server.imap))
                server.deliver_many("ann@example.com", [a_mail(subject=f"Number {number}")])
                for task in tasks:
                    self.expect_jobs(task, number + 1, settle=0)

    def test_Pain_24_a_download_that_breaks_off_is_begun_again_and_leaves_nothing_half(self):
        content = random.Random(24).randbytes(2 << 20)
        with TcpProxy(self.dovecot.imap) as proxy:
            mailbox = self.given_mailbox("plain", ImapPort=proxy.port)
            task = self.given_task(mailbox)
            whole = []
            # In the header, within the attachment and shortly before its end, by a reset and by a close.
            for number, (size, politely) in enumerate(((700, False), (1 << 20, True), (2_800_000, False)), start=1):
                self.wait_state(mailbox, "watching", patience=60)
                mail = a_mail(subject=f"Number {number}", attachments=[("large.bin", "application/zip", content)])
                whole.append(len(mail))
                proxy.break_after(size, politely)
                self.dovecot.deliver_many(mailbox["Email"], [mail])
                job = self.expect_jobs(task, number, patience=90)[-1]
                self.assertEqual(proxy.broken, number)
                self.assertEqual(job["payload"]["subject"], f"Number {number}")
                self.assertEqual(Path(job["payload"]["raw"]).read_bytes(), mail)
                attachment, = job["payload"]["attachments"]
                self.assertEqual(Path(attachment["path"]).read_bytes(), content)
                for name, sizes in (("message.eml", whole), ("large.bin", [len(content)] * number)):
                    kept = [path.stat().st_size for path in self.host.data.rglob(f"{name}*")]
                    self.assertEqual(sorted(kept), sorted(sizes), name)
            self.assertEqual(len(task.messages()), 3)
            self.assertEqual(task.state()["putOff"]["count"], 0)

    def test_Pain_25_an_edit_counts_at_once_and_once(self):
        mailbox = self.given_mailbox()
        task = self.given_task(mailbox, Subject="colour 0")
        for number in range(6):
            self.edit(task, Subject=f"colour {number}")
            for other in (number - 1, number, number + 1):
                self.deliver(mailbox, subject=f"colour {other}, round {number}")
            # What is decided by then stays so, whatever the next edit says.
            eventually(lambda: len(task.messages()) == 3 * (number + 1), "all three to be decided")
        self.expect_jobs(task, 6)
        self.assertEqual(self.subjects(task), [f"colour {number}, round {number}" for number in range(6)])
        self.assertEqual(len(task.messages()), 18)

    def edit(self, task, **parameters):
        values = self.host.get(f"/api/tasks/{task.id}")
        trigger = values["triggers"][0]
        self.host.put(f"/api/tasks/{task.id}", {
            "name": values["name"], "project": values["project"],
            "triggers": [{"id": trigger["id"], "type": trigger["type"],
                          "parameters": {**trigger["parameters"], **parameters}}]})


class SlowOnesLast(unittest.TestLoader):
    def getTestCaseNames(self, case):
        names = super().getTestCaseNames(case)
        return sorted(names, key=lambda name: any(f"_{number}_" in name for number in ("03", "06", "21", "01")))


if __name__ == "__main__":
    unittest.main(verbosity=2, testLoader=SlowOnesLast())
