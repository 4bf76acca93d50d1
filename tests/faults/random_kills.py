"""The host killed at random moments while mail keeps coming: each mail still has exactly one job.

On Exchange the server is in every kind of trouble at the same time.

ROE_CAMPAIGN_SECONDS: for how long (default 60). ROE_SEED: repeats the moments of an earlier campaign.
"""

import collections
import contextlib
import os
import random
import threading
import time

from accounts import Books
from exchange import faults
from exchange_mailboxes import ExchangeMailboxes
from vocabulary import main

SECONDS = float(os.environ.get("ROE_CAMPAIGN_SECONDS", "60"))


class RandomKills(Books):
    longest_lives = (0.05, 0.3, 1.0, 2.5)

    @contextlib.contextmanager
    def trouble(self, seed):
        """What befalls the server all the while, beside being killed."""
        yield

    def revive_server(self):
        self.dovecot.kill()
        self.dovecot.start()

    def test_Killed_again_and_again_while_mail_comes(self):
        seed = int(os.environ.get("ROE_SEED", "0")) or random.randrange(1, 1 << 30)
        print(f"seed {seed}", flush=True)
        chance = random.Random(seed)
        marking = self.open_books(RemoveReceived=False)
        deleting = self.open_books(RemoveReceived=True)
        deleting["all"] = self.given_task(deleting)
        mailboxes = (marking, deleting, self.open_books(window=1))
        stop = threading.Event()
        post = random.Random(seed + 1)

        def postman():
            while not stop.wait(post.uniform(0.02, 0.3)):
                self.deliver_numbered(post.choice(mailboxes), post.choice((1, 1, 2, 5)))

        thread = threading.Thread(target=postman)
        thread.start()
        kills = 0
        try:
            with self.trouble(seed + 2):
                until = time.monotonic() + SECONDS
                while time.monotonic() < until:
                    # Short lives find the start, long ones the middle of the work.
                    time.sleep(chance.choice(self.longest_lives) * chance.random())
                    self.host.kill()
                    kills += 1
                    if chance.random() < 0.2:
                        self.host.launch()
                        time.sleep(chance.uniform(0, 0.3))
                        self.host.kill()
                        kills += 1
                    if chance.random() < 0.1:
                        self.revive_server()
                    if self.postgres and chance.random() < 0.1:
                        self.postgres.kill()
                        self.postgres.start()
                    self.host.start()
        finally:
            stop.set()
            thread.join()
        for mailbox in mailboxes:
            self.expect_balance(mailbox, patience=max(120, SECONDS))
        total = sum(len(mailbox["delivered"]) for mailbox in mailboxes)
        print(f"{kills} kills, {total} mails, "
              f"{sum(len(m['evens'].jobs()) for m in mailboxes) + len(deleting['all'].jobs())} jobs", flush=True)


class RandomKillsOnExchange(ExchangeMailboxes, RandomKills):
    # Some lives outlast the pause after a fault.
    longest_lives = (0.05, 0.3, 1.0, 2.5, 8.0)

    def setUp(self):
        super().setUp()
        self._hand_on_server = threading.Lock()

    def revive_server(self):
        with self._hand_on_server:
            super().revive_server()

    def troubles(self, chance):
        """What may befall the server next, by name."""
        def request(fault, operation=None):
            return lambda: self.exchange.fail_next(operation, fault)

        def mute():
            self.exchange.streams_are_mute = not self.exchange.streams_are_mute

        return {
            "dropped before it is done": request(faults.drop(executes=False)),
            "dropped when it is done": request(faults.drop()),
            "dropped amid the answer": request(faults.drop(after=chance.randrange(4000))),
            "stalled": request(faults.stall(chance.uniform(0.1, 2), after=chance.choice((None, 100)))),
            "busy": request(faults.busy(chance.randrange(50, 1500))),
            "503": request(faults.status(503)),
            "503 before sign-in": request(faults.status(503), faults.BEFORE_SIGN_IN),
            "state refused": request(faults.code("ErrorInvalidSyncStateData"), "SyncFolderItems"),
            "states expired": self.exchange.expire_sync_states,
            "streams mute or not": mute,
            "streams closed": self.exchange.close_streams,
            "subscriptions lost": self.exchange.lose_subscriptions,
            "connections cut": self.exchange.drop_connections,
            "well again": self.exchange.faults.clear,
        }

    @contextlib.contextmanager
    def trouble(self, seed):
        chance = random.Random(seed)
        met = collections.Counter()
        stop = threading.Event()

        def troublemaker():
            while not stop.wait(chance.uniform(0.05, 1)):
                name, befall = chance.choice(list(self.troubles(chance).items()))
                with self._hand_on_server:
                    befall()
                met[name] += 1

        thread = threading.Thread(target=troublemaker)
        thread.start()
        try:
            yield
        finally:
            stop.set()
            thread.join()
            self.exchange.faults.clear()
            self.exchange.streams_are_mute = False
            print(", ".join(f"{name}: {count}" for name, count in sorted(met.items())), flush=True)


if __name__ == "__main__":
    main()
