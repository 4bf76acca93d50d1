"""A connection that dies without a word: the product notices by itself and no mail is lost."""

import sys
import time
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parents[1] / part) for part in ("support", "servers")]
from imap_proxy import TcpProxy  # noqa: E402
from vocabulary import Story, main  # noqa: E402


class SilentServer(Story):
    def test_IDLE_that_died_silently_is_noticed_by_the_safety_look(self):
        account = self.given_account()
        with TcpProxy(self.dovecot.imap) as proxy:
            mailbox = self.given_mailbox("plain", account, ImapPort=proxy.port)
            task = self.given_task(mailbox, IntervalSeconds=60)
            self.wait_state(mailbox, "watching")
            proxy.stall()
            self.deliver(mailbox)
            began = time.monotonic()
            self.expect_jobs(task, 1, patience=200)
            print(f"noticed after {time.monotonic() - began:.0f} s")
            self.wait_state(mailbox, "watching")


if __name__ == "__main__":
    main()
