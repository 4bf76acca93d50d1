"""The host killed at random moments while mail keeps coming: each mail still has exactly one job.

ROE_CAMPAIGN_SECONDS: for how long (default 60). ROE_SEED: repeats the moments of an earlier campaign.
"""

import os
import random
import threading
import time

from accounts import Books
from vocabulary import main

SECONDS = float(os.environ.get("ROE_CAMPAIGN_SECONDS", "60"))


class RandomKills(Books):
    def test_Killed_again_and_again_while_mail_comes(self):
        seed = int(os.environ.get("ROE_SEED", "0")) or random.randrange(1, 1 << 30)
        print(f"seed {seed}", flush=True)
        chance = random.Random(seed)
        marking = self.open_books(RemoveReceived=False)
        deleting = self.open_books(RemoveReceived=True)
        deleting["all"] = self.given_task(deleting)
        window_of_one = self.open_books()
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
            until = time.monotonic() + SECONDS
            while time.monotonic() < until:
                # Short lives find the start, long ones the middle of the work.
                time.sleep(chance.choice((0.05, 0.3, 1.0, 2.5)) * chance.random())
                self.host.kill()
                kills += 1
                if chance.random() < 0.2:
                    self.host.launch()
                    time.sleep(chance.uniform(0, 0.3))
                    self.host.kill()
                    kills += 1
                if chance.random() < 0.1:
                    self.dovecot.kill()
                    self.dovecot.start()
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


if __name__ == "__main__":
    main()
