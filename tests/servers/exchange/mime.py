"""What Exchange makes of a mail: it keeps parts and properties, and writes MIME anew whenever it is asked for it."""

import base64
import email
import email.generator
import email.header
import hashlib
import io
import quopri
from email.parser import BytesHeaderParser
from email.policy import compat32

# The order of Exchange's own fields; the others follow as they came.
_FIRST = ("received", "from", "to", "cc", "subject", "thread-topic", "thread-index", "date", "message-id", "reply-to",
          "in-reply-to", "references")
_LAST = ("content-language", "content-type", "content-transfer-encoding", "mime-version")
_LARGE = 1 << 20  # leaves
_HUGE = 4 << 20  # mails


def rebuilt(item):
    """The mail of the item with the same content and never the same bytes."""
    mark = hashlib.md5(item.id.encode()).hexdigest().upper()
    if len(item.content) > _HUGE:
        return _rebuilt_quickly(item, mark)
    message = email.message_from_bytes(item.content, policy=compat32)
    _rewrite_parts(message, mark)
    _rewrite_header(message, mark)
    out = io.BytesIO()
    email.generator.BytesGenerator(out, mangle_from_=False, maxheaderlen=0, policy=compat32.clone(linesep="\r\n")) \
        .flatten(message)
    return out.getvalue()


def _rebuilt_quickly(item, mark):
    """Of a mail that takes long to parse only the header and the outer boundary are new."""
    head = item.raw_head()
    body = item.content[len(head):]
    message = BytesHeaderParser(policy=compat32).parsebytes(head)
    boundary = message.get_boundary()
    if boundary is not None:
        message.set_boundary(f"_000_{mark}exchangeexample_")
        body = body.replace(b"--" + boundary.encode(), f"--_000_{mark}exchangeexample_".encode())
    _rewrite_header(message, mark)
    return message.as_bytes(policy=compat32.clone(linesep="\r\n")) + body


def unescaped(value):
    """A raw field in which bytes that are not ASCII are UTF-8, or else Latin-1."""
    content = str(value).encode("utf-8", "surrogateescape")
    try:
        return content.decode()
    except UnicodeDecodeError:
        return content.decode("latin-1")


def _clean(value):
    text = unescaped(value)
    return value if text.isascii() else email.header.Header(" ".join(text.split()), "utf-8").encode()


def _rewrite_header(message, mark):
    # Content-Type and its like stay as they are: encoded they would mean something else.
    fields = [(name, value if name.lower().startswith("content-") else _clean(value))
              for name, value in message.raw_items()]
    for name in set(message.keys()):
        del message[name]
    known = {name.lower() for name, _ in fields}
    fields += [pair for pair in (("Thread-Topic", next((value for name, value in fields if name.lower() == "subject"), "")),
                                 ("Thread-Index", "Ad" + base64.b64encode(mark[:21].encode()).decode()),
                                 ("X-MS-Has-Attach", ""), ("X-MS-TNEF-Correlator", ""),
                                 ("MIME-Version", "1.0")) if pair[0].lower() not in known]

    def rank(pair):
        name = pair[0].lower()
        if name in _FIRST:
            return _FIRST.index(name)
        return len(_FIRST) + (1 + _LAST.index(name) if name in _LAST else 0)

    for name, value in sorted(fields, key=rank):
        message[name] = value


def _rewrite_parts(message, mark):
    parts = [message]
    number = 0
    while parts:
        part = parts.pop()
        if part.is_multipart():
            parts += part.get_payload()
            if part.get_content_maintype() == "multipart":
                part.set_boundary(f"_{number:03d}_{mark}exchangeexample_")
                part.preamble = part.epilogue = None
                number += 1
        else:
            _rewrite_leaf(part)


def _rewrite_leaf(part):
    payload = part.get_payload()
    if isinstance(payload, list) or len(payload) > _LARGE:
        return
    content = part.get_payload(decode=True)
    if content is None:
        return
    del part["Content-Transfer-Encoding"]
    if part.get_content_maintype() == "text":
        # Quoted-printable with its line ends kept: the text's own are CRLF.
        lines = content.replace(b"\r\n", b"\n")
        part.set_payload(quopri.encodestring(lines).decode("ascii"))
        part["Content-Transfer-Encoding"] = "quoted-printable"
    else:
        text = base64.b64encode(content).decode()
        part.set_payload("\n".join(text[at:at + 76] for at in range(0, len(text), 76)) + "\n")
        part["Content-Transfer-Encoding"] = "base64"


def texts(item):
    """(plain text or None, HTML or None) of the mail."""
    found = {"text/plain": None, "text/html": None}
    for part in email.message_from_bytes(item.content, policy=compat32).walk():
        kind = part.get_content_type()
        if kind in found and found[kind] is None and part.get_content_disposition() != "attachment":
            content = part.get_payload(decode=True) or b""
            try:
                found[kind] = content.decode(part.get_content_charset() or "utf-8", "replace")
            except LookupError:
                found[kind] = content.decode("utf-8", "replace")
    return found["text/plain"], found["text/html"]


def attachments(item):
    """(name, media type, content, inline or not) of the mail's files."""
    for part in email.message_from_bytes(item.content, policy=compat32).walk():
        if not part.is_multipart() and part.get_content_disposition() in ("attachment", "inline") and part.get_filename():
            yield (part.get_filename(), part.get_content_type(), part.get_payload(decode=True) or b"",
                   part.get_content_disposition() == "inline")
