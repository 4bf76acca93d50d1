"""Faults on demand: what the next requests meet instead of, or on top of, their answer."""

from dataclasses import dataclass, field

from .soap import Refusal

# Instead of an operation's name: the fault comes before anybody is asked to sign in.
BEFORE_SIGN_IN = "before sign-in"

_HTML = ("<!DOCTYPE html><html><head><title>Outlook</title></head><body><form action=\"/owa/auth.owa\" method=\"POST\">"
         "<input name=\"username\"><input name=\"password\" type=\"password\"></form></body></html>")


@dataclass
class Fault:
    """kind: code, soap, status, drop, stall, drip or none.

    executes: the request is carried out all the same and only its answer suffers
    """

    kind: str
    executes: bool = False
    code: str = ""
    text: str = ""
    values: tuple = ()
    at: int | None = None
    stops_batch: bool = False
    status: int = 200
    headers: dict = field(default_factory=dict)
    body: bytes = b""
    after: int | None = None
    seconds: float = 0
    piece: int = 1
    chunked: bool | None = None


def code(response_code, text=None, at=None, values=(), stops_batch=False):
    """This ResponseCode; at: only for the wish of this number in the batch, from 0; stops_batch: and what follows that
    wish is not tried (ErrorBatchProcessingStopped)."""
    return Fault("code", code=response_code, text=text or "", at=at, values=tuple(values), executes=at is not None,
                 stops_batch=stops_batch)


def soap_fault(response_code, text=None, back_off_ms=None):
    values = () if back_off_ms is None else (("BackOffMilliseconds", back_off_ms),)
    return Fault("soap", code=response_code, text=text or "", values=values)


def busy(back_off_ms=1000):
    return soap_fault("ErrorServerBusy", "The server cannot service this request right now. Try again later.", back_off_ms)


def status(number, headers=None, body=b"", executes=False):
    """An HTTP status without any SOAP. retry after: headers={"Retry-After": "2"}"""
    return Fault("status", status=number, headers=dict(headers or {}), body=body, executes=executes)


def html_page(number=200):
    """A sign-in page where XML was expected."""
    return status(number, {"Content-Type": "text/html; charset=utf-8"}, _HTML.encode())


def drop(after=None, executes=True):
    """The connection is gone: before a byte of the answer, or after so many bytes of its body."""
    return Fault("drop", after=after, executes=executes)


def stall(seconds, after=None, executes=True):
    """Nothing comes for so long: before the answer, or after so many bytes of its body."""
    return Fault("stall", seconds=seconds, after=after, executes=executes)


def drip(piece, seconds):
    """So many bytes at a time with pauses between them."""
    return Fault("drip", piece=piece, seconds=seconds, executes=True)


def framed(chunked):
    """The answer in chunks, or with its length, whatever the server would do."""
    return Fault("none", chunked=chunked, executes=True)


class Faults:
    """The queue; used under the server's lock."""

    def __init__(self):
        self._queue = []
        self._of_items = None

    def add(self, operation, fault, times=1):
        self._queue.append([operation, fault, times])

    def clear(self):
        self._queue.clear()

    def waiting(self):
        """How many have not been met to their end."""
        return len(self._queue)

    def take(self, operation):
        """The first fault that waits for this operation, or for any."""
        self._of_items = None
        for entry in self._queue:
            if entry[0] == operation or entry[0] is None and operation != BEFORE_SIGN_IN:
                entry[2] -= 1
                if entry[2] == 0:
                    self._queue.remove(entry)
                if entry[1].kind == "code" and entry[1].at is not None:
                    self._of_items = entry[1]
                return entry[1]
        return None

    def of_item(self, position):
        """Raises what this wish of the batch is to be refused with."""
        fault = self._of_items
        if fault is not None and fault.stops_batch and position > fault.at:
            raise Refusal("ErrorBatchProcessingStopped", "Processing of the batch was stopped.")
        if fault is not None and fault.at == position:
            raise Refusal(fault.code, fault.text, values=fault.values)
