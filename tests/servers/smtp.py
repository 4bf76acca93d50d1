"""A mail server that takes mails by SMTP and keeps them: aiosmtpd, which Debian has (python3-aiosmtpd)."""

import asyncio
import email
import email.policy
import logging
import socket
import ssl
import sys
import threading

from lifetime import Lifetime

sys.path.append("/usr/lib/python3/dist-packages")  # where Debian puts it, whichever Python runs the tests
from aiosmtpd.controller import Controller  # noqa: E402
from aiosmtpd.smtp import AuthResult  # noqa: E402

logging.getLogger("mail.log").setLevel(logging.CRITICAL)  # its own words on connections that tests break off


class Taken:
    """One mail that was taken: envelope and message."""

    def __init__(self, envelope, user):
        self.sender = envelope.mail_from  # "<>" where there is none
        self.recipients = list(envelope.rcpt_tos)
        self.content = envelope.original_content
        self.message = email.message_from_bytes(self.content, policy=email.policy.SMTP)
        self.user = user

    def __getitem__(self, name):
        return self.message[name]

    @property
    def text(self):
        return self.message.get_content()


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class SmtpServer(Lifetime):
    """`tls`: None, "starttls" or "tls", with a certificate of `certificates`; `login`: (name, password) or None.

    `answers` maps an address to the answer that its RCPT gets. While it is `hesitant`, a whole mail waits for its
    answer, and one whose sender goes away meanwhile is not taken."""

    def __init__(self, certificates=None, tls=None, login=None, kind="good"):
        self.port = free_port()
        self.answers = {}
        self.hesitant = False
        self.sessions = 0
        self._login = login
        self._tls = tls
        self._context = None
        if tls:
            self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self._context.load_cert_chain(*map(str, certificates.make(kind)))
        self._lock = threading.Lock()
        self._taken = []
        self._controller = None

    @property
    def taken(self):
        with self._lock:
            return list(self._taken)

    def start(self):
        options = {}
        if self._login:
            # Where TLS is there from the first byte, aiosmtpd's session knows of none and would want STARTTLS.
            by_starttls = self._tls == "starttls"
            options.update(authenticator=self._authenticate, auth_required=by_starttls, auth_require_tls=by_starttls)
        if self._tls == "starttls":
            options.update(tls_context=self._context, require_starttls=True)
        self._controller = Controller(self, "127.0.0.1", self.port, server_hostname="localhost",
                                      ssl_context=self._context if self._tls == "tls" else None, **options)
        self._controller.start()
        return self

    def stop(self):
        if self._controller:
            self._controller.stop()
            self._controller = None

    close = stop

    def _authenticate(self, server, session, envelope, mechanism, data):
        name, password = self._login
        good = (data.login, data.password) == (name.encode(), password.encode())
        return AuthResult(success=good, auth_data=name if good else None)

    # The handler of aiosmtpd.

    async def handle_EHLO(self, server, session, envelope, hostname, responses):
        self.sessions += 1
        session.host_name = hostname
        return responses

    async def handle_RCPT(self, server, session, envelope, address, options):
        answer = self.answers.get(address)
        if answer:
            return answer
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        while self.hesitant:
            await asyncio.sleep(0.01)  # cancelled when the connection is lost
        with self._lock:
            self._taken.append(Taken(envelope, session.auth_data if session.authenticated else None))
        return "250 taken"
