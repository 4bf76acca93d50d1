"""A private, real Courier in a folder of its own, on free ports of the loopback address. Needs root; see unpacked.py.

A Courier server is four listeners, which start a process for each connection, and a daemon that knows the accounts.
"""

import itertools
import os
import subprocess
import time
from pathlib import Path

import unpacked
from imap_server import HOST, ImapServer

_ENVIRONMENT = """
IMAP_CAPABILITY="IMAP4rev1 {uidplus}CHILDREN NAMESPACE THREAD=ORDEREDSUBJECT THREAD=REFERENCES SORT QUOTA IDLE"
IMAP_CAPABILITY_TLS="$IMAP_CAPABILITY AUTH=PLAIN"
IMAP_KEYWORDS=1
IMAP_ACL=1
IMAP_IDLE_TIMEOUT=60
IMAP_MAILBOX_SANITY_CHECK=1
IMAP_CHECK_ALL_FOLDERS=0
IMAP_OBSOLETE_CLIENT=0
IMAP_USELOCKS=1
IMAP_ENHANCEDIDLE=1
IMAP_EMPTYTRASH=Trash:7
IMAP_TRASHFOLDERNAME=Trash
IMAP_MOVE_EXPUNGE_TO_TRASH=0
IMAP_TLS_REQUIRED=0
POP3AUTH="LOGIN PLAIN"
POP3AUTH_TLS="LOGIN PLAIN"
POP3_TLS_REQUIRED=0
COURIERTLS=/usr/bin/couriertls
TLS_CERTFILE={folder}/server.pem
TLS_VERIFYPEER=NONE
GAM_CLIENT_ID={name}
"""

_LAUNCH = """
set -a
. {folder}/environment
. /etc/courier/authdaemonrc
/usr/lib/courier/courier-authlib/authdaemond &
listen() {{
  port=$1
  shift
  couriertcpd -address={host} -maxprocs=200 -maxperip=200 -nodnslookup -noidentlookup $port "$@" &
}}
imap="/usr/lib/courier/courier/imaplogin /usr/bin/imapd Maildir"
pop3="/usr/lib/courier/courier/courierpop3login /usr/lib/courier/courier/courierpop3d Maildir"
tls="$COURIERTLS -server -tcpd -user={user}"
IMAP_STARTTLS=YES listen {imap} $imap
IMAP_TLS=1 listen {imaps} $tls $imap
POP3_STARTTLS=YES listen {pop3} $pop3
POP3_TLS=1 listen {pop3s} $tls $pop3
wait
"""


class Courier(ImapServer):
    """uidplus: without, a mail can't be expunged by its UID."""

    name = "Courier"
    prefix = "INBOX."
    separator = "."

    def __init__(self, folder=None, certificates=None, uidplus=True):
        super().__init__(folder, certificates)
        for part in ("run/courier/authdaemon", "etc", "home"):
            (self.folder / part).mkdir(parents=True, exist_ok=True)
        self._unique = itertools.count(1)
        self._laid = [(self.folder / "run", "/run"), (self.folder / "etc", "/etc/courier"),
                      (self.folder / "passwd", "/etc/passwd")]
        # The package would make a user for what does the encryption.
        (self.folder / "passwd").write_text(
            Path("/etc/passwd").read_text() +
            f"courier:x:{self._account.pw_uid}:{self._account.pw_gid}::/:/usr/sbin/nologin\n")
        certificate, key = self.certificates.make("good")
        (self.folder / "server.pem").write_text(certificate.read_text() + key.read_text())
        (self.folder / "etc/authdaemonrc").write_text(
            'authmodulelist="authuserdb"\ndaemons=5\nauthdaemonvar=/run/courier/authdaemon\nDEBUG_LOGIN=0\n')
        (self.folder / "etc/userdb").touch(0o600)
        (self.folder / "environment").write_text(_ENVIRONMENT.format(
            folder=self.folder, name=self.folder.name, uidplus="UIDPLUS " if uidplus else ""))
        (self.folder / "launch").write_text(_LAUNCH.format(
            folder=self.folder, host=HOST, user=self._account.pw_name,
            imap=self.imap, imaps=self.imaps, pop3=self.pop3, pop3s=self.pop3s))

    def add_user(self, address, password):
        home = self._home(address)
        for part in ("cur", "new", "tmp"):
            (home / "Maildir" / part).mkdir(parents=True, exist_ok=True)
        self._own(home)
        kept = subprocess.run(["openssl", "passwd", "-6", "-stdin"], input=password.encode(), capture_output=True,
                              check=True).stdout.decode().strip()
        with open(self.folder / "etc/userdb", "a") as accounts:
            accounts.write(f"{address}\tuid={self._account.pw_uid}|gid={self._account.pw_gid}|home={home}"
                           f"|mail={home}/Maildir|systempw={kept}\n")
        done = subprocess.run(unpacked.command("makeuserdb", laid=self._laid), capture_output=True, text=True)
        if done.returncode != 0:
            raise RuntimeError(f"makeuserdb said {done.returncode}: {done.stdout}{done.stderr}")
        self._passwords[address] = password

    def deliver(self, address, message, folder=None):
        self.deliver_many(address, [message], folder)

    def deliver_many(self, address, messages, folder=None):
        """Mails as a delivery agent lays them into the Maildir: written aside, then renamed."""
        maildir = self._home(address) / "Maildir"
        if folder:
            # Courier keeps names in UTF-8 on disk.
            maildir /= "." + folder.replace("/", ".")
        for message in messages:
            name = f"{time.time():.6f}.{os.getpid()}_{next(self._unique)}.localhost"
            path = maildir / "tmp" / name
            path.write_bytes(message.replace(b"\r\n", b"\n"))
            os.chown(path, self._account.pw_uid, self._account.pw_gid)
            path.rename(maildir / "new" / name)

    def _home(self, address):
        return self.folder / "home" / address

    def stop(self):
        # Its listeners keep nothing that would want an orderly end.
        self.kill()

    def _launch(self):
        self.folder.chmod(0o755)
        with open(self.folder / "courier.log", "ab") as words:
            self._process = subprocess.Popen(
                unpacked.command("sh", self.folder / "launch", laid=self._laid, alone=True),
                stdin=subprocess.DEVNULL, stdout=words, stderr=words, start_new_session=True, cwd=self.folder)
