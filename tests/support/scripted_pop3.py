"""A POP3 server with the quirks that Dovecot has not: quirks are options or overridden methods.

Any login is right. A session sees the mails that were there when it began, as RFC 1939 wants it.
"""

import contextlib
import socket
import threading


class ScriptedPop3:
    """Listens on `port` of the loopback address.

    capabilities: None for a server without CAPA; uidl, top: whether it knows the command
    mails: (UIDL, bytes) as they lie on the server; to be changed by `deliver` and by sessions that end with QUIT
    commands: all commands as they came; logins: how many there were
    """

    greeting = "+OK ready"

    def __init__(self, capabilities=("TOP", "UIDL", "USER", "PIPELINING"), uidl=True, top=True):
        self.capabilities = capabilities
        self.uidl = uidl
        self.top = top
        self.mails = []
        self.commands = []
        self.logins = 0
        self._number = 0
        self._lock = threading.RLock()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def deliver(self, content, uidl=None):
        with self._lock:
            self._number += 1
            self.mails.append((uidl or f"uidl-{self._number:06}", content))

    def rename(self, name):
        """Gives all mails new UIDLs."""
        with self._lock:
            self.mails = [(name(uidl), content) for uidl, content in self.mails]

    def close(self):
        self._listener.close()

    # To be overridden

    def quit(self, session):
        """What QUIT does; False: the connection is lost before it."""
        with self._lock:
            self.mails = [mail for mail in self.mails if mail not in session.deleted]
        session.say("+OK bye")
        return True

    def login(self, session):
        """True: let in."""
        session.say("+OK")
        return True

    def listing(self, session, verb):
        """The whole answer to LIST and UIDL."""
        column = (len(content) if verb == "LIST" else uidl for uidl, content in session.mails)
        rows = "".join(f"{number} {words}\r\n" for number, words in enumerate(column, 1))
        return f"+OK\r\n{rows}.\r\n".encode("latin-1")

    # Inside

    def _accept(self):
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                threading.Thread(target=_Session(self, connection).run, daemon=True).start()


class _Session:
    def __init__(self, server, connection):
        self.server = server
        self.connection = connection
        with server._lock:
            self.mails = list(server.mails)
        self.deleted = []

    def run(self):
        with contextlib.suppress(OSError), self.connection:
            self.say(self.server.greeting)
            for line in self.connection.makefile("rb"):
                command = line.decode("latin-1").rstrip("\r\n")
                self.server.commands.append(command)
                if not self.answer(command):
                    return

    def say(self, text):
        self.connection.sendall(text.encode("latin-1") + b"\r\n")

    def say_lines(self, lines):
        self.connection.sendall(("+OK\r\n" + "".join(f"{line}\r\n" for line in lines) + ".\r\n").encode("latin-1"))

    def say_mail(self, content):
        stuffed = (b"\r\n" + content).replace(b"\r\n.", b"\r\n..")[2:]
        self.connection.sendall(b"+OK\r\n" + stuffed + (b"" if stuffed.endswith(b"\r\n") else b"\r\n") + b".\r\n")

    def answer(self, command):
        verb, _, words = command.partition(" ")
        server = self.server
        verb = verb.upper()
        if verb == "CAPA" and server.capabilities is not None:
            self.say_lines(server.capabilities)
        elif verb == "USER":
            self.say("+OK")
        elif verb == "PASS":
            server.logins += 1
            return server.login(self)
        elif verb == "LIST" or (verb == "UIDL" and server.uidl):
            self.connection.sendall(server.listing(self, verb))
        elif verb == "TOP" and server.top:
            self.say_mail(self.mails[int(words.split()[0]) - 1][1].split(b"\r\n\r\n", 1)[0] + b"\r\n\r\n")
        elif verb == "RETR":
            self.say_mail(self.mails[int(words) - 1][1])
        elif verb == "DELE":
            self.deleted.append(self.mails[int(words) - 1])
            self.say("+OK")
        elif verb == "QUIT":
            server.quit(self)
            return False
        else:
            self.say("-ERR unknown command")
        return True
