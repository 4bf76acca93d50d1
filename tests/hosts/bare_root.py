#!/usr/bin/env python3
"""The shipped folder and the C host in a bare Debian 12 (debootstrap minbase): nothing else is installed there.

Needs root. The root is made once and kept in ${XDG_CACHE_HOME:-~/.cache}/run-on-email.
"""

import os
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

from foreign import BUILD, one_mail_over_tls
from kerberos import Realm

CACHE = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "run-on-email"


def pristine_root():
    place = CACHE / "debian-12-minbase"
    if not place.exists():
        CACHE.mkdir(parents=True, exist_ok=True)
        work = Path(tempfile.mkdtemp(prefix=".debootstrap-", dir=CACHE))
        subprocess.run(["debootstrap", "--variant=minbase", "bookworm", work], check=True)
        work.chmod(0o755)
        work.rename(place)
    return place


class BareRoot(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        if os.geteuid() != 0:
            raise unittest.SkipTest("chroot needs root")
        cls.root = Path(tempfile.mkdtemp(prefix="roe-bare-", dir=CACHE if CACHE.exists() else None))
        cls.addClassCleanup(shutil.rmtree, cls.root)
        subprocess.run(["cp", "-a", "--reflink=auto", f"{pristine_root()}/.", cls.root], check=True)
        shutil.copytree(BUILD / "plugins" / "run-on-email", cls.root / "opt" / "run-on-email")
        shutil.copy2(BUILD / "tests" / "c_host", cls.root / "opt" / "c_host")
        (cls.root / "data").mkdir()
        # What the network set-up of any machine writes; debootstrap leaves it out.
        (cls.root / "etc" / "hosts").write_text("127.0.0.1 localhost\n")
        # The C host counts its threads and descriptors there.
        subprocess.run(["mount", "-t", "proc", "proc", cls.root / "proc"], check=True)
        cls.addClassCleanup(subprocess.run, ["umount", cls.root / "proc"], check=True)

    def setUp(self):
        shutil.rmtree(self.root / "data")
        (self.root / "data").mkdir()

    def host(self, *arguments, **environment):
        return subprocess.run(["chroot", self.root, "/opt/c_host", "/opt/run-on-email/librun-on-email.so",
                               "--data", "/data", *arguments], capture_output=True, text=True, timeout=250,
                              env={**os.environ, **environment})

    def test_the_root_has_none_of_what_is_brought_along(self):
        brought = {path.name for path in (self.root / "opt" / "run-on-email" / "lib").glob("lib*")}
        there = {path.name for path in (self.root / "usr" / "lib" / "x86_64-linux-gnu").iterdir()}
        self.assertTrue(brought)
        self.assertEqual(brought & there, set())

    def test_starts_and_stops(self):
        done = self.host("--rounds", "10")
        self.assertEqual(done.returncode, 0, done.stderr[-3000:])

    def test_a_mail_over_tls_starts_its_job(self):
        one_mail_over_tls(self, "Из далека", self.host)

    def test_a_kerberos_ticket_opens_a_mailbox(self):
        with Realm() as realm:
            realm.add("robot", "imap/localhost")
            shutil.copy2(realm.config, self.root / "etc" / "krb5.conf")
            shutil.copy2(realm.keytab("robot"), self.root / "etc" / "robot.keytab")
            environment = {"KRB5_CONFIG": "/etc/krb5.conf", "KRB5_CLIENT_KTNAME": "/etc/robot.keytab",
                           "KRB5CCNAME": "MEMORY:robot"}
            one_mail_over_tls(self, "По билету", lambda *arguments: self.host(*arguments, **environment),
                              principals=["robot@EXAMPLE.COM"], Password=None, Kerberos=True,
                              server_options={"mechanisms": "gssapi", "krb5_config": realm.config,
                                              "keytab": realm.keytab("imap/localhost")})


if __name__ == "__main__":
    unittest.main(verbosity=2)
