"""What servers of EWS do otherwise than Exchange, though all of them speak it."""

from dataclasses import dataclass


@dataclass
class Habits:
    """plain_faults: a fault has a faultcode such as SOAP:Client and its words, no detail, and may come with status 200
    find_leaves_out_nothing: FindFolder and FindItem that find nothing say NoError and have no RootFolder
    move_tells_ids: new ids come when asked for; otherwise they come when they are not
    most_items: what GetItem is asked for beyond so many is refused as ErrorServerBusy, item by item; None: no limit
    sync_most: no answer of SyncFolderItems has more changes, however many are asked for
    sync_order: "newest" or "oldest" first; versions before 2010 SP2 have the oldest first
    lost_subscription: what is said of one that is unknown
    lost_is_well: it is said beside ConnectionStatus OK
    cookies: whether answers set them
    closes: every connection after its answer, when that was no challenge
    keeps_when_asked: only connections whose request says Connection: Keep-Alive
    stream_until_close: a streaming answer has neither chunks nor length
    wants_soap_action: a request without the field SOAPAction is refused
    ignores_most: SyncFolderItems tells of everything at once
    knows: the properties of mails: "all"; "listed", no extended ones; or "few", no headers either, no time of receipt, and
        a size of 0. What it has not is refused for extended properties and headers, and left out else
    """

    plain_faults: bool = False
    find_leaves_out_nothing: bool = False
    move_tells_ids: bool = True
    most_items: int | None = None
    sync_most: int = 512
    sync_order: str = "newest"
    lost_subscription: str = "ErrorSubscriptionNotFound"
    lost_is_well: bool = False
    cookies: bool = True
    closes: bool = False
    keeps_when_asked: bool = False
    stream_until_close: bool = False
    wants_soap_action: bool = False
    ignores_most: bool = False
    knows: str = "all"


# As the web services of grommunio (github.com/grommunio/gromox, exch/ews) answer, where that is not as Exchange does.
GROMMUNIO = {
    "mechanisms": ("basic",), "heartbeat_kind": "event", "autodiscover": False,
    "dialect": {"prefix": "SOAP", "content_type": "text/xml", "fraction": 9, "stream": "undeclared",
                "decimal_tags": True},
    "habits": {"plain_faults": True, "find_leaves_out_nothing": True, "move_tells_ids": False, "most_items": 50,
               "sync_most": 100, "sync_order": "oldest", "lost_subscription": "ErrorInvalidSubscription", "lost_is_well": True,
               "cookies": False, "keeps_when_asked": True, "stream_until_close": True},
}
