"""A private Kerberos realm in a folder of its own: a real KDC of MIT's on a free port of the loopback address.

Runs without root and looks at nothing of the machine's own Kerberos.
"""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path

from imap_server import HOST, free_ports
from lifetime import Lifetime

REALM = "EXAMPLE.COM"

_CLIENTS = """
[libdefaults]
 default_realm = {realm}
 dns_lookup_kdc = false
 dns_lookup_realm = false
 dns_canonicalize_hostname = false
[realms]
 {realm} = {{
  kdc = {host}:{port}
 }}
[domain_realm]
 localhost = {realm}
"""

_KDC = """
[kdcdefaults]
 kdc_listen = {host}:{port}
 kdc_tcp_listen = {host}:{port}
[realms]
 {realm} = {{
  database_name = {folder}/principals
  key_stash_file = {folder}/stash
 }}
"""


class Realm(Lifetime):
    """The realm and its KDC."""

    def __init__(self):
        self.folder = Path(tempfile.mkdtemp(prefix="roe-realm-"))
        # A mail server that has given root's rights away is a client, too; the secrets lie in a folder below.
        self.folder.chmod(0o755)
        (self.folder / "kdc").mkdir(mode=0o700)
        self._port, = free_ports(1)
        self._process = None
        self._files = 0
        self.config = self.folder / "krb5.conf"
        self.config.write_text(_CLIENTS.format(realm=REALM, host=HOST, port=self._port))
        (self.folder / "kdc/kdc.conf").write_text(
            _KDC.format(realm=REALM, host=HOST, port=self._port, folder=self.folder / "kdc"))

    # Life

    def start(self, patience=20):
        if not (self.folder / "kdc/stash").exists():
            self._run("kdb5_util", "create", "-s", "-r", REALM, "-P", "master-key-of-the-tests")
        with open(self.folder / "kdc/log", "ab") as log:
            self._process = subprocess.Popen(
                ["setpriv", "--pdeathsig", "TERM", _program("krb5kdc"), "-n"], env=self._environment(),
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=self.folder)
        deadline = time.monotonic() + patience
        while self._process.poll() is None and time.monotonic() < deadline:
            try:
                socket.create_connection((HOST, self._port), timeout=patience).close()
                return self
            except OSError:
                time.sleep(0.02)
        raise RuntimeError(f"the KDC did not start:\n{(self.folder / 'kdc/log').read_text()[-3000:]}")

    def stop(self):
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()
            self._process.wait(20)

    def pause(self):
        """From now on nobody answers, and nobody says so."""
        self._process.send_signal(signal.SIGSTOP)

    def resume(self):
        self._process.send_signal(signal.SIGCONT)

    def close(self):
        if self._process is not None and self._process.poll() is None:
            self.resume()
            self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    # Principals

    def add(self, *principals):
        """Adds principals with keys that nobody knows."""
        for principal in principals:
            self._administer(f"addprinc -randkey +requires_preauth {principal}")

    def change_key(self, principal):
        """Every keytab of it is of no use afterwards."""
        self._administer(f"cpw -randkey {principal}")

    def keytab(self, *principals):
        """A file with the principals' present keys."""
        path = self._new_file("keytab")
        for principal in principals:
            self._administer(f"ktadd -norandkey -k {path} {principal}")
        return path

    def ticket(self, principal, lifetime="1h"):
        """A credential cache with a ticket for tickets, as `kinit` makes it; the name for KRB5CCNAME."""
        cache = f"FILE:{self._new_file('tickets')}"
        self._run("kinit", "-c", cache, "-l", lifetime, "-k", "-t", str(self.keytab(principal)), principal)
        return cache

    def environment(self, keytab=None, cache=None):
        """For a process of the realm that has a client keytab, a credential cache or neither."""
        return {"KRB5_CONFIG": str(self.config),
                "KRB5_CLIENT_KTNAME": str(keytab or self.folder / "no.keytab"),
                "KRB5CCNAME": cache or f"FILE:{self._new_file('tickets')}"}

    # Inside

    def _new_file(self, kind):
        self._files += 1
        return self.folder / f"{self._files}.{kind}"

    def _environment(self):
        return {**os.environ, "KRB5_CONFIG": str(self.config), "KRB5_KDC_PROFILE": str(self.folder / "kdc/kdc.conf")}

    def _administer(self, query):
        self._run("kadmin.local", "-r", REALM, "-q", query)

    def _run(self, program, *arguments):
        done = subprocess.run([_program(program), *arguments], env=self._environment(), stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, cwd=self.folder)
        # kadmin.local says in words only that a query failed.
        if done.returncode != 0 or "while " in done.stderr:
            raise RuntimeError(f"{program} {' '.join(arguments)} said {done.returncode}: {done.stdout}{done.stderr}")


def _program(name):
    found = shutil.which(name) or shutil.which(name, path="/usr/sbin:/sbin")
    if not found:
        raise RuntimeError(f"{name} is not installed: apt-get install krb5-kdc krb5-admin-server krb5-user")
    return found
