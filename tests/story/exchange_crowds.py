"""Many mailboxes, and many mails in one, on an Exchange server: what they cost, and that each mail is heard of.

ROE_MAILBOXES: how many are watched (default 200); ROE_MAILS: how many of one are taken (default 2000).
Figures are printed.
"""

import os
import sys
import time
from collections import Counter
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parents[1] / part) for part in ("support", "servers")]
from exchange import faults  # noqa: E402
from exchange_mailboxes import ExchangeMailboxes  # noqa: E402
from mail import mails_of_size  # noqa: E402
from vocabulary import Story, eventually, main  # noqa: E402

MAILBOXES = int(os.environ.get("ROE_MAILBOXES", "200"))
TRIGGERS_OF_A_TASK = 100
PASSED_OVER = 10_000
LISTED_IN_PIECES = 12_000
TAKEN = int(os.environ.get("ROE_MAILS", "2000"))
# Names are looked up by up to four threads, which come when they are first needed.
COME_LATER = 4


class Mailboxes(ExchangeMailboxes, Story):
    def given_watched(self, count, interval):
        """So many mailboxes with a trigger each, when a stream hangs for each: (mailboxes, tasks)."""
        before = len(self.exchange.sessions())
        mailboxes = [self.given_mailbox() for _ in range(count)]
        tasks = [self.given_task(mailboxes[at], wait=False, triggers=[
            {"Email": one["Email"], "IntervalSeconds": interval} for one in mailboxes[at:at + TRIGGERS_OF_A_TASK]])
            for at in range(0, count, TRIGGERS_OF_A_TASK)]
        eventually(lambda: len(self.exchange.sessions()) - before == count,
                   lambda: f"{count} streams; there are {len(self.exchange.sessions()) - before}", 240, pause=0.5)
        return mailboxes, tasks

    def test_Many_streams_take_the_threads_of_one(self):
        # Connections on which nothing is asked are closed sooner than by Exchange; heartbeats are as many whatever the crowd.
        self.exchange.restart(quiet=10.0, heartbeat=MAILBOXES / 50)
        (alone,), tasks = self.given_watched(1, interval=600)
        self.deliver(alone)
        self.expect_jobs(tasks[0], 1)
        threads, memory, sockets = self.host.threads(), self.host.memory(), self.host.sockets()
        began = time.monotonic()
        mailboxes, tasks = self.given_watched(MAILBOXES, interval=600)
        took = time.monotonic() - began
        now = self.host.threads()
        print(f"{MAILBOXES} mailboxes watched after {took:.1f} s; threads: {threads} with one, {now} with all; each takes "
              f"{(self.host.memory() - memory) / MAILBOXES / 1024:.0f} KiB and "
              f"{(self.host.sockets() - sockets) / MAILBOXES:.2f} sockets", flush=True)
        self.assertLessEqual(now, threads + COME_LATER)

        def sockets_each():
            return (self.host.sockets() - sockets) / MAILBOXES

        eventually(lambda: sockets_each() < 1.02, lambda: f"a socket each; there are {sockets_each():.2f}", 120, pause=0.5)
        print(f"at rest: {(self.host.memory() - memory) / MAILBOXES / 1024:.0f} KiB each", flush=True)
        few = mailboxes[::MAILBOXES // 10]
        sent = {one["Email"]: self.deliver(one) for one in few}
        eventually(lambda: sum(len(task.jobs()) for task in tasks) >= len(few), "a job of each mail")
        jobs = [job for task in tasks for job in self.expect_jobs(task, len(task.jobs()))]
        self.assertEqual({job["payload"]["mailbox"]["address"]: job["payload"]["messageId"] for job in jobs}, sent)
        self.assertEqual(len(jobs), len(few))
        self.assertLessEqual(self.host.threads(), threads + COME_LATER)


class Mails(ExchangeMailboxes, Story):
    """What a host that has worked before takes in addition."""

    def setUp(self):
        super().setUp()
        mailbox = self.given_mailbox()
        task = self.given_task(mailbox)
        self.deliver(mailbox)
        self.expect_jobs(task, 1)
        self.host.forget_peak_memory()
        self._before = self.host.memory()

    def given_full_mailbox(self, mails):
        mailbox = self.given_mailbox()
        self.exchange.deliver_many(mailbox["Email"], mails_of_size(mails, 500, 5000))
        return mailbox

    def expect_cost(self, mailbox, requests, memory):
        """Fewer requests, and fewer bytes of memory since the host had worked before."""
        asked = Counter(one.operation for one in self.exchange.requests if one.address == mailbox["Email"])
        more = self.host.memory("VmHWM") - self._before
        print(f"{asked.total()} requests, {dict(asked)}; {more / (1 << 20):.1f} MiB more at the peak", flush=True)
        self.assertLess(asked.total(), requests)
        if self.host.memory_is_its_own():
            self.assertLess(more, memory)

    def test_A_full_folder_is_passed_over_in_a_few_requests(self):
        mailbox = self.given_full_mailbox(PASSED_OVER)
        began = time.monotonic()
        task = self.given_task(mailbox)
        self.wait_state(mailbox, "watching")
        print(f"{PASSED_OVER} mails passed over in {time.monotonic() - began:.1f} s", flush=True)
        # SyncFolderItems tells of 512 at a time.
        self.expect_cost(mailbox, requests=PASSED_OVER / 512 + 15, memory=24 << 20)
        identifier = self.deliver(mailbox)
        job, = self.expect_jobs(task, 1)
        self.assertEqual(job["payload"]["messageId"], identifier)

    def test_A_list_that_breaks_off_and_is_refused_half_way_repeats_and_loses_nothing(self):
        def break_off():
            """After the pages that are noted in one go, and some more."""
            self.exchange.fail_next("SyncFolderItems", faults.framed(False), times=21)
            self.exchange.fail_next("SyncFolderItems", faults.drop())

        def wait_broken_off():
            eventually(lambda: not self.exchange.faults.waiting(), "the list to break off")

        mailbox = self.given_full_mailbox(LISTED_IN_PIECES)
        break_off()
        task = self.given_task(mailbox, wait=False)
        wait_broken_off()
        self.exchange.expire_sync_states()
        task.wait_started()
        self.wait_state(mailbox, "watching")
        mails = [self.deliver(mailbox) for _ in range(3)]
        self.expect_jobs(task, 3)
        break_off()
        self.exchange.expire_sync_states()
        mails.append(self.deliver(mailbox))
        wait_broken_off()
        self.host.kill()
        mails.append(self.deliver(mailbox))
        self.host.start()
        mails.append(self.deliver(mailbox))
        jobs = self.expect_jobs(task, 6, settle=3)
        self.assertEqual(sorted(job["payload"]["messageId"] for job in jobs), sorted(mails))
        self.assertFalse(any(row["duplicate"] for row in task.messages()))

    def test_All_of_a_full_folder_is_taken_once(self):
        mailbox = self.given_full_mailbox(TAKEN)
        began = time.monotonic()
        task = self.given_task(mailbox, StartFrom="all", Launch="perPass")

        def mails():
            return [mail["messageId"] for job in task.jobs() for mail in task.job(job["id"])["payload"]["mails"]]

        eventually(lambda: len(mails()) >= TAKEN, lambda: f"all mails; {len(mails())} have come", 300, pause=2)
        eventually(lambda: all(item.read for item in self.exchange.mails(mailbox["Email"])), "all to be read", 120)
        print(f"{TAKEN} mails taken and marked in {time.monotonic() - began:.1f} s", flush=True)
        self.expect_cost(mailbox, requests=TAKEN * 35 / 1000, memory=48 << 20)
        taken = mails()
        self.assertEqual((len(taken), len(set(taken))), (TAKEN, TAKEN))


if __name__ == "__main__":
    main()
