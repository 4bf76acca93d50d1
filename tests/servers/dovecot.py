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
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from imap_server import HOST, ImapServer, utf7  # noqa: E402

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
{kerberos}
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


class Dovecot(ImapServer):
    """The server. `users` maps addresses to passwords; more come with `add_user`.

    certificate: good | self-signed | expired | wrong-host | chained (see Certificates)
    tls: off: no STARTTLS is offered and nothing listens for imaps
    hibernate: seconds after which an idle session is hibernated; None: never
    mechanisms: for AUTHENTICATE, as Dovecot writes them
    client_certificates: a client without one is not let in; with EXTERNAL its common name is the login
    named_certificates: kinds of certificates by the name that a client asks for (SNI)
    max_connections: how many a user may have
    pop3: POP3 too; pop3_lock: one session at a time has the mailbox
    keytab: of the services imap/localhost and pop/localhost of a Kerberos realm, for "gssapi"; krb5_config: the realm's
    introspection: where access tokens are asked about (TokenServer.base + "/introspect"); None: nobody has any
    """

    name = "Dovecot"

    def __init__(self, users=(), folder=None, certificate="good", tls=True, hibernate=None,
                 mechanisms="plain login", pop3=False, pop3_lock=False, certificates=None,
                 client_certificates=False, named_certificates=(), max_connections=10000, introspection=None, keytab=None, krb5_config=None):
        super().__init__(folder, certificates)
        for part in ("run", "state", "home", "users"):
            (self.folder / part).mkdir(parents=True, exist_ok=True)
        self._check_reachable()
        self._unique = itertools.count(1)
        self._options = {"tls": tls, "hibernate": hibernate, "mechanisms": mechanisms, "pop3": pop3,
                         "pop3_lock": pop3_lock,
                         "certificate": certificate, "client_certificates": client_certificates,
                         "named_certificates": dict(named_certificates), "max_connections": max_connections,
                         "introspection": introspection, "keytab": keytab, "krb5_config": krb5_config}
        self._write_config()
        for address, password in dict(users).items():
            self.add_user(address, password)

    # Life

    def _launch(self):
        self._own(self.folder)
        self._own(self.certificates.folder)
        with open(self.folder / "stderr.log", "ab") as words:
            self._process = subprocess.Popen(
                ["setpriv", "--pdeathsig", "TERM", "dovecot", "-F", "-c", str(self._config)],
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=words, start_new_session=True,
                cwd=self.folder, **self._rights())

    def _clear_after_death(self):
        shutil.rmtree(self.folder / "run", ignore_errors=True)
        (self.folder / "run").mkdir()

    def restart(self, **changes):
        """Stops it and starts it again on the same ports, with other options if given."""
        self.stop()
        self._options.update(changes)
        self._write_config()
        return self.start()

    # Accounts

    def add_user(self, address, password, hashed=False, principals=()):
        """Adds an account; a running server knows it at once. hashed: it can't do proofs of the password then;
        principals: whose Kerberos tickets open it."""
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
        owners = f"k5principals={','.join(principals)}" if principals else ""
        aside.write_text(f"{address}:{kept}:{uid}:{gid}::{home}::{owners}\n")
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

    # Mail

    def deliver(self, address, message, folder=None):
        """One mail by Dovecot's own delivery agent; on return it is in the mailbox."""
        command = ["dovecot-lda", "-c", str(self._config), "-d", address, "-f", "sender@example.com"]
        if not shutil.which("dovecot-lda"):
            command[0] = "/usr/lib/dovecot/dovecot-lda"
        if folder:
            command += ["-m", folder]
        done = subprocess.run(command, input=message, capture_output=True, cwd=self.folder, **self._rights())
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

    def logins(self, user):
        """The mechanisms of the user's logins, in order, as the log tells them."""
        return [line.split("method=", 1)[1].split(",")[0] for line in self.log().splitlines()
                if " Login: " in line and f"<{user}>" in line]

    def sessions(self, address=None):
        """The IMAP sessions that are signed in now, one line each, as `doveadm who -1` has them."""
        command = ["doveadm", "-c", str(self._config), "who", "-1"] + ([address] if address else [])
        done = subprocess.run(command, capture_output=True, text=True, cwd=self.folder, **self._rights())
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
        kerberos = ""
        if options["keytab"] is not None:
            keytab = self.folder / "krb5.keytab"
            shutil.copyfile(options["keytab"], keytab)
            keytab.chmod(0o600)
            self._own(keytab)
            kerberos = f"auth_krb5_keytab = {keytab}\nauth_gssapi_hostname = localhost\n" \
                       f"import_environment = $import_environment KRB5_CONFIG={options['krb5_config']} " \
                       f"KRB5RCACHENAME=file2:{self.folder}/state/replays"
        self._config.write_text(_CONFIG.format(
            oauth=oauth, kerberos=kerberos,
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

    def _check_reachable(self):
        if len(str(self.folder / "run" / "srv.imap-login")) > 90:
            raise RuntimeError(f"{self.folder} is too long a path for Dovecot's sockets: give a shorter --dir")
        if os.geteuid() != 0:
            return
        for parent in self.folder.parents:
            if not os.stat(parent).st_mode & 0o001:
                raise RuntimeError(f"Dovecot gives root's rights away and can't enter {parent} then: "
                                   "give another --dir, such as one below /tmp")


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
