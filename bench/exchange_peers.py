"""The loops that people write with Debian's python3-exchangelib, as its documentation shows how: one looks each second for
unread mails, the other waits for streaming notifications."""

import functools
import subprocess
import textwrap

from peers import Peer

# Debian's, whichever Python runs the bench.
_PYTHON = "/usr/bin/python3"


class Exchangelib(Peer):
    waiting = ""

    def __init__(self, folder, server, address, password, command):
        super().__init__(folder, server.https, address, password, command)
        self._server = server

    @classmethod
    def installed(cls):
        try:
            return subprocess.run([_PYTHON, "-c", "import exchangelib"], stderr=subprocess.DEVNULL).returncode == 0
        except OSError:
            return False

    def arguments(self, idle):
        script = self.folder / "loop.py"
        script.write_text(textwrap.dedent(f"""\
            import os, subprocess, time
            os.environ["REQUESTS_CA_BUNDLE"] = {str(self._server.certificates.folder / "ca.pem")!r}
            import exchangelib
            account = exchangelib.Account({self.address!r}, autodiscover=False, access_type=exchangelib.DELEGATE,
                config=exchangelib.Configuration(service_endpoint={self._server.url()!r}, auth_type=exchangelib.NTLM,
                    max_connections=2,  # a stream keeps one busy
                    credentials=exchangelib.Credentials({self.address!r}, {self.password!r})))
            inbox = account.inbox
            def take():
                for item in inbox.filter(is_read=False).order_by("datetime_received"):
                    subprocess.run([{str(self.script)!r}], input=item.mime_content)
                    item.is_read = True
                    item.save(update_fields=["is_read"])
            """) + textwrap.dedent(self.waiting))
        return [_PYTHON, str(script)]

    @property
    def pid(self):
        return self.process.pid

    def start_and_wait(self, wait_for):
        self.start()
        wait_for(self.is_waiting, f"{self.name} to wait for mail")
        return self


class Polling(Exchangelib):
    name = "exchangelib, polls each second"
    waiting = """
        while True:
            take()
            time.sleep(1)
        """

    def is_waiting(self):
        return self._server.count("FindItem", self.address) > 0


class Streaming(Exchangelib):
    name = "exchangelib, streaming"
    waiting = """
        while True:
            with inbox.streaming_subscription() as subscription:
                take()
                for notification in inbox.get_streaming_events(subscription, connection_timeout=30):
                    take()
        """

    def is_waiting(self):
        return self._server.sessions(self.address)


@functools.cache
def exchange_peers():
    return [peer for peer in (Polling, Streaming) if peer.installed()]
