#!/usr/bin/env python3
"""A bare socket that idles in a folder beside the product and time-stamps what the server tells.

It shows when the server gave notice of a mail, with nothing of ours in between. As a command it prints one
line for each EXISTS: the wall clock in nanoseconds and the count.
"""

import argparse
import base64
import socket
import threading
import time


class IdleProbe:
    """Idles until closed; `notices` holds (time.time_ns(), count) for each EXISTS line, in order."""

    def __init__(self, port, address, password, folder="INBOX", host="127.0.0.1", on_notice=None):
        self.notices = []
        self._on_notice = on_notice
        self._changed = threading.Condition()
        self._socket = socket.create_connection((host, port), timeout=30)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._reader = self._socket.makefile("rb", buffering=0)
        self._line()
        words = base64.b64encode(f"\0{address}\0{password}".encode()).decode()
        self._command(f"a1 AUTHENTICATE PLAIN {words}")
        self.count = 0
        for line in self._command(f'a2 EXAMINE "{folder}"'):
            if line.endswith(b" EXISTS"):
                self.count = int(line.split()[1])
        self._socket.sendall(b"a3 IDLE\r\n")
        if not self._line().startswith(b"+"):
            raise RuntimeError("the server does not idle")
        self._socket.settimeout(None)
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()

    def _line(self):
        line = self._reader.readline()
        if not line:
            raise ConnectionError("the server closed the probe's connection")
        return line.rstrip(b"\r\n")

    def _command(self, text):
        tag = text.split()[0].encode()
        self._socket.sendall(text.encode() + b"\r\n")
        lines = []
        while True:
            line = self._line()
            if line.startswith(tag + b" "):
                if not line.startswith(tag + b" OK"):
                    raise RuntimeError(f"{text.split()[1]}: the server said {line!r}")
                return lines
            lines.append(line)

    def _listen(self):
        rest = b""
        while True:
            try:
                got = self._socket.recv(65536)
            except OSError:
                return
            now = time.time_ns()
            if not got:
                return
            *lines, rest = (rest + got).split(b"\r\n")
            for line in lines:
                if not line.endswith(b" EXISTS"):
                    continue
                with self._changed:
                    self.count = int(line.split()[1])
                    self.notices.append((now, self.count))
                    self._changed.notify_all()
                if self._on_notice:
                    self._on_notice(now, self.count)

    def wait_count(self, count, patience=30):
        """When the server first told of at least `count` mails."""
        with self._changed:
            if not self._changed.wait_for(lambda: self.count >= count, patience):
                raise TimeoutError(f"the server told of {self.count} mails, not of {count}")
            return next((when for when, told in self.notices if told >= count), None)

    def close(self):
        try:
            self._socket.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self._thread.join()
        self._socket.close()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("port", type=int)
    parser.add_argument("address")
    parser.add_argument("password")
    parser.add_argument("--folder", default="INBOX")
    options = parser.parse_args()
    probe = IdleProbe(options.port, options.address, options.password, options.folder,
                      on_notice=lambda when, count: print(when, count, flush=True))
    try:
        threading.Event().wait()
    except KeyboardInterrupt:
        probe.close()


if __name__ == "__main__":
    main()
