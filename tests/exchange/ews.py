"""A client of a few lines for the simulator's own tests: no more than HTTP and text."""

import base64
import http.client
import re
import ssl
import xml.etree.ElementTree as ElementTree

SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
TYPES = "http://schemas.microsoft.com/exchange/services/2006/types"
MESSAGES = "http://schemas.microsoft.com/exchange/services/2006/messages"


class Client:
    """One connection of one user, by Basic."""

    def __init__(self, server, address=None, password=None, tls=False, version="Exchange2010_SP2", impersonates=None):
        if tls:
            context = ssl.create_default_context(cadata=server.certificates.ca_pem)
            self.connection = http.client.HTTPSConnection("localhost", server.https, context=context, timeout=20)
        else:
            self.connection = http.client.HTTPConnection("localhost", server.http, timeout=20)
        self.headers = {"Content-Type": "text/xml; charset=utf-8", "Connection": "Keep-Alive"}
        if address:
            token = base64.b64encode(f"{address}:{password}".encode()).decode()
            self.headers["Authorization"] = f"Basic {token}"
        self.version = version
        self.impersonates = impersonates

    def envelope(self, body):
        header = f'<t:RequestServerVersion Version="{self.version}"/>' if self.version else ""
        if self.impersonates:
            header += ("<t:ExchangeImpersonation><t:ConnectingSID>"
                       f"<t:PrimarySmtpAddress>{self.impersonates}</t:PrimarySmtpAddress>"
                       "</t:ConnectingSID></t:ExchangeImpersonation>")
        return (f'<s:Envelope xmlns:s="{SOAP}" xmlns:t="{TYPES}" xmlns:m="{MESSAGES}"><s:Header>{header}</s:Header>'
                f"<s:Body>{body}</s:Body></s:Envelope>")

    def open(self, body):
        """The answer with its body unread."""
        self.connection.request("POST", "/EWS/Exchange.asmx", self.envelope(body).encode(), self.headers)
        return self.connection.getresponse()

    def post(self, body):
        """(status, text)"""
        answer = self.open(body)
        return answer.status, answer.read().decode("utf-8-sig")

    def ask(self, body):
        """The element tree of an answer of status 200, or 500 for faults."""
        status, text = self.post(body)
        if status not in (200, 500):
            raise AssertionError(f"HTTP {status}: {text}")
        return ElementTree.fromstring(text)


def codes(tree):
    return [element.text for element in tree.iter() if element.tag.endswith("}ResponseCode")]


def every(tree, name):
    """All elements of this local name."""
    return [element for element in tree.iter() if element.tag.rsplit("}", 1)[-1] == name]


def ids(tree):
    return [element.get("Id") for element in every(tree, "ItemId")]


# Requests, as text

def folder(name="inbox", mailbox=None):
    whose = f"<t:Mailbox><t:EmailAddress>{mailbox}</t:EmailAddress></t:Mailbox>" if mailbox else ""
    return f'<t:DistinguishedFolderId Id="{name}">{whose}</t:DistinguishedFolderId>'


def shape(base="IdOnly", *fields, mime=False, extended=(), kind="Item"):
    paths = "".join(f'<t:FieldURI FieldURI="{field}"/>' for field in fields)
    paths += "".join(f'<t:ExtendedFieldURI PropertyTag="{tag}" PropertyType="String"/>' for tag in extended)
    more = f"<t:AdditionalProperties>{paths}</t:AdditionalProperties>" if paths else ""
    content = "<t:IncludeMimeContent>true</t:IncludeMimeContent>" if mime else ""
    return f"<m:{kind}Shape><t:BaseShape>{base}</t:BaseShape>{content}{more}</m:{kind}Shape>"


def item_ids(identifiers):
    return "<m:ItemIds>" + "".join(f'<t:ItemId Id="{one}"/>' for one in identifiers) + "</m:ItemIds>"


def get_folder(*folders):
    return (f"<m:GetFolder>{shape('Default', kind='Folder')}<m:FolderIds>{''.join(folders or [folder()])}</m:FolderIds>"
            "</m:GetFolder>")


def sync(state="", most=512, where=None, shaped=None):
    known = f"<m:SyncState>{state}</m:SyncState>" if state else ""
    return (f"<m:SyncFolderItems>{shaped or shape()}<m:SyncFolderId>{where or folder()}</m:SyncFolderId>{known}"
            f"<m:MaxChangesReturned>{most}</m:MaxChangesReturned></m:SyncFolderItems>")


def get_item(identifiers, shaped):
    return f"<m:GetItem>{shaped}{item_ids(identifiers)}</m:GetItem>"


def mark_read(identifiers, resolution="AlwaysOverwrite"):
    changes = "".join(
        f'<t:ItemChange><t:ItemId Id="{one}"/><t:Updates><t:SetItemField><t:FieldURI FieldURI="message:IsRead"/>'
        "<t:Message><t:IsRead>true</t:IsRead></t:Message></t:SetItemField></t:Updates></t:ItemChange>"
        for one in identifiers)
    return (f'<m:UpdateItem MessageDisposition="SaveOnly" ConflictResolution="{resolution}"><m:ItemChanges>{changes}'
            "</m:ItemChanges></m:UpdateItem>")


def subscribe(kind="Streaming", where=None, events=("NewMailEvent", "CreatedEvent", "MovedEvent", "DeletedEvent")):
    types = "".join(f"<t:EventType>{event}</t:EventType>" for event in events)
    timeout = "<t:Timeout>10</t:Timeout>" if kind == "Pull" else ""
    return (f"<m:Subscribe><m:{kind}SubscriptionRequest><t:FolderIds>{where or folder()}</t:FolderIds>"
            f"<t:EventTypes>{types}</t:EventTypes>{timeout}</m:{kind}SubscriptionRequest></m:Subscribe>")


def stream(subscription, minutes=1):
    return (f"<m:GetStreamingEvents><m:SubscriptionIds><t:SubscriptionId>{subscription}</t:SubscriptionId>"
            f"</m:SubscriptionIds><m:ConnectionTimeout>{minutes}</m:ConnectionTimeout></m:GetStreamingEvents>")


class Documents:
    """The documents of a streaming answer, one after another."""

    def __init__(self, answer):
        self._answer = answer
        self._rest = b""

    def next(self):
        """The next one as text; None at the end."""
        while True:
            found = re.search(rb"</(?:\w+:)?Envelope>", self._rest)
            if found:
                document, self._rest = self._rest[:found.end()], self._rest[found.end():]
                return document.decode("utf-8-sig")
            piece = self._answer.read1()
            if not piece:
                return None
            self._rest += piece
