"""A scripted IMAP server that answers a step of the connection test when the test lets it."""

import threading

from scripted_imap import ScriptedImap, Session


class HeldSession(Session):
    """Answers nothing at the doors of a step before the test lets it."""

    def do_authenticate(self, tag, rest):
        self.server.doors["login"].wait()
        super().do_authenticate(tag, rest)

    def do_select(self, tag, rest):
        self.server.doors["folder"].wait()
        super().do_select(tag, rest)

    def do_uid_search(self, tag, rest):
        self.server.doors["count"].wait()
        super().do_uid_search(tag, rest)


class HeldImap(ScriptedImap):
    session = HeldSession

    def __init__(self):
        self.doors = {step: threading.Event() for step in ("login", "folder", "count")}
        super().__init__()

    def close(self):
        for door in self.doors.values():
            door.set()
        super().close()
