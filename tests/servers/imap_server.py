"""What a private mail server of the tests has in common, whoever made it: its life, and other eyes on its mail."""

import base64
import imaplib
import os
import pwd
import random
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path

from certificates import Certificates
from lifetime import Lifetime

HOST = "127.0.0.1"


class ImapServer(Lifetime):
    """A server in a folder of its own, on free ports of the loopback address.

    One kind of server adds `_launch`, which starts its processes in a session of their own, and what it knows of
    accounts and of delivery.
    """

    name = "server"
    # What a client writes before the name of a folder that it makes; the separator of levels.
    prefix = ""
    separator = "/"

    def __init__(self, folder=None, certificates=None):
        self._own_folder = folder is None
        self.folder = Path(tempfile.mkdtemp(prefix=f"roe-{self.name.lower()}-") if folder is None else folder).resolve()
        self.folder.mkdir(parents=True, exist_ok=True)
        self._account = pwd.getpwnam("nobody") if os.geteuid() == 0 else pwd.getpwuid(os.geteuid())
        self._passwords = {}
        self._process = None
        self.imap, self.imaps, self.pop3, self.pop3s = free_ports(4)
        self.certificates = certificates or Certificates(self.folder / "certificates")

    # Life

    def start(self, patience=20):
        self._launch()
        deadline = time.monotonic() + patience
        while time.monotonic() < deadline:
            if self._process.poll() is not None:
                break
            try:
                with socket.create_connection((HOST, self.imap), timeout=patience) as probe:
                    if probe.recv(4).startswith(b"* OK"):
                        return self
            except OSError:
                pass
            time.sleep(0.02)
        self.kill()
        raise RuntimeError(f"{self.name} did not start:\n{self.log()[-3000:]}")

    def stop(self):
        """Ends the server and all its sessions as an administrator would."""
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(15)
        except subprocess.TimeoutExpired:
            pass
        self.kill()

    def kill(self):
        """All of its processes at once, as a power cut would."""
        if self._process is None:
            return
        try:
            os.killpg(self._process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self._process.wait()
        self._process = None
        self._clear_after_death()

    def close(self):
        self.stop()
        if self._own_folder:
            shutil.rmtree(self.folder, ignore_errors=True)

    def log(self):
        texts = [path.read_text(errors="replace") for path in sorted(self.folder.glob("*.log"))]
        return "".join(texts)

    def describe(self):
        return {"folder": str(self.folder), "host": "localhost", "imap": self.imap, "imaps": self.imaps,
                "pop3": self.pop3, "pop3s": self.pop3s, "ca": str(self.certificates.folder / "ca.pem"),
                "users": sorted(self._passwords)}

    def _launch(self):
        raise NotImplementedError

    def _clear_after_death(self):
        """What killed processes leave and new ones would stumble over."""

    # Mail, with other eyes than ours

    def login(self, address):
        """An imaplib session of this user."""
        session = imaplib.IMAP4(HOST, self.imap)
        words = f"\0{address}\0{self._passwords[address]}".encode()
        session.authenticate("PLAIN", lambda _: words)
        return session

    def create_folder(self, address, folder):
        session = self.login(address)
        try:
            expect(session.create(self._named(folder)))
            expect(session.subscribe(self._named(folder)))
        finally:
            session.logout()

    def append_many(self, address, messages, folder="INBOX"):
        """Many mails one after another by APPEND, as a mail program files them."""
        session = self.login(address)
        try:
            for message in messages:
                expect(session.append(self._named(folder), None, None, message))
        finally:
            session.logout()

    def flags(self, address, folder="INBOX"):
        """UID -> set of flags, without \\Recent, of all mails there now."""
        session = self.login(address)
        try:
            expect(session.select(self._named(folder), readonly=True))
            _, lines = session.uid("FETCH", "1:*", "(UID FLAGS)")
            found = {}
            for line in lines:
                if line is None:
                    continue
                text = line.decode()
                uid = int(text.split("UID ")[1].split()[0].rstrip(")"))
                inside = text.split("FLAGS (")[1].split(")")[0]
                found[uid] = {flag for flag in inside.split() if flag != "\\Recent"}
            return found
        finally:
            session.logout()

    def uids(self, address, folder="INBOX"):
        return sorted(self.flags(address, folder))

    def store(self, address, uid, flag, folder="INBOX"):
        """Sets a flag as another mail program would."""
        session = self.login(address)
        try:
            expect(session.select(self._named(folder)))
            expect(session.uid("STORE", str(uid), "+FLAGS", flag))
        finally:
            session.logout()

    def _named(self, folder):
        return quoted(folder if folder == "INBOX" else self.prefix + folder.replace("/", self.separator))

    # Inside

    def _rights(self):
        """For a process that is to run under the server's account."""
        if os.geteuid() != 0:
            return {}
        return {"user": self._account.pw_uid, "group": self._account.pw_gid, "extra_groups": []}

    def _own(self, path):
        """Gives what root made to the account that the server runs under."""
        if os.geteuid() != 0:
            return
        uid, gid = self._account.pw_uid, self._account.pw_gid
        os.chown(path, uid, gid)
        if path.is_dir():
            for parent, folders, files in os.walk(path):
                for name in folders + files:
                    os.chown(os.path.join(parent, name), uid, gid, follow_symlinks=False)


_given_ports = set()


def free_ports(count):
    """Ports that nobody listens on, below those that the kernel hands out by itself, so that a server can be
    stopped and started again on its own."""
    found = []
    while len(found) < count:
        port = random.randint(15000, 30000)
        if port in _given_ports:
            continue
        with socket.socket() as probe:
            try:
                probe.bind((HOST, port))
            except OSError:
                continue
        _given_ports.add(port)
        found.append(port)
    return found


def utf7(name):
    """A folder's name in modified UTF-7 (RFC 3501 section 5.1.3)."""
    out, run = [], []

    def flush():
        if run:
            text = base64.b64encode("".join(run).encode("utf-16-be")).decode().rstrip("=").replace("/", ",")
            out.append(f"&{text}-")
            run.clear()

    for letter in name:
        if 0x20 <= ord(letter) <= 0x7e:
            flush()
            out.append("&-" if letter == "&" else letter)
        else:
            run.append(letter)
    flush()
    return "".join(out)


def quoted(folder):
    return '"' + utf7(folder).replace("\\", "\\\\").replace('"', '\\"') + '"'


def expect(answer):
    if answer[0] != "OK":
        raise RuntimeError(f"the server said {answer}")
    return answer[1]
