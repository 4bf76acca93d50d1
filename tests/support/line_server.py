"""Servers that are no real mail servers: one that says what a test tells it to, one that takes no connection."""

import contextlib
import socket
import threading


class LineServer:
    """Greets, then answers each command: `answer(tag, command)` gives what is sent, or None to fall silent."""

    def __init__(self, greeting="* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN SASL-IR] ready",
                 answer=lambda tag, command: None):
        self._greeting = greeting
        self._answer = answer
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client):
        with contextlib.suppress(OSError), client:
            if self._greeting is not None:
                client.sendall(self._greeting.encode() + b"\r\n")
            for line in client.makefile("rb"):
                tag, _, command = line.decode(errors="replace").strip().partition(" ")
                said = self._answer(tag, command)
                if said is not None:
                    client.sendall(said.encode() + b"\r\n")

    def close(self):
        self._listener.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


class BlackHole:
    """A port whose connections are never made: its queue is full, and the kernel drops what asks for more."""

    def __init__(self):
        self._listener = socket.socket()
        self._listener.bind(("127.0.0.1", 0))
        self._listener.listen(0)
        self.port = self._listener.getsockname()[1]
        self._waiting = []
        for _ in range(4):
            client = socket.socket()
            client.setblocking(False)
            client.connect_ex(("127.0.0.1", self.port))
            self._waiting.append(client)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for one in [*self._waiting, self._listener]:
            one.close()
