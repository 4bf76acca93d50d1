"""Envelopes: requests read, answers and faults written in the dialect that the server is set to."""

import re
import xml.etree.ElementTree as ElementTree
from dataclasses import dataclass
from xml.sax.saxutils import escape, quoteattr

SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
TYPES = "http://schemas.microsoft.com/exchange/services/2006/types"
MESSAGES = "http://schemas.microsoft.com/exchange/services/2006/messages"
ERRORS = "http://schemas.microsoft.com/exchange/services/2006/errors"

S, T, M = f"{{{SOAP}}}", f"{{{TYPES}}}", f"{{{MESSAGES}}}"

# XML can't hold control characters, yet Exchange refers to them: they are marked in texts (marked), and written, or left out,
# when the document is.
_MARK = 0x10f000
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f]")
_MARKED = re.compile(f"[{chr(_MARK)}-{chr(_MARK + 0x1f)}]")


def marked(text):
    return _CONTROLS.sub(lambda found: chr(_MARK + ord(found[0])), text)


@dataclass
class Dialect:
    """How answers look; what they say is the same in all.

    prefix: of the envelope; "" declares SOAP the default namespace
    content_type: of answers; "text/xml" without a charset is seen in the wild
    fraction: digits after the second in times
    bom: a byte order mark comes first
    declaration: the XML declaration comes first
    illegal_references: control characters of mails come as references that XML 1.0 has not, such as &#x7;, as Exchange
        writes them; else they are left out
    stream: documents of a streaming answer have an envelope without a prefix as of Exchange ("unprefixed"), the same as
        other answers ("same"), or that with prefixes in its body which are not declared ("undeclared")
    decimal_tags: property tags are written as 125 and not as 0x7d
    one_namespace: what belongs to the types namespace stands in that of messages
    """

    prefix: str = "s"
    content_type: str = "text/xml; charset=utf-8"
    fraction: int = 0
    bom: bool = False
    declaration: bool = True
    illegal_references: bool = False
    stream: str = "unprefixed"
    decimal_tags: bool = False
    one_namespace: bool = False

    @property
    def is_valid(self):
        """Whether the published schema can hold for what is written."""
        return not self.illegal_references and not self.one_namespace

    def time(self, moment):
        """An aware datetime in UTC."""
        text = moment.strftime("%Y-%m-%dT%H:%M:%S")
        if self.fraction:
            text += "." + (f"{moment.microsecond:06d}" + "123")[:self.fraction].ljust(self.fraction, "0")
        return text + "Z"

    def document(self, text):
        if not text.isascii():
            text = _MARKED.sub(self._control, text)
        start = '<?xml version="1.0" encoding="utf-8"?>' if self.declaration else ""
        return (b"\xef\xbb\xbf" if self.bom else b"") + (start + text).encode()

    def _control(self, found):
        return f"&#x{ord(found[0]) - _MARK:X};" if self.illegal_references else ""

    @property
    def _types(self):
        return MESSAGES if self.one_namespace else TYPES

    def answer(self, body, version):
        """body: the m: element as text, with the prefixes m and t."""
        p = self.prefix + ":" if self.prefix else ""
        declared = f'xmlns:{self.prefix}="{SOAP}"' if self.prefix else f'xmlns="{SOAP}"'
        header = f'<h:ServerVersionInfo {version.attributes()} xmlns:h="{TYPES}"/>'
        return self.document(f'<{p}Envelope {declared}><{p}Header>{header}</{p}Header>'
                             f'<{p}Body xmlns:m="{MESSAGES}" xmlns:t="{self._types}">{body}</{p}Body></{p}Envelope>')

    def streamed(self, body, version, first):
        """One document of a streaming answer, which Exchange writes by other code: the envelope has no prefix."""
        if self.stream != "unprefixed":
            document = self.answer(body, version)
            if self.stream == "undeclared" and not first:
                for prefix, space in (("m", MESSAGES), ("t", TYPES)):
                    document = document.replace(f' xmlns:{prefix}="{space}"'.encode(), b"")
            return document
        return self.document(
            f'<Envelope xmlns="{SOAP}"><soap11:Header xmlns:soap11="{SOAP}">'
            f'<ServerVersionInfo xmlns="{TYPES}" {version.attributes()}/></soap11:Header>'
            f'<soap11:Body xmlns:soap11="{SOAP}" xmlns:m="{MESSAGES}" xmlns:t="{self._types}">{body}</soap11:Body></Envelope>')

    def plain_fault(self, code, text):
        """A fault without a detail."""
        p = self.prefix + ":" if self.prefix else ""
        declared = f'xmlns:{self.prefix}="{SOAP}"' if self.prefix else f'xmlns="{SOAP}"'
        bare = "" if self.prefix else ' xmlns=""'
        return self.document(
            f"<{p}Envelope {declared}><{p}Header/><{p}Body><{p}Fault><faultcode{bare}>{escape(code)}</faultcode>"
            f"<faultstring{bare}>{escape(text)}</faultstring></{p}Fault></{p}Body></{p}Envelope>")

    def fault(self, code, text, values=()):
        """A SOAP fault as Exchange has it, without a header. values: (name, value) of its MessageXml."""
        p = self.prefix + ":" if self.prefix else ""
        declared = f'xmlns:{self.prefix}="{SOAP}"' if self.prefix else f'xmlns="{SOAP}"'
        more = "".join(f"<t:Value Name={quoteattr(name)}>{escape(str(value))}</t:Value>" for name, value in values)
        if more:
            more = f'<t:MessageXml xmlns:t="{TYPES}">{more}</t:MessageXml>'
        # faultcode and its siblings are in no namespace (SOAP 1.1 section 4.4).
        bare = "" if self.prefix else ' xmlns=""'
        return self.document(
            f'<{p}Envelope {declared}><{p}Body><{p}Fault><faultcode{bare} xmlns:a="{TYPES}">a:{code}</faultcode>'
            f'<faultstring{bare} xml:lang="en-US">{escape(text)}</faultstring><detail{bare}>'
            f'<e:ResponseCode xmlns:e="{ERRORS}">{code}</e:ResponseCode>'
            f'<e:Message xmlns:e="{ERRORS}">{escape(text)}</e:Message>{more}</detail></{p}Fault></{p}Body></{p}Envelope>')


class Refusal(Exception):
    """What is answered instead: a ResponseCode in a response message, or the fault of the whole request."""

    def __init__(self, code, text=None, fault=False, values=(), status=500):
        super().__init__(code)
        self.code = code
        self.text = text or f"The request failed. {code}"
        self.fault = fault
        self.values = tuple(values)
        self.status = status


@dataclass
class Envelope:
    """A request: operation (local name), its element, and the two headers that the server heeds."""

    operation: str
    element: ElementTree.Element
    version: str | None
    impersonated: ElementTree.Element | None


def read(content):
    """The envelope in these bytes; Refusal when there is none."""
    try:
        root = ElementTree.fromstring(content)
    except ElementTree.ParseError as error:
        raise Refusal("ErrorSchemaValidation", f"The request failed schema validation: {error}", fault=True) from error
    body = root.find(f"{S}Body")
    if root.tag != f"{S}Envelope" or body is None or len(body) != 1 or not body[0].tag.startswith(M):
        raise Refusal("ErrorInvalidRequest", "The request is invalid.", fault=True)
    version = root.find(f"{S}Header/{T}RequestServerVersion")
    return Envelope(body[0].tag[len(M):], body[0], None if version is None else version.get("Version"),
                    root.find(f"{S}Header/{T}ExchangeImpersonation/{T}ConnectingSID"))


def text_of(element, path, default=None):
    found = element.find(path)
    return default if found is None else (found.text or "").strip()


def response_message(operation, inside="", error=None):
    """One m:<operation>ResponseMessage, of success unless there is a Refusal."""
    name = f"m:{operation}ResponseMessage"
    if error is None:
        return f'<{name} ResponseClass="Success"><m:ResponseCode>NoError</m:ResponseCode>{inside}</{name}>'
    more = "".join(f"<t:Value Name={quoteattr(key)}>{escape(str(value))}</t:Value>" for key, value in error.values)
    kind = "Warning" if error.code == "ErrorBatchProcessingStopped" else "Error"
    return (f'<{name} ResponseClass="{kind}"><m:MessageText>{escape(error.text)}</m:MessageText>'
            f"<m:ResponseCode>{error.code}</m:ResponseCode><m:DescriptiveLinkKey>0</m:DescriptiveLinkKey>"
            f"{f'<m:MessageXml>{more}</m:MessageXml>' if more else ''}{inside}</{name}>")


def response(operation, messages):
    """The m:<operation>Response of several response messages."""
    return (f"<m:{operation}Response><m:ResponseMessages>{''.join(messages)}</m:ResponseMessages>"
            f"</m:{operation}Response>")
