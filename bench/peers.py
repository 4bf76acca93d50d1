"""What else starts a command when a mail arrives: Debian's fetchmail and getmail6, and the loop that people write
themselves. Each is set up as its manual says; a peer that is not installed is left out."""

import shutil
import subprocess
import sys
import textwrap
from pathlib import Path


class Peer:
    """One account watched by one process, that runs `command` with each mail on its standard input."""

    name = ""
    needs = ""

    def __init__(self, folder, port, address, password, command):
        self.folder = Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.port, self.address, self.password, self.command = port, address, password, command
        self.script = self.folder / "mda"
        self.script.write_text(f"#!/bin/sh\ncat > /dev/null\n{command}\n")
        self.script.chmod(0o755)
        self.process = None

    @classmethod
    def installed(cls):
        return shutil.which(cls.needs) is not None

    def start(self, idle=True):
        self.process = subprocess.Popen(self.arguments(idle), stdin=subprocess.DEVNULL, cwd=self.folder,
                                        stdout=open(self.folder / "log", "ab"), stderr=subprocess.STDOUT)
        return self

    def wait(self, patience):
        self.process.wait(patience)

    def stop(self):
        if self.process is None:
            return
        self.process.terminate()
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


class Fetchmail(Peer):
    name = "fetchmail"
    needs = "fetchmail"

    def arguments(self, idle):
        settings = self.folder / "fetchmailrc"
        settings.write_text(
            f'poll 127.0.0.1 protocol imap port {self.port} auth password user "{self.address}" '
            f'password "{self.password}" sslproto "" {"idle" if idle else ""} keep mda "{self.script}"\n')
        settings.chmod(0o600)
        return ["fetchmail", "-f", str(settings), "--pidfile", str(self.folder / "pid"), "--nodetach", "-s"]


class Getmail(Peer):
    name = "getmail6"
    needs = "getmail"

    def arguments(self, idle):
        settings = self.folder / "getmailrc"
        settings.write_text(textwrap.dedent(f"""\
            [retriever]
            type = SimpleIMAPRetriever
            server = 127.0.0.1
            port = {self.port}
            username = {self.address}
            password = {self.password}
            [destination]
            type = MDA_external
            path = {self.script}
            allow_root_commands = true
            [options]
            read_all = false
            delivered_to = false
            received = false
            """))
        settings.chmod(0o600)
        return ["getmail", "--getmaildir", str(self.folder), "--rcfile", str(settings), "-q"] + (
            ["--idle", "INBOX"] if idle else [])


class OwnLoop(Peer):
    name = "imaplib loop"
    needs = "python3"

    def arguments(self, idle):
        script = self.folder / "loop.py"
        script.write_text(textwrap.dedent(f"""\
            import imaplib, subprocess
            session = imaplib.IMAP4("127.0.0.1", {self.port})
            session.login({self.address!r}, {self.password!r})
            session.select("INBOX")
            def take():
                for number in session.search(None, "UNSEEN")[1][0].split():
                    mail = session.fetch(number, "(BODY.PEEK[])")[1][0][1]
                    subprocess.run([{str(self.script)!r}], input=mail)
                    session.store(number, "+FLAGS", "\\\\Seen")
            take()
            while {idle}:
                session.send(b"x1 IDLE\\r\\n")
                session.readline()
                while b"EXISTS" not in session.readline():
                    pass
                session.send(b"DONE\\r\\n")
                while not session.readline().startswith(b"x1 "):
                    pass
                take()
            """))
        return [sys.executable, str(script)]


def peers():
    return [peer for peer in (Fetchmail, Getmail, OwnLoop) if peer.installed()]
