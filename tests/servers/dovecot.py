#!/usr/bin/env python3
"""A private, real Dovecot in a folder of its own, on free ports of the loopback address.

Runs without root; under root it gives its rights away first, so that both ways are one. As a command:

    python3 tests/servers/dovecot.py --user ann@example.com:secret

prints one line of JSON with folder, ports and CA certificate, and stays until it is interrupted.
"""

import argparse
import base64
import grp
import hashlib
import imaplib
import itertools
import json
import os
import pwd
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from certificates import Certificates  # noqa: E402

HOST = "127.0.0.1"

_CONFIG = """
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/dovecot.log
protocols = {protocols}
listen = {host}
default_internal_user = {user}
default_login_user = {user}
default_internal_group = {group}
# A master that starts processes for hundreds of sessions at once is not to think that it is attacked.
default_process_limit = 3000
default_client_limit = 12000
default_vsz_limit = 0
mail_max_userip_connections = {max_connections}
auth_failure_delay = 0
mail_location = maildir:~/Maildir
first_valid_uid = 1
postmaster_address = postmaster@example.com
hostname = localhost
lda_mailbox_autocreate = yes
{hibernation}
disable_plaintext_auth = no
auth_mechanisms = {mechanisms}
ssl = {ssl}
ssl_cert = <{certificate}
ssl_key = <{key}
{client_certificates}
{named_certificates}
{oauth}
passdb {{
  driver = passwd-file
  args = scheme=PLAIN username_format=%u {folder}/users/%u
}}
userdb {{
  driver = passwd-file
  args = username_format=%u {folder}/users/%u
}}
namespace inbox {{
  inbox = yes
  separator = /
}}
service anvil {{
  chroot =
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service imap-login {{
  chroot =
  service_count = 0
  process_min_avail = 1
  client_limit = 4000
  inet_listener imap {{
    port = {imap}
  }}
  inet_listener imaps {{
    port = {imaps}
  }}
}}
service pop3-login {{
  chroot =
  service_count = 0
  inet_listener pop3 {{
    port = {pop3}
  }}
  inet_listener pop3s {{
    port = {pop3s}
  }}
}}
service pop3 {{
  process_limit = 3000
}}
protocol pop3 {{
  pop3_lock_session = {pop3_lock}
}}
service imap {{
  service_count = 200
  process_limit = 3000
}}
service stats {{
  chroot =
}}
"""


class Dovecot:
    """The server. `users` maps addresses to passwords; more come with `add_user`.

    certificate: good | self-signed | expired | wrong-host (see Certificates)
    tls: off: no STARTTLS is offered and nothing listens for imaps
    hibernate: seconds after which an idle session is hibernated; None: never
    mechanisms: for AUTHENTICATE, as Dovecot writes them
    client_certificates: a client without one is not let in; with EXTERNAL its common name is the login
    named_certificates: kinds of certificates by the name that a client asks for (SNI)
    max_connections: how many a user may have
    pop3: POP3 too; pop3_lock: one session at a time has the mailbox
    introspection: where access tokens are asked about (TokenServer.base + "/introspect"); None: nobody has any
    """

    def __init__(self, users=(), folder=None, certificate="good", tls=True, hibernate=None,
                 mechanisms="plain login", pop3=False, pop3_lock=False, certificates=None,
                 client_certificates=False, named_certificates=(), max_connections=10000, introspection=None):
        self._own_folder = folder is None
        self.folder = Path(tempfile.mkdtemp(prefix="roe-dovecot-") if folder is None else folder).resolve()
        self._account = pwd.getpwnam("nobody") if os.geteuid() == 0 else pwd.getpwuid(os.geteuid())
        for part in ("", "run", "state", "home", "users"):
            (self.folder / part).mkdir(parents=True, exist_ok=True)
        self._check_reachable()
        self._passwords = {}
        self._process = None
        self._unique = itertools.count(1)
        self.imap, self.imaps, self.pop3, self.pop3s = free_ports(4)
        self.certificates = certificates or Certificates(self.folder / "certificates")
        self._options = {"tls": tls, "hibernate": hibernate, "mechanisms": mechanisms, "pop3": pop3,
                         "pop3_lock": pop3_lock,
                         "certificate": certificate, "client_certificates": client_certificates,
                         "named_certificates": dict(named_certificates), "max_connections": max_connections,
                         "introspection": introspection}
        self._write_config()
        for address, password in dict(users).items():
            self.add_user(address, password)

    # Life

    def start(self, patience=20):
        self._own(self.folder)
        self._own(self.certificates.folder)
        rights = {"user": self._account.pw_uid, "group": self._account.pw_gid,
                  "extra_groups": []} if os.geteuid() == 0 else {}
        with open(self.folder / "stderr.log", "ab") as words:
            self._process = subprocess.Popen(
                ["setpriv", "--pdeathsig", "TERM", "dovecot", "-F", "-c", str(self._config)],
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=words, start_new_session=True,
                cwd=self.folder, **rights)
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
        raise RuntimeError(f"Dovecot did not start:\n{self.log()[-3000:]}")

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
        shutil.rmtree(self.folder / "run", ignore_errors=True)
        (self.folder / "run").mkdir()

    def restart(self, **changes):
        """Stops it and starts it again on the same ports, with other options if given."""
        self.stop()
        self._options.update(changes)
        self._write_config()
        return self.start()

    def close(self):
        self.stop()
        if self._own_folder:
            shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self):
        try:
            return self.start()
        except BaseException:
            self.close()
            raise

    def __exit__(self, *_):
        self.close()

    def log(self):
        texts = [path.read_text(errors="replace") for path in
                 (self.folder / "stderr.log", self.folder / "dovecot.log") if path.exists()]
        return "".join(texts)

    def describe(self):
        return {"folder": str(self.folder), "host": "localhost", "imap": self.imap, "imaps": self.imaps,
                "pop3": self.pop3, "pop3s": self.pop3s, "ca": str(self.certificates.folder / "ca.pem"),
                "users": sorted(self._passwords)}

    # Accounts

    def add_user(self, address, password, hashed=False):
        """Adds an account; a running server knows it at once. hashed: it can't do proofs of the password then."""
        home = self.home(address)
        for part in ("cur", "new", "tmp"):
            (home / "Maildir" / part).mkdir(parents=True, exist_ok=True)
        self._own(home)
        self._passwords[address] = password
        # A file of its own for each: Dovecot reads one that it knows already again only seconds later.
        uid, gid = self._account.pw_uid, self._account.pw_gid
        aside = self.folder / f"users/.{address}"
        kept = "{PLAIN}" + password
        if hashed:
            kept = "{SHA256}" + base64.b64encode(hashlib.sha256(password.encode()).digest()).decode()
        aside.write_text(f"{address}:{kept}:{uid}:{gid}::{home}::\n")
        self._own(aside)
        aside.rename(self.folder / "users" / address)

    def set_password(self, address, password, patience=10):
        """Changes the password of a running server's account; on return the new one holds."""
        self.add_user(address, password)
        deadline = time.monotonic() + patience
        while True:
            try:
                self.login(address).logout()
                return
            except imaplib.IMAP4.error:
                if time.monotonic() > deadline:
                    raise
            time.sleep(0.1)

    def home(self, address):
        return self.folder / "home" / address

    def login(self, address):
        """An imaplib session of this user, to look at the mailbox with other eyes than ours."""
        session = imaplib.IMAP4(HOST, self.imap)
        words = f"\0{address}\0{self._passwords[address]}".encode()
        session.authenticate("PLAIN", lambda _: words)
        return session

    # Mail

    def deliver(self, address, message, folder=None):
        """One mail by Dovecot's own delivery agent; on return it is in the mailbox."""
        command = ["dovecot-lda", "-c", str(self._config), "-d", address, "-f", "sender@example.com"]
        if not shutil.which("dovecot-lda"):
            command[0] = "/usr/lib/dovecot/dovecot-lda"
        if folder:
            command += ["-m", folder]
        rights = {"user": self._account.pw_uid, "group": self._account.pw_gid,
                  "extra_groups": []} if os.geteuid() == 0 else {}
        done = subprocess.run(command, input=message, capture_output=True, cwd=self.folder, **rights)
        if done.returncode != 0:
            raise RuntimeError(f"dovecot-lda said {done.returncode}: {done.stderr.decode(errors='replace')}\n"
                               f"{self.log()[-2000:]}")

    def deliver_many(self, address, messages, folder=None, flags=""):
        """Many mails as a delivery agent lays them into the Maildir: written aside, then renamed.

        flags: letters of the Maildir format that the mails come with, such as S for seen."""
        maildir = self._maildir(address, folder)
        for message in messages:
            name = f"{time.time():.6f}.{os.getpid()}_{next(self._unique)}.localhost"
            path = maildir / "tmp" / name
            path.write_bytes(message)
            if os.geteuid() == 0:
                os.chown(path, self._account.pw_uid, self._account.pw_gid)
            path.rename(maildir / "cur" / f"{name}:2,{flags}" if flags else maildir / "new" / name)

    def create_folder(self, address, folder):
        session = self.login(address)
        try:
            _expect(session.create(quoted(folder)))
            _expect(session.subscribe(quoted(folder)))
        finally:
            session.logout()

    def flags(self, address, folder="INBOX"):
        """UID -> set of flags, without \\Recent, of all mails there now."""
        session = self.login(address)
        try:
            _expect(session.select(quoted(folder), readonly=True))
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
            _expect(session.select(quoted(folder)))
            _expect(session.uid("STORE", str(uid), "+FLAGS", flag))
        finally:
            session.logout()

    def sessions(self, address=None):
        """The IMAP sessions that are signed in now, one line each, as `doveadm who -1` has them."""
        rights = {"user": self._account.pw_uid, "group": self._account.pw_gid,
                  "extra_groups": []} if os.geteuid() == 0 else {}
        command = ["doveadm", "-c", str(self._config), "who", "-1"] + ([address] if address else [])
        done = subprocess.run(command, capture_output=True, text=True, cwd=self.folder, **rights)
        return [line for line in done.stdout.splitlines()[1:] if " imap " in f" {' '.join(line.split())} "]

    # Inside

    @property
    def _config(self):
        return self.folder / "dovecot.conf"

    def _write_config(self):
        options = self._options
        certificate, key = self.certificates.make(options["certificate"])
        hibernation = ""
        if options["hibernate"] is not None:
            hibernation = f"imap_hibernate_timeout = {options['hibernate']}s\n" \
                          "service imap-hibernate {\n  chroot =\n" \
                          "  unix_listener imap-hibernate {\n    mode = 0666\n  }\n}\n" \
                          "service imap {\n  unix_listener imap-master {\n    mode = 0666\n  }\n}"
        client_certificates = ""
        if options["client_certificates"]:
            client_certificates = f"ssl_ca = <{self.certificates.folder / 'ca.pem'}\nssl_require_crl = no\n" \
                                  "ssl_verify_client_cert = yes\nauth_ssl_require_client_cert = yes\n" \
                                  "auth_ssl_username_from_cert = yes\n" \
                                  "passdb {\n  driver = static\n  args = nopassword=y\n  mechanisms = external\n}"
        named = ""
        for name, kind in options["named_certificates"].items():
            named += "local_name {} {{\n  ssl_cert = <{}\n  ssl_key = <{}\n}}\n".format(name, *self.certificates.make(kind))
        oauth = ""
        if options["introspection"] is not None:
            (self.folder / "oauth2.conf").write_text(
                f"introspection_url = {options['introspection']}\nintrospection_mode = post\n"
                "username_attribute = username\nactive_attribute = active\nactive_value = true\n")
            oauth = "passdb {\n  driver = oauth2\n  mechanisms = xoauth2 oauthbearer\n" \
                    f"  args = {self.folder / 'oauth2.conf'}\n}}"
        self._config.write_text(_CONFIG.format(
            oauth=oauth,
            client_certificates=client_certificates, named_certificates=named,
            max_connections=options["max_connections"],
            folder=self.folder, host=HOST, user=self._account.pw_name,
            group=grp.getgrgid(self._account.pw_gid).gr_name,
            protocols="imap pop3" if options["pop3"] else "imap", hibernation=hibernation,
            mechanisms=options["mechanisms"],
            ssl="yes" if options["tls"] else "no", certificate=certificate, key=key,
            pop3_lock="yes" if options["pop3_lock"] else "no",
            imap=self.imap, imaps=self.imaps, pop3=self.pop3, pop3s=self.pop3s))

    def _maildir(self, address, folder):
        root = self.home(address) / "Maildir"
        if folder is None or folder == "INBOX":
            return root
        return root / ("." + utf7(folder).replace("/", "."))

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

    def _check_reachable(self):
        if len(str(self.folder / "run" / "srv.imap-login")) > 90:
            raise RuntimeError(f"{self.folder} is too long a path for Dovecot's sockets: give a shorter --dir")
        if os.geteuid() != 0:
            return
        for parent in self.folder.parents:
            if not os.stat(parent).st_mode & 0o001:
                raise RuntimeError(f"Dovecot gives root's rights away and can't enter {parent} then: "
                                   "give another --dir, such as one below /tmp")


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


def _expect(answer):
    if answer[0] != "OK":
        raise RuntimeError(f"the server said {answer}")
    return answer[1]


def main():
    parser = argparse.ArgumentParser(description="A private Dovecot on free ports; stays until interrupted.")
    parser.add_argument("--dir", help="its folder; a temporary one if not given")
    parser.add_argument("--user", action="append", default=[], metavar="ADDRESS:PASSWORD")
    parser.add_argument("--certificate", default="good", help="good, self-signed, expired, wrong-host")
    parser.add_argument("--hibernate", type=int, metavar="SECONDS")
    parser.add_argument("--no-tls", action="store_true")
    options = parser.parse_args()
    users = dict(user.split(":", 1) for user in options.user)
    stopped = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopped.set())
    server = Dovecot(users, folder=options.dir, certificate=options.certificate, hibernate=options.hibernate,
                     tls=not options.no_tls)
    with server:
        print(json.dumps(server.describe()), flush=True)
        stopped.wait()


if __name__ == "__main__":
    main()
