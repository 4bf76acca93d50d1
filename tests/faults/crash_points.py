"""The process killed at each named place, once and again: each mail still has exactly one job."""

from accounts import Books
from exchange_mailboxes import ExchangeMailboxes
from host import HostDied
from vocabulary import main

PLUGIN_POINTS = ["pass-before-commit", "ledger-before-commit", "ledger-after-commit", "pass-before-host",
                 "pass-after-host", "pass-after-answers", "dispose-before-server", "dispose-after-server",
                 "dispose-after-record"]
HOST_POINTS = ["host-before-accept-commit", "host-after-accept-commit", "host-before-spawn", "host-after-spawn"]


class Deaths(Books):
    def die_at(self, mailbox, **crash):
        """Starts the host, which must die at the point, while mail keeps coming so that it is passed again."""
        try:
            self.host.start(**crash)
        except HostDied:
            return
        for _ in range(60):
            self.deliver_numbered(mailbox, 2)
            if self.host.wait_dead(0.5):
                return
        self.fail(f"{crash} was never passed:\n{self.host.tail()}")

    def crash_and_balance(self, crash, **fields):
        mailbox = self.open_books(**fields)
        mailbox["all"] = self.given_task(mailbox)
        self.assertEqual(self.host.stop(), 0)
        self.deliver_numbered(mailbox, 12)
        for at in (1, 1, 3):
            name, point = next(iter(crash.items()))
            self.die_at(mailbox, **{name: f"{point}:{at}"})
        self.host.start()
        self.expect_balance(mailbox)
        # And it goes on as if nothing had been.
        self.deliver_numbered(mailbox, 4)
        self.expect_balance(mailbox)


class CrashPoints(Deaths):
    pass


def crashing(crash, removing):
    def test(self):
        self.crash_and_balance(crash, RemoveReceived=removing)
    return test


for _point in PLUGIN_POINTS:
    _name = _point.replace("-", "_")
    setattr(CrashPoints, f"test_Killed_at_{_name}_marking", crashing({"crash_at": _point}, False))
    setattr(CrashPoints, f"test_Killed_at_{_name}_deleting", crashing({"crash_at": _point}, True))
for _point in HOST_POINTS:
    _name = _point.replace("-", "_")
    setattr(CrashPoints, f"test_Killed_at_{_name}", crashing({"host_crash_at": _point}, True))


class CrashPointsOnExchange(ExchangeMailboxes, CrashPoints):
    pass


class InTurnOnExchange(ExchangeMailboxes, Deaths):
    def test_Killed_at_each_point_in_turn(self):
        mailboxes = [self.open_books(RemoveReceived=removing) for removing in (False, True)]
        mailboxes[1]["all"] = self.given_task(mailboxes[1])
        self.assertEqual(self.host.stop(), 0)
        for name, points in (("crash_at", PLUGIN_POINTS), ("host_crash_at", HOST_POINTS)):
            for point in points:
                for mailbox in mailboxes:
                    self.deliver_numbered(mailbox, 4)
                self.die_at(mailboxes[1], **{name: f"{point}:1"})
        self.host.start()
        for mailbox in mailboxes:
            self.deliver_numbered(mailbox, 2)
            self.expect_balance(mailbox)


if __name__ == "__main__":
    main()
