"""What servers of EWS do otherwise than Exchange, though all of them speak it."""

from dataclasses import dataclass


@dataclass
class Habits:
    """plain_faults: a fault has a faultcode such as SOAP:Client and its words, no detail, and may come with status 200
    find_leaves_out_nothing: FindFolder and FindItem that find nothing say NoError and have no RootFolder
    move_tells_ids: new ids come when asked for; otherwise they come when they are not
    most_items: what GetItem is asked for beyond so many is refused as ErrorServerBusy, item by item; None: no limit
    sync_most: no answer of SyncFolderItems has more changes, however many are asked for
    sync_order: "newest" or "oldest" first
    lost_subscription: what is said of one that is unknown
    cookies: whether answers set them
    """

    plain_faults: bool = False
    find_leaves_out_nothing: bool = False
    move_tells_ids: bool = True
    most_items: int | None = None
    sync_most: int = 512
    sync_order: str = "newest"
    lost_subscription: str = "ErrorSubscriptionNotFound"
    cookies: bool = True


# As the web services of grommunio (github.com/grommunio/gromox, exch/ews) answer, where that is not as Exchange does.
GROMMUNIO = {
    "mechanisms": ("basic",), "heartbeat_kind": "event", "autodiscover": False,
    "dialect": {"prefix": "SOAP", "content_type": "text/xml", "fraction": 9, "stream": "undeclared",
                "decimal_tags": True},
    "habits": {"plain_faults": True, "find_leaves_out_nothing": True, "move_tells_ids": False, "most_items": 50,
               "sync_most": 100, "sync_order": "oldest", "lost_subscription": "ErrorInvalidSubscription", "cookies": False},
}
