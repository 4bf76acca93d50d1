"""A private Exchange Server, simulated, on free ports of the loopback address: Exchange Web Services and Autodiscover.

It lives in threads of the test's own process, so that a story can look inside. Its methods that accounts and mail are
made and looked at with are named as those of Dovecot (dovecot.py). As a command:

    PYTHONPATH=tests/servers python3 -m exchange --user ann@example.com:secret

prints one line of JSON with ports and CA certificate, and stays until it is interrupted.
"""

import asyncio
import hashlib
import itertools
import os
import secrets
import shutil
import ssl
import tempfile
import threading
import traceback
from pathlib import Path

from certificates import Certificates
from imap_server import HOST, free_ports
from lifetime import Lifetime

from . import http11
from .accounts import Accounts
from .by_hand import ByHand
from .faults import Faults
from .habits import Habits
from .http11 import Gone
from .record import Record
from .sign_in import Door, Memory
from .soap import Dialect
from .subscriptions import Subscriptions
from .throttle import Throttle
from .versions import Version
from .web import Web

DEFAULTS = {"version": "2016", "mechanisms": ("negotiate", "ntlm", "basic"), "certificate": "good", "language": "en",
            "dialect": {}, "heartbeat": 45.0, "heartbeat_kind": "status", "stream_minute": 1.0, "strict_affinity": False,
            "autodiscover": True, "anonymous": None, "locks_after": None, "hanging": 3, "subscriptions": 5000,
            "plain": "open", "quiet": 120.0,
            "habits": {}, "must_bind": False, "keytab": None, "krb5_config": None, "tokens": None, "chunked": False}


class Exchange(ByHand, Lifetime):
    """The server. `users` maps addresses to passwords; more come with `add_user`. Options, which `restart` may change:

    version: 2010, 2010 SP1, 2010 SP2, 2010 SP3, 2013, 2016, 2019, SE
    mechanisms: of "negotiate", "ntlm", "basic", "bearer"; none: nobody is asked, and everybody is `anonymous` (an address)
    tokens: for "bearer": a dict or function from access token to address
    keytab, krb5_config: of HTTP/localhost in a Kerberos realm, for "negotiate"
    must_bind: NTLM over TLS must be bound to the server's certificate (extended protection)
    certificate: good | self-signed | expired | wrong-host | chained (see Certificates)
    plain: what is at the port without TLS: "open", "forbidden" (403) or "redirect" (302 to the other)
    autodiscover: True, False, or what sends its client elsewhere: {"redirectUrl": url} or {"redirectAddr": address}
    language: of the default folders of mailboxes made from then on: en, de, ru
    dialect: arguments of soap.Dialect; habits: of habits.Habits, which has all of these for a server that is not Exchange
    heartbeat, heartbeat_kind: seconds between signs of life of a stream; "status" (ConnectionStatus) or "event" (StatusEvent)
    stream_minute: seconds of ConnectionTimeout that are a second here, as 1/60
    strict_affinity: a stream without the cookies that its client was given meets a server that knows no subscription
    locks_after: failed logins until an account is locked
    hanging: streams that a user may have at a time; subscriptions: that a user may have
    quiet: seconds until a connection on which nothing is asked is closed
    chunked: whole answers are sent in chunks, too
    """

    name = "Exchange"

    def __init__(self, users=(), folder=None, certificates=None, **options):
        unknown = set(options) - set(DEFAULTS)
        if unknown:
            raise TypeError(f"no such options: {', '.join(sorted(unknown))}")
        self._own_folder = folder is None
        self.folder = Path(tempfile.mkdtemp(prefix="roe-exchange-") if folder is None else folder)
        self.certificates = certificates or Certificates(self.folder / "certificates")
        self.http, self.https = free_ports(2)
        self.lock = threading.RLock()
        self.mailboxes = {}
        self.accounts = Accounts()
        self.subscriptions = Subscriptions()
        self.faults = Faults()
        self.throttle = Throttle()
        self.record = Record()
        self.failures = []
        self.traffic = http11.Traffic()
        self.secret = secrets.token_bytes(32)
        self.sync_era = 1
        self.streams_are_mute = False
        self.loop = None
        self.stopping = False
        self.options = dict(DEFAULTS)
        self._numbers = itertools.count(1)
        self._connections = {}
        self._thread = None
        self._configure(options)
        for address, password in dict(users).items():
            self.add_user(address, password)

    def _configure(self, options):
        self.options.update(options)
        chosen = self.options
        self.version = Version(chosen["version"])
        self.dialect = Dialect(**chosen["dialect"])
        self.habits = Habits(**chosen["habits"])
        self.heartbeat, self.heartbeat_kind = chosen["heartbeat"], chosen["heartbeat_kind"]
        self.stream_minute = chosen["stream_minute"]
        self.limits = {"hanging": chosen["hanging"], "subscriptions": chosen["subscriptions"]}
        self.accounts.locks_after = chosen["locks_after"]
        acceptor = None
        if chosen["keytab"] is not None:
            from .kerberos_acceptor import KerberosAcceptor
            acceptor = KerberosAcceptor(chosen["keytab"], chosen["krb5_config"])
        log = self.door.log if hasattr(self, "door") else []
        self.door = Door(self.accounts, chosen["mechanisms"], chosen["anonymous"], acceptor,
                         chosen["must_bind"])
        self.door.log = log
        self.door.tokens = chosen["tokens"] if chosen["tokens"] is not None else {}

    # Life

    def start(self, patience=20):
        started, failed = threading.Event(), []
        self.stopping = False

        def live():
            self.loop = asyncio.new_event_loop()
            try:
                self.loop.run_until_complete(self._listen())
            except OSError as error:
                failed.append(error)
            finally:
                started.set()
            if not failed:
                self.loop.run_forever()
            self.loop.run_until_complete(self._end())
            self.loop.run_until_complete(self.loop.shutdown_asyncgens())
            self.loop.close()

        self._thread = threading.Thread(target=live, name="exchange", daemon=True)
        self._thread.start()
        if not started.wait(patience) or failed:
            raise RuntimeError(f"Exchange did not start: {failed}")
        return self

    def stop(self):
        """Ends the server and all its connections; mailboxes and subscriptions' places stay, what was queued does not."""
        if self._thread is None:
            return
        self.stopping = True
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join(20)
        self._thread = None
        with self.lock:
            self.subscriptions = Subscriptions()

    kill = stop

    def restart(self, **changes):
        """Stops it and starts it again on the same ports, with other options if given."""
        self.stop()
        self._configure(changes)
        return self.start()

    def close(self):
        """Fails when a document that went over the wire is not valid by the published schema, or the simulator did."""
        self.stop()
        if self._own_folder:
            shutil.rmtree(self.folder, ignore_errors=True)
        self.check_documents()

    def check_documents(self):
        failures, self.failures = self.failures, []
        if failures:
            raise AssertionError(f"the simulator failed {len(failures)} times. {failures[0]}")
        complaints = self.record.check()
        if complaints:
            raise AssertionError(f"{len(complaints)} documents are not as the schema has them. {complaints[0]}")

    def describe(self):
        return {"host": "localhost", "http": self.http, "https": self.https, "url": self.url(),
                "ca": str(self.certificates.folder / "ca.pem"), "users": sorted(self.mailboxes)}

    def url(self, tls=True):
        """For EWSUrl."""
        return f"https://localhost:{self.https}/EWS/Exchange.asmx" if tls else f"http://localhost:{self.http}/EWS/Exchange.asmx"

    def log(self):
        """What was asked, one line each."""
        return "".join(f"{one.connection} {one.mechanism} {one.address} {one.operation} {one.status} {one.fault or ''}\n"
                       for one in self.record.requests)

    # For the modules beside this one

    def unique(self):
        return f"{os.getpid()}.{next(self._numbers)}.{secrets.token_hex(6)}"

    def affinity_of(self, address):
        return hashlib.sha256(self.secret + address.lower().encode()).hexdigest()[:40]

    def has_affinity(self, address, headers):
        return f"X-BackEndCookie={self.affinity_of(address)}" in headers.get("cookie", "")

    @staticmethod
    async def wait_a_little():
        await asyncio.sleep(0.02)

    # Inside

    async def _listen(self):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        certificate, key = map(str, self.certificates.make(self.options["certificate"]))
        context.load_cert_chain(certificate, key)
        der = ssl.PEM_cert_to_DER_cert(_first_certificate(Path(certificate).read_text()))
        self._servers = [await http11.start(lambda reader, writer: self._serve(reader, writer, None), HOST, self.http),
                         await http11.start(lambda reader, writer: self._serve(reader, writer, der), HOST, self.https, context)]

    async def _end(self):
        for server in getattr(self, "_servers", ()):
            server.close()
        for writer in list(self._connections.values()):
            writer.transport.abort()
        tasks = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._connections.clear()

    async def _serve(self, reader, writer, certificate):
        memory = Memory(next(self._numbers), certificate)
        self._connections[memory.number] = writer
        web, counted = Web(self), http11.Counted(writer, self.traffic)
        try:
            while True:
                request = await http11.read_request(reader, counted, self.options["quiet"])
                if request is None:
                    return
                self.traffic.requests += 1
                self.traffic.received += request.size
                answer = http11.compressed(request, web.answer(memory, request))
                if isinstance(answer.body, bytes):
                    await http11.write_answer(counted, answer)
                else:
                    await _until_it_ends_or_nobody_listens(http11.write_answer(counted, answer), reader)
                asked = request.headers.get("connection", "").lower()
                unasked = self.habits.keeps_when_asked and asked != "keep-alive"
                if answer.close or answer.until_close or unasked or asked == "close":
                    return
        except (Gone, ConnectionError, ssl.SSLError, asyncio.CancelledError):
            writer.transport.abort()
        except Exception:
            # Of the simulator itself; the client sees a cut connection, and the test fails in the end.
            self.failures.append(traceback.format_exc())
            writer.transport.abort()
        finally:
            self._connections.pop(memory.number, None)
            writer.close()


async def _until_it_ends_or_nobody_listens(writing, reader):
    """A stream whose client hangs up is over at once, as it counts among those that its user may have."""
    writing, listening = asyncio.ensure_future(writing), asyncio.ensure_future(reader.read(1))
    try:
        await asyncio.wait((writing, listening), return_when=asyncio.FIRST_COMPLETED)
        if not writing.done():
            raise Gone
        await writing
    finally:
        for task in (writing, listening):
            task.cancel()
        await asyncio.gather(writing, listening, return_exceptions=True)


def _first_certificate(pem):
    end = "-----END CERTIFICATE-----"
    return pem[pem.index("-----BEGIN"):pem.index(end) + len(end)] + "\n"
