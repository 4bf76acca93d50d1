"""An IMAP server in memory for what Dovecot will not do: quirks are options or overridden methods.

It keeps to what the product sends; anything else is answered BAD and fails the test that looks at `unknown`.
"""

import base64
import re
import socket
import threading


class Mail:
    """A mail on the server. size: how RFC822.SIZE is written, if not as it is; withheld: the server does not
    hand it out; deadly: asking for its body, or its head, ends the connection."""

    def __init__(self, content, uid, flags=(), size=None, withheld=False, deadly=False, deadly_head=False):
        self.content = content
        self.uid = uid
        self.flags = set(flags)
        self.size = size or str(len(content))
        self.withheld = withheld
        self.deadly = deadly
        self.deadly_head = deadly_head

    @property
    def header(self):
        return self.content.split(b"\r\n\r\n", 1)[0] + b"\r\n\r\n"


class ScriptedImap:
    """Listens on `port` of the loopback address. Any login is right.

    greeting_capabilities, capabilities: before and after the login
    folders: (attributes, name as on the wire); moved: what was moved where
    commands: all commands as they came, without their tags
    session: what serves a connection; None: Session
    """

    session = None

    uidvalidity = 7

    def __init__(self, capabilities="IMAP4rev1 UIDPLUS IDLE", greeting_capabilities="IMAP4rev1 SASL-IR AUTH=PLAIN",
                 folders=((r"\HasNoChildren", "INBOX"),)):
        self.capabilities = capabilities
        self.greeting_capabilities = greeting_capabilities
        self.folders = folders
        self.mails = []
        self.moved = []
        self.commands = []
        self.unknown = []
        self.connections = 0
        self._next_uid = 1
        self._sessions = set()
        self._lock = threading.RLock()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def deliver(self, content, **quirks):
        """A new mail; whoever idles is told of it."""
        with self._lock:
            mail = Mail(content, self._next_uid, **quirks)
            self._next_uid += 1
            self.mails.append(mail)
            for session in self._sessions:
                session.tell(f"* {len(self.mails)} EXISTS")
            return mail

    def asked(self, pattern):
        """The commands that match."""
        return [command for command in self.commands if re.search(pattern, command)]

    def _accept(self):
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self.serve, args=(connection,), daemon=True).start()

    def serve(self, connection):
        session = (self.session or Session)(self, connection)
        with self._lock:
            self._sessions.add(session)
        try:
            session.run()
        except (OSError, EOFError):
            pass
        finally:
            with self._lock:
                self._sessions.discard(session)
            connection.close()

    # What tests override

    def dispose(self, session, tag, verb, mails, words):
        """UID STORE, UID EXPUNGE, UID MOVE."""
        with self._lock:
            if verb == "STORE":
                for mail in mails:
                    mail.flags |= set(re.findall(r"\\\w+", words))
            else:
                for mail in mails:
                    if verb == "EXPUNGE" and r"\Deleted" not in mail.flags:
                        continue
                    if verb == "MOVE":
                        self.moved.append((mail, words.strip().strip('"')))
                    sequence = self.mails.index(mail) + 1
                    self.mails.remove(mail)
                    session.say(f"* {sequence} EXPUNGE")
        session.say(f"{tag} OK done")

    def close(self):
        self._listener.close()
        with self._lock:
            sessions = list(self._sessions)
        for session in sessions:
            session.end()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


class Session:
    def __init__(self, server, connection):
        self.server = server
        self._connection = connection
        self._reader = connection.makefile("rb")
        self._writing = threading.Lock()
        self._selected = False

    def say(self, line):
        self.send(line.encode() + b"\r\n")

    def send(self, content):
        with self._writing:
            self._connection.sendall(content)

    def tell(self, line):
        if self._selected:
            try:
                self.say(line)
            except OSError:
                pass

    def end(self):
        try:
            self._connection.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass

    def _line(self):
        line = self._reader.readline()
        if not line.endswith(b"\n"):
            raise EOFError
        return line.rstrip(b"\r\n").decode()

    def run(self):
        self.say(f"* OK [CAPABILITY {self.server.greeting_capabilities}] ready")
        while True:
            tag, _, command = self._line().partition(" ")
            self.server.commands.append(command)
            verb, _, rest = command.partition(" ")
            if verb == "UID":
                verb, _, rest = rest.partition(" ")
                verb = "UID_" + verb
            handler = getattr(self, "do_" + verb.lower(), None)
            if handler is None:
                self.server.unknown.append(command)
                self.say(f"{tag} BAD what?")
                continue
            handler(tag, rest)
            if verb == "LOGOUT":
                return

    def do_capability(self, tag, _):
        self.say(f"* CAPABILITY {self.server.greeting_capabilities}")
        self.say(f"{tag} OK done")

    def do_authenticate(self, tag, rest):
        if " " not in rest:
            self.say("+ ")
            rest += " " + self._line()
        base64.b64decode(rest.split()[1])
        self.say(f"{tag} OK [CAPABILITY {self.server.capabilities}] in")

    def do_id(self, tag, _):
        self.say("* ID NIL")
        self.say(f"{tag} OK done")

    def do_noop(self, tag, _):
        self.say(f"{tag} OK done")

    def do_logout(self, tag, _):
        self.say("* BYE")
        self.say(f"{tag} OK done")

    def do_list(self, tag, _):
        for attributes, name in self.server.folders:
            self.say(f'* LIST ({attributes}) "/" "{name}"')
        self.say(f"{tag} OK done")

    def do_select(self, tag, _):
        with self.server._lock:
            self._selected = True
            self.say(f"* {len(self.server.mails)} EXISTS")
            self.say(f"* OK [UIDVALIDITY {self.server.uidvalidity}] ok")
            self.say(f"* OK [UIDNEXT {self.server._next_uid}] ok")
            self.say(f"{tag} OK [READ-WRITE] done")

    def do_idle(self, tag, _):
        self.say("+ idling")
        if self._line() != "DONE":
            raise EOFError
        self.say(f"{tag} OK done")

    def do_uid_search(self, tag, rest):
        with self.server._lock:
            found = self._mails(re.search(r"UID (\S+)", rest)[1]) if "UID " in rest else list(self.server.mails)
            for word, flag in (("UNSEEN", r"\Seen"), ("UNDELETED", r"\Deleted")):
                if word in rest:
                    found = [mail for mail in found if flag not in mail.flags]
            self.say("* SEARCH" + "".join(f" {mail.uid}" for mail in found))
            self.say(f"{tag} OK done")

    def do_uid_fetch(self, tag, rest):
        uids, _, items = rest.partition(" ")
        with self.server._lock:
            for mail in self._mails(uids):
                self._fetch(mail, items)
            self.say(f"{tag} OK done")

    def _fetch(self, mail, items):
        sequence = self.server.mails.index(mail) + 1
        opening = re.search(r"BODY\.PEEK\[\]<0\.(\d+)>", items)
        if "BODY.PEEK[]" in items and not opening:
            if mail.deadly:
                raise EOFError
            if not mail.withheld:
                self.send(f"* {sequence} FETCH (UID {mail.uid} BODY[] {{{len(mail.content)}}}\r\n".encode()
                          + mail.content + b")\r\n")
            return
        if mail.deadly_head or (opening and mail.deadly):
            raise EOFError
        head = f"UID {mail.uid}"
        if "FLAGS" in items:
            head += f' FLAGS ({" ".join(sorted(mail.flags))}) INTERNALDATE "24-Nov-2026 10:00:00 +0000"' \
                    f" RFC822.SIZE {mail.size}"
        if opening and not mail.withheld:
            first = mail.content[:int(opening[1])]
            self.send(f"* {sequence} FETCH ({head} BODY[]<0> {{{len(first)}}}\r\n".encode() + first + b")\r\n")
        elif "HEADER" in items:
            self.send(f"* {sequence} FETCH ({head} BODY[HEADER] {{{len(mail.header)}}}\r\n".encode()
                      + mail.header + b")\r\n")
        else:
            self.say(f"* {sequence} FETCH ({head})")

    def do_uid_store(self, tag, rest):
        self._dispose(tag, "STORE", rest)

    def do_uid_expunge(self, tag, rest):
        self._dispose(tag, "EXPUNGE", rest)

    def do_uid_move(self, tag, rest):
        self._dispose(tag, "MOVE", rest)

    def _dispose(self, tag, verb, rest):
        uids, _, words = rest.partition(" ")
        self.server.dispose(self, tag, verb, self._mails(uids), words)

    def _mails(self, text):
        """The mails of a set such as 1:3,5,7:*; "n:*" names the last mail even if it lies below n."""
        mails = self.server.mails
        last = mails[-1].uid if mails else 0
        wanted = set()
        for part in text.split(","):
            low, _, high = part.partition(":")
            ends = sorted(last if end == "*" else int(end) for end in (low, high or low))
            wanted |= {mail.uid for mail in mails if ends[0] <= mail.uid <= ends[1]}
        return [mail for mail in mails if mail.uid in wanted]
