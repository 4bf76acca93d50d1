"""A TCP proxy between the product and a server that can be slow, fall silent, or break."""

import socket
import struct
import threading
import time


class TcpProxy:
    """Forwards `port` of the loopback address to another port there.

    delay: seconds that each piece waits on its way, both directions.
    `stall()` forwards nothing more on the connections there now but keeps them open; `cut()` resets them;
    `refuse(True)` resets new ones at once, `swallow(True)` stalls them. `break_after(size)` ends the connection on which the
    server's next `size` bytes are passed; by a reset, or `politely`. `accepted` counts connections, `broken` those ended so.
    """

    def __init__(self, target, delay=0.0, host="127.0.0.1", swallowing=False):
        self.delay = delay
        self._swallowing = swallowing
        self.accepted = 0
        self._target = (host, target)
        self._stalled = set()
        self._refusing = False
        self._until_break = None
        self._politely = False
        self.broken = 0
        self._pairs = set()
        self._lock = threading.Lock()
        self._listener = socket.create_server((host, 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            self.accepted += 1
            if self._refusing:
                _reset(client)
                continue
            try:
                server = socket.create_connection(self._target, timeout=10)
            except OSError:
                _reset(client)
                continue
            server.settimeout(None)
            for end in (client, server):
                end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with self._lock:
                self._pairs.add((client, server))
                if self._swallowing:
                    self._stalled.add((client, server))
            for one, other in ((client, server), (server, client)):
                threading.Thread(target=self._forward, args=(one, other, (client, server)), daemon=True).start()

    def _forward(self, one, other, pair):
        try:
            while True:
                got = one.recv(65536)
                if not got:
                    break
                if self.delay:
                    time.sleep(self.delay)
                if pair in self._stalled:
                    continue
                passed = self._passed(got) if other is pair[0] else got
                other.sendall(passed)
                if len(passed) < len(got):
                    if not self._politely:
                        _reset(other)
                    break
        except OSError:
            pass
        with self._lock:
            self._pairs.discard(pair)
        for end in pair:
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def _passed(self, got):
        """What is passed on of the server's bytes before the connection breaks."""
        with self._lock:
            if self._until_break is None:
                return got
            passed = got[:self._until_break]
            self._until_break -= len(passed)
            if len(passed) < len(got):
                self._until_break = None
                self.broken += 1
            return passed

    @property
    def open(self):
        """How many connections there are now."""
        with self._lock:
            return len(self._pairs)

    def stall(self):
        with self._lock:
            self._stalled |= self._pairs

    def swallow(self, swallowing):
        self._swallowing = swallowing

    def refuse(self, refusing):
        self._refusing = refusing

    def break_after(self, size, politely=False):
        with self._lock:
            self._until_break, self._politely = size, politely

    def cut(self):
        with self._lock:
            pairs, self._pairs = self._pairs, set()
        for client, server in pairs:
            _reset(client)
            _reset(server)

    def close(self):
        self._listener.close()
        self.cut()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def _reset(end):
    try:
        # Lingering for no time makes close() send RST instead of FIN.
        end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        end.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass
    end.close()
