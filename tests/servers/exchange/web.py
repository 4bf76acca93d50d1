"""The virtual directories: EWS behind its sign-in, Autodiscover, and what else a browser finds on such a server."""

import contextlib
import secrets
import time

from . import autodiscover, soap
from .call import Call
from .faults import BEFORE_SIGN_IN
from .http11 import Answer
from .operations import OPERATIONS, refused
from .record import Exchanged
from .sign_in import Challenge
from .soap import Refusal
from .subscriptions import Stream

_HTML = [("Content-Type", "text/html; charset=utf-8")]


def _page(title, text):
    return f"<!DOCTYPE html><html><head><title>{title}</title></head><body><h2>{title}</h2><p>{text}</p></body></html>".encode()


class Web:
    """Answers requests for a server (server.py), in the server's loop."""

    def __init__(self, server):
        self._server = server

    def answer(self, memory, request):
        path = request.path.split("?")[0].lower()
        with self._server.lock:
            fault = self._server.faults.take(BEFORE_SIGN_IN)
        if fault is not None:
            return Answer(fault.status, list(fault.headers.items()), fault.body,
                          fault=fault if fault.kind in ("drop", "stall") else None)
        if memory.certificate is None and self._server.options["plain"] == "forbidden":
            return Answer(403, list(_HTML), _page("403 - Forbidden: Access is denied.",
                                                  "The page you are trying to access is secured with SSL."))
        if memory.certificate is None and self._server.options["plain"] == "redirect":
            return Answer(302, [*_HTML, ("Location", f"https://localhost:{self._server.https}{request.path}")],
                          _page("Object moved", ""))
        if path == "/ews/exchange.asmx":
            return self._behind_sign_in(memory, request, self._ews)
        if path in ("/autodiscover/autodiscover.xml", "/autodiscover/autodiscover.svc"):
            if not self._server.options["autodiscover"]:
                return Answer(404, list(_HTML), _page("404 - File or directory not found.", "It might have been removed."))
            return self._behind_sign_in(memory, request, self._autodiscover)
        if path == "/" or path.startswith("/owa"):
            return self._owa(path)
        return Answer(404, list(_HTML), _page("404 - File or directory not found.", "It might have been removed."))

    def _owa(self, path):
        if path == "/owa/auth/logon.aspx":
            return Answer(200, list(_HTML), _page("Outlook", "<form method='POST' action='/owa/auth.owa'></form>"))
        where = "/owa/" if path == "/" else "/owa/auth/logon.aspx?url=https%3a%2f%2flocalhost%2fowa%2f&reason=0"
        return Answer(302, [*_HTML, ("Location", where)], _page("Object moved", f'<a href="{where}">here</a>'))

    def _behind_sign_in(self, memory, request, inside):
        entered = self._server.door.enter(memory, request.headers.get("authorization"))
        if isinstance(entered, Challenge):
            fields = [("WWW-Authenticate", text) for text in entered.fields]
            return Answer(401, [*_HTML, *fields], _page("401 - Unauthorized: Access is denied due to invalid credentials.",
                                                        "You do not have permission to view this directory or page."))
        answer = inside(memory, request, entered)
        if self._server.habits.closes and answer is not None:
            answer.close = True
        if entered.answer and answer is not None:
            answer.headers.append(("WWW-Authenticate", entered.answer))
        return answer

    # Exchange Web Services

    def _ews(self, memory, request, user):
        server = self._server
        if request.method == "GET":
            return Answer(302, [*_HTML, ("Location", "/EWS/Services.wsdl")], _page("Object moved", "Services.wsdl"))
        if request.method != "POST":
            return Answer(405, list(_HTML), _page("405 - HTTP verb used to access this page is not allowed.", ""))
        if not request.headers.get("content-type", "").lower().startswith("text/xml"):
            return Answer(415, list(_HTML), b"")
        if self._server.habits.wants_soap_action and "soapaction" not in request.headers:
            return Answer(500, list(_HTML), b"")
        exchanged = Exchanged("", user.account.address, user.mechanism, memory.number, request.headers, request.body,
                              time.monotonic())
        try:
            envelope = soap.read(request.body)
            exchanged.operation = envelope.operation
        except Refusal as refusal:
            server.record.add(exchanged)
            return self._faulted(exchanged, refusal)
        server.record.add(exchanged)
        with server.lock:
            fault = server.faults.take(envelope.operation)
            if fault is not None and not fault.executes:
                return self._instead(exchanged, fault, envelope)
            try:
                answer = self._carried_out(exchanged, envelope, user, request)
            except Refusal as refusal:
                answer = self._faulted(exchanged, refusal)
            if fault is not None and fault.kind == "status":
                return self._instead(exchanged, fault, envelope)
        answer.fault = fault if fault is not None and fault.kind in ("drop", "stall", "drip", "none") else None
        return answer

    def _carried_out(self, exchanged, envelope, user, request):
        server = self._server
        server.throttle.check(user.account.address)
        if not server.version.understands(envelope.version):
            raise Refusal("ErrorInvalidServerVersion", "The specified server version is invalid.", fault=True)
        unknown = server.version.refuses(envelope.element)
        if unknown:
            raise Refusal("ErrorSchemaValidation", f"The request failed schema validation: '{unknown}' is not declared.",
                          fault=True)
        address = self._acting(envelope, user.account)
        call = Call(envelope, address, server.mailboxes, server.dialect, server.version, server)
        exchanged.status = 200
        if envelope.operation == "GetStreamingEvents":
            return self._streaming(exchanged, call, request)
        operation = OPERATIONS.get(envelope.operation)
        if operation is None:
            raise Refusal("ErrorInvalidRequest", f"The request is invalid: {envelope.operation}", fault=True)
        document = server.dialect.answer(operation(call), server.version)
        server.record.answer(exchanged, document, server.dialect.is_valid)
        return Answer(200, self._headers(user.account.address, request), document, chunked=server.options["chunked"])

    def _streaming(self, exchanged, call, request):
        server, stream = self._server, Stream(call, self._server.loop)
        has_affinity = server.has_affinity(call.address, request.headers)
        if server.options["strict_affinity"] and not has_affinity:
            # Another server behind the balancer knows nothing of the subscription.
            stream.knows_nothing = True

        async def documents():
            first = True
            async with contextlib.aclosing(stream.documents()) as bodies:
                async for body in bodies:
                    while server.streams_are_mute:
                        await server.wait_a_little()
                    document = server.dialect.streamed(body, server.version, first)
                    server.record.answer(exchanged, document,
                                         server.dialect.is_valid and (first or server.dialect.stream != "undeclared"))
                    first = False
                    yield document

        headers = self._headers(call.address, request)
        return Answer(200, headers, documents(), until_close=server.habits.stream_until_close)

    def _acting(self, envelope, account):
        """The address that the request is made as."""
        if envelope.impersonated is None:
            return account.address
        wish = next(iter(envelope.impersonated), None)
        wanted = (wish.text or "").strip().lower() if wish is not None else ""
        if wanted not in self._server.mailboxes:
            raise Refusal("ErrorNonExistentMailbox", "The SMTP address has no mailbox associated with it.", fault=True)
        if not account.impersonates & {wanted, "*"}:
            raise Refusal("ErrorImpersonateUserDenied", "The account does not have permission to impersonate the "
                                                        "requested user.", fault=True)
        return self._server.mailboxes[wanted].address

    def _headers(self, address, request):
        headers = [("Content-Type", self._server.dialect.content_type), ("Cache-Control", "private"),
                   ("request-id", secrets.token_hex(8)), ("X-FEServer", "EXCHANGE")]
        if self._server.habits.cookies and not self._server.has_affinity(address, request.headers):
            headers += [("Set-Cookie", "exchangecookie=" + secrets.token_hex(16) + "; path=/; HttpOnly"),
                        ("Set-Cookie", f"X-BackEndCookie={self._server.affinity_of(address)}; path=/EWS; secure; HttpOnly")]
        return headers

    def _faulted(self, exchanged, refusal):
        exchanged.status, exchanged.fault = refusal.status, refusal.code
        if self._server.habits.plain_faults:
            # The request's fault is told with 200, the server's with 500.
            own = refusal.code in ("ErrorSchemaValidation", "ErrorInvalidRequest")
            exchanged.status = 200
            document = self._server.dialect.plain_fault("SOAP:Client" if own else refusal.code, refusal.text)
        else:
            document = self._server.dialect.fault(refusal.code, refusal.text, refusal.values)
        self._server.record.answer(exchanged, document)
        return Answer(exchanged.status, [("Content-Type", self._server.dialect.content_type)], document)

    def _instead(self, exchanged, fault, envelope):
        if fault.kind == "soap":
            return self._faulted(exchanged, Refusal(fault.code, fault.text, fault=True, values=fault.values))
        if fault.kind == "code":
            document = self._server.dialect.answer(
                refused(envelope, Refusal(fault.code, fault.text, values=fault.values)), self._server.version)
            exchanged.status = 200
            self._server.record.answer(exchanged, document)
            return Answer(200, [("Content-Type", self._server.dialect.content_type)], document)
        exchanged.status = fault.status
        self._server.record.answer(exchanged, fault.body, is_soap=False)
        headers = list(fault.headers.items())
        if fault.status == 401:
            headers += [("WWW-Authenticate", text) for text in self._server.door.challenge().fields]
        return Answer(fault.status, headers, fault.body, fault=fault if fault.kind in ("drop", "stall") else None)

    # Autodiscover

    def _autodiscover(self, memory, request, user):
        kind = autodiscover.soap if request.path.lower().endswith(".svc") else autodiscover.pox
        return Answer(200, [("Content-Type", "text/xml; charset=utf-8")], kind(self._server, user.account, request.body))
