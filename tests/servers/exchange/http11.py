"""HTTP/1.1 as IIS speaks it, on asyncio: requests read, answers written whole, in chunks, late, or not at all."""

import asyncio
import contextlib
import gzip
from dataclasses import dataclass, field

_LARGEST_HEAD = 1 << 16
_LARGEST_BODY = 1 << 27
_REASONS = {200: "OK", 301: "Moved Permanently", 302: "Found", 400: "Bad Request", 401: "Unauthorized", 403: "Forbidden",
            404: "Not Found", 405: "Method Not Allowed", 413: "Request Entity Too Large", 415: "Unsupported Media Type",
            429: "Too Many Requests", 440: "Login Timeout", 500: "Internal Server Error", 503: "Service Unavailable"}


@dataclass
class Request:
    method: str
    path: str
    headers: dict  # names in lower case
    body: bytes
    size: int  # of all of it, without what chunks add


@dataclass
class Answer:
    """body: bytes, or an asynchronous iterator of bytes that are sent as they come; chunked, or until_close without any length.

    fault: of the faults that spoil the transmission
    """

    status: int
    headers: list = field(default_factory=list)
    body: object = b""
    chunked: bool = False
    fault: object = None
    close: bool = False
    until_close: bool = False


@dataclass
class Traffic:
    """Bytes on the wire, before TLS, and HTTP requests, those of a sign-in too."""

    requests: int = 0
    received: int = 0
    sent: int = 0


class Counted:
    """A StreamWriter that counts what is written."""

    def __init__(self, writer, traffic):
        self._writer = writer
        self._traffic = traffic

    def write(self, content):
        self._traffic.sent += len(content)
        self._writer.write(content)

    async def drain(self):
        await self._writer.drain()


class Gone(Exception):
    """The connection has been, or is to be, cut."""


async def read_request(reader, writer, quiet):
    """The next request; None when the client has gone, is quiet for so many seconds, or speaks something else."""
    try:
        first = await asyncio.wait_for(reader.readexactly(1), quiet)
        head = first + await reader.readuntil(b"\r\n\r\n") if first.isalpha() else b"\r\n\r\n"
    except (asyncio.IncompleteReadError, ConnectionError, asyncio.LimitOverrunError, asyncio.TimeoutError):
        return None
    lines = head.decode("latin-1").split("\r\n")
    if lines[0].count(" ") != 2:
        writer.write(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        return None
    method, path, _ = lines[0].split(" ")
    headers = {}
    for line in lines[1:]:
        name, _, value = line.partition(":")
        if name:
            headers[name.strip().lower()] = value.strip()
    if headers.get("expect", "").lower() == "100-continue":
        writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
    try:
        body = await _read_body(reader, headers)
    except (asyncio.IncompleteReadError, ConnectionError, ValueError):
        return None
    return Request(method, path, headers, body, len(head) + len(body))


async def _read_body(reader, headers):
    if headers.get("transfer-encoding", "").lower() != "chunked":
        size = int(headers.get("content-length", 0))
        if size > _LARGEST_BODY:
            raise ConnectionError("too large")
        return await reader.readexactly(size)
    parts = []
    while True:
        size = int((await reader.readline()).split(b";")[0], 16)
        parts.append(await reader.readexactly(size))
        await reader.readline()
        if size == 0:
            return b"".join(parts)


def compressed(request, answer):
    """As IIS compresses what a client takes compressed."""
    if isinstance(answer.body, bytes) and len(answer.body) > 1400 and answer.fault is None and \
            "gzip" in request.headers.get("accept-encoding", ""):
        answer.body = gzip.compress(answer.body, 1)
        answer.headers += [("Content-Encoding", "gzip"), ("Vary", "Accept-Encoding")]
    return answer


async def write_answer(writer, answer):
    """On return the answer is out; Gone when a fault has cut the connection."""
    fault = answer.fault
    if fault is not None and fault.kind == "drop" and fault.after is None:
        raise Gone
    if fault is not None and fault.kind == "stall" and fault.after is None:
        await asyncio.sleep(fault.seconds)
    if isinstance(answer.body, bytes):
        await _write_whole(writer, answer)
    else:
        await _write_stream(writer, answer)


def head_of(answer, framing):
    lines = [f"HTTP/1.1 {answer.status} {_REASONS.get(answer.status, 'Other')}"]
    lines += [f"{name}: {value}" for name, value in answer.headers + framing]
    if answer.close:
        lines.append("Connection: close")
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


async def _write_whole(writer, answer):
    body, fault = answer.body, answer.fault
    chunked = answer.chunked if fault is None or fault.chunked is None else fault.chunked
    head = head_of(answer, [("Transfer-Encoding", "chunked")] if chunked else [("Content-Length", len(body))])
    if fault is not None and fault.kind == "drip":
        wire = head + (_chunk(body) + _chunk(b"") if chunked else body)
        for start in range(0, len(wire), fault.piece):
            writer.write(wire[start:start + fault.piece])
            await writer.drain()
            await asyncio.sleep(fault.seconds)
        return
    if fault is not None and fault.after is not None:
        sent = body[:fault.after]
        writer.write(head + (_chunk(sent) if chunked and sent else sent))
        await writer.drain()
        if fault.kind == "drop":
            raise Gone
        await asyncio.sleep(fault.seconds)
        body = body[fault.after:]
        head = b""
    if chunked:
        # Chunks of odd sizes, so that no end of a chunk means anything.
        pieces = [body[start:start + 7919] for start in range(0, len(body), 7919)]
        writer.write(head + b"".join(map(_chunk, pieces)) + _chunk(b""))
    else:
        writer.write(head + body)
    await writer.drain()


async def _write_stream(writer, answer):
    framed = bytes if answer.until_close else _chunk
    writer.write(head_of(answer, [] if answer.until_close else [("Transfer-Encoding", "chunked")]))
    await writer.drain()
    async with contextlib.aclosing(answer.body) as pieces:
        await _write_pieces(writer, pieces, answer.fault, framed)
    writer.write(framed(b""))
    await writer.drain()


async def _write_pieces(writer, pieces, fault, framed):
    sent = 0
    async for piece in pieces:
        if fault is not None and fault.after is not None and sent <= fault.after < sent + len(piece):
            start, piece = piece[:fault.after - sent], piece[fault.after - sent:]
            sent = fault.after
            if start:
                writer.write(framed(start))
                await writer.drain()
            if fault.kind == "drop":
                raise Gone
            await asyncio.sleep(fault.seconds)
        sent += len(piece)
        step = fault.piece if fault is not None and fault.kind == "drip" else len(piece)
        for at in range(0, len(piece), step):
            writer.write(framed(piece[at:at + step]))
            await writer.drain()
            if step < len(piece):
                await asyncio.sleep(fault.seconds)


def _chunk(content):
    return f"{len(content):x}\r\n".encode() + content + b"\r\n"


async def start(serve, host, port, tls=None):
    return await asyncio.start_server(serve, host, port, ssl=tls, limit=_LARGEST_HEAD, backlog=2000)
