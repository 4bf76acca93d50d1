"""What went over the wire: each request with its answers, counted, and held against the published schema."""

import os
import re
import subprocess
import sys
import tempfile
import threading
import xml.etree.ElementTree as ElementTree
from dataclasses import dataclass, field
from pathlib import Path

_REPOSITORY = Path(__file__).resolve().parents[3]
# Of documents that differ in values only, so many are validated.
_ALIKE = 20
_MIME = re.compile(rb"(<(?:\w+:)?MimeContent[^>]*>)[A-Za-z0-9+/=\s]{4000,}(?=<)")


@dataclass
class Exchanged:
    operation: str
    address: str
    mechanism: str
    connection: int
    headers: dict
    request: bytes
    at: float
    answers: list = field(default_factory=list)
    status: int | None = None
    fault: str | None = None  # the ResponseCode of a SOAP fault
    sent: int = 0


def schema():
    """The file soap.xsd of the published schema; None when it is not at hand."""
    folder = Path(os.environ.get("ROE_EWS_SCHEMA") or _REPOSITORY.parent / "shared" / "ews-schema")
    found = folder / "soap.xsd"
    return found if found.exists() else None


class Record:
    """Thread-safe. Bodies are kept with long MIME cut short, as many as `keep`; the counts are of all."""

    def __init__(self, keep=20000):
        self.requests = []
        self.received = 0
        self.sent = 0
        self._keep = keep
        self._lock = threading.Lock()
        self._documents = []
        self._seen = {}

    def add(self, exchanged):
        with self._lock:
            self.received += len(exchanged.request)
            self.requests.append(exchanged)
            self._remember("request", exchanged, exchanged.request)
            exchanged.request = _MIME.sub(rb"\1", exchanged.request)
            if len(self.requests) > self._keep:
                self.requests[-self._keep - 1].request = b""

    def answer(self, exchanged, document, is_soap=True):
        with self._lock:
            self.sent += len(document)
            exchanged.sent += len(document)
            exchanged.answers.append(_MIME.sub(rb"\1", document))
            if is_soap:
                self._remember("answer", exchanged, document)
            if len(self.requests) > self._keep:
                self.requests[-self._keep - 1].answers.clear()

    def count(self, operation=None, address=None):
        with self._lock:
            return sum(operation in (None, one.operation) and address in (None, one.address) for one in self.requests)

    def check(self):
        """What xmllint says against the documents that were not checked before, the first first; None without a schema."""
        with self._lock:
            documents, self._documents = self._documents, []
        # A client that seeks the newest version that the server understands may ask with one that the schema has not.
        documents = [(what, content) for what, content, exchanged in documents
                     if exchanged.fault != "ErrorInvalidServerVersion"]
        complaints = []
        for what, content in documents:
            try:
                ElementTree.fromstring(content)
            except ElementTree.ParseError as error:
                complaints.append(f"{what} is not well-formed: {error}\n{_shown(content)}")
        validated = [(what, content) for what, content in documents if b"Fault>" not in content]
        found = schema()
        if found is None:
            _say_once("the published schema of EWS is not at hand (ROE_EWS_SCHEMA): nothing is validated against it")
            return complaints
        with tempfile.TemporaryDirectory(prefix="roe-ews-") as folder:
            for start in range(0, len(validated), 200):
                complaints += _xmllint(found, Path(folder), validated[start:start + 200])
        return complaints

    def _remember(self, side, exchanged, document):
        if not document:
            return
        document = _MIME.sub(rb"\1", document)
        skeleton = hash(re.sub(rb'"[^"]*"|>[^<]*<', b"", document))
        self._seen[skeleton] = self._seen.get(skeleton, 0) + 1
        if self._seen[skeleton] <= _ALIKE:
            self._documents.append((f"the {side} of {exchanged.operation} for {exchanged.address}", document, exchanged))


def _xmllint(found, folder, documents):
    paths = {}
    for number, (what, content) in enumerate(documents):
        path = folder / f"{number}.xml"
        path.write_bytes(content)
        paths[str(path)] = (what, content)
    done = subprocess.run(["xmllint", "--nonet", "--noout", "--schema", str(found), *paths], capture_output=True, text=True)
    complaints = {}
    for line in done.stderr.splitlines():
        path = line.split(":", 1)[0]
        if path in paths and not line.endswith("validates"):
            complaints.setdefault(path, []).append(line.removeprefix(path))
    if done.returncode not in (0, 3, 4) or (done.returncode and not complaints):
        return [f"xmllint said {done.returncode}: {done.stderr[-1000:]}"]
    return [f"{paths[path][0]} is not valid:\n" + "\n".join(lines[:4]) + f"\n{_shown(paths[path][1])}"
            for path, lines in complaints.items()]


def _shown(content):
    return content[:3000].decode(errors="replace")


def _say_once(words):
    if not getattr(_say_once, "said", False):
        _say_once.said = True
        sys.stderr.write(f"note: {words}\n")
