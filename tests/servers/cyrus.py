"""A private, real Cyrus in a folder of its own, on free ports of the loopback address. Needs root; see unpacked.py."""

import smtplib
import subprocess

import unpacked
from imap_server import HOST, ImapServer

_CONFIG = """
configdirectory: {folder}/state
partition-default: {folder}/mail
defaultpartition: default
cyrus_user: {user}
admins: admin
sievedir: {folder}/sieve
lmtpsocket: {folder}/lmtp
idlesocket: {folder}/idle
notifysocket: {folder}/notify
servername: localhost
virtdomains: userid
unixhierarchysep: yes
altnamespace: {alternative}
autocreate_users: anyone
autocreate_post: yes
autocreate_quota: 0
sasl_mech_list: {mechanisms}
sasl_pwcheck_method: auxprop
sasl_auxprop_plugin: sasldb
sasl_sasldb_path: {folder}/sasldb2
allowplaintext: yes
tls_server_cert: {certificate}
tls_server_key: {key}
popminpoll: 0
duplicatesuppression: no
syslog_prefix: roe
"""

_SERVICES = """
START {{
  recover cmd="/usr/lib/cyrus/bin/ctl_cyrusdb {config} -r"
}}
SERVICES {{
  imap cmd="/usr/lib/cyrus/bin/imapd {config}" listen="{host}:{imap}" prefork=0
  imaps cmd="/usr/lib/cyrus/bin/imapd {config} -s" listen="{host}:{imaps}" prefork=0
  pop3 cmd="/usr/lib/cyrus/bin/pop3d {config}" listen="{host}:{pop3}" prefork=0
  pop3s cmd="/usr/lib/cyrus/bin/pop3d {config} -s" listen="{host}:{pop3s}" prefork=0
  lmtp cmd="/usr/lib/cyrus/bin/lmtpd {config} -a" listen="{folder}/lmtp" prefork=0
}}
DAEMON {{
  idled cmd="/usr/lib/cyrus/bin/idled {config}"
}}
"""


class Cyrus(ImapServer):
    """alternative: folders beside INBOX and not below it (Cyrus's altnamespace)."""

    name = "Cyrus"

    def __init__(self, folder=None, certificates=None, mechanisms="PLAIN LOGIN SCRAM-SHA-256", alternative=False):
        super().__init__(folder, certificates)
        self.prefix = "" if alternative else "INBOX/"
        # Processes meet in state/socket and go without push when it is not there.
        for part in ("state/socket", "mail", "sieve"):
            (self.folder / part).mkdir(parents=True, exist_ok=True)
        certificate, key = self.certificates.make("good")
        fields = {"folder": self.folder, "host": HOST, "user": self._account.pw_name, "mechanisms": mechanisms,
                  "alternative": "yes" if alternative else "no", "certificate": certificate, "key": key,
                  "imap": self.imap, "imaps": self.imaps, "pop3": self.pop3, "pop3s": self.pop3s,
                  "config": f"-C {self.folder}/imapd.conf"}
        (self.folder / "imapd.conf").write_text(_CONFIG.format(**fields))
        (self.folder / "cyrus.conf").write_text(_SERVICES.format(**fields))

    def add_user(self, address, password):
        name, realm = address.split("@")
        # Into the file that Cyrus's SASL reads, which it opens anew for each login.
        done = subprocess.run(unpacked.command("saslpasswd2", "-p", "-c", "-f", self.folder / "sasldb2", "-u", realm,
                                               name),
                              input=password.encode(), capture_output=True)
        if done.returncode != 0:
            raise RuntimeError(f"saslpasswd2 said {done.returncode}: {done.stderr.decode(errors='replace')}")
        self._own(self.folder / "sasldb2")
        self._passwords[address] = password
        self.login(address).logout()

    def deliver(self, address, message, folder=None):
        """One mail by LMTP; on return it is in the mailbox."""
        self.deliver_many(address, [message], folder)

    def deliver_many(self, address, messages, folder=None):
        if folder:
            self.append_many(address, messages, folder)
            return
        with smtplib.LMTP(str(self.folder / "lmtp"), 0) as session:
            for message in messages:
                refused = session.sendmail("sender@example.com", [address], message)
                if refused:
                    raise RuntimeError(f"Cyrus refused the mail: {refused}")

    def _launch(self):
        self._own(self.folder)
        self._own(self.certificates.folder)
        with open(self.folder / "master.log", "ab") as words:
            self._process = subprocess.Popen(
                unpacked.command("/usr/lib/cyrus/bin/master", "-C", self.folder / "imapd.conf",
                                 "-M", self.folder / "cyrus.conf", "-p", self.folder / "master.pid"),
                stdin=subprocess.DEVNULL, stdout=words, stderr=words, start_new_session=True, cwd=self.folder)
