"""Subscribe, Unsubscribe, GetEvents and GetStreamingEvents (MS-OXWSNTIF)."""

import asyncio
import base64
import contextlib
import uuid

from .properties import folder_id
from .soap import M, T, Refusal, response, response_message, text_of

MOST_IN_A_GROUP = 200
_MOST_EVENTS = 1000


class Subscription:
    """kind: streaming or pull. folders: None for all of the mailbox."""

    def __init__(self, kind, mailbox, owner, folders, types):
        self.id = base64.b64encode(f"{kind}:{uuid.uuid4()}:{mailbox.guid}".encode()).decode()
        self.kind = kind
        self.mailbox = mailbox
        self.owner = owner
        self.folders = folders
        self.types = types
        self.events = []
        self.told = 0  # how many of them were streamed
        self.lost = False
        self.stream = None

    def hear(self, event):
        """Keeps an event that is subscribed to; says whether it was."""
        if event.what not in self.types:
            return False
        if self.folders is not None and event.folder not in self.folders and event.old_folder not in self.folders:
            return False
        self.events.append(event)
        return True

    def watermark(self, position):
        return base64.b64encode(f"{self.id[:20]}:{position}".encode()).decode()

    def position(self, watermark):
        try:
            start, position = base64.b64decode(watermark, validate=True).decode().rsplit(":", 1)
            if start == self.id[:20] and 0 <= int(position) <= len(self.events):
                return int(position)
        except ValueError:
            pass
        raise Refusal("ErrorInvalidWatermark", "The watermark used for creating this subscription was not found.")


class Subscriptions:
    """All of the server's. Heard and changed under the server's lock; streams live in its loop."""

    def __init__(self):
        self.all = {}
        self.hanging = {}  # address -> streams
        self._of = {}  # a mailbox's guid -> its subscriptions

    def add(self, one):
        self.all[one.id] = one
        self._of.setdefault(one.mailbox.guid, []).append(one)

    def remove(self, one):
        """Its stream ends, too."""
        one.lost = True
        del self.all[one.id]
        self._of[one.mailbox.guid].remove(one)
        if one.stream is not None:
            one.stream.poke()

    def hear(self, mailbox, event):
        for one in self._of.get(mailbox.guid, ()):
            if one.hear(event) and one.stream is not None:
                one.stream.poke()

    def lose(self, mailbox=None):
        """As when the server that held them fails: what was queued is gone, the ids are unknown."""
        for one in [one for one in self.all.values() if mailbox in (None, one.mailbox)]:
            self.remove(one)


def subscribe(call):
    try:
        wish = call.element[0]
        kind = {"StreamingSubscriptionRequest": "streaming", "PullSubscriptionRequest": "pull"}.get(wish.tag[len(M):])
        if kind is None:
            raise Refusal("ErrorInvalidSubscriptionRequest", "Push subscriptions are not supported here.")
        ids = wish.find(f"{T}FolderIds")
        folders = None
        if ids is not None:
            folders = [call.folder_named(one) for one in ids]
            mailboxes = {call.owner(folder).guid: call.owner(folder) for folder in folders}
            if len(mailboxes) > 1:
                raise Refusal("ErrorInvalidSubscriptionRequest", "The subscription is of several mailboxes.")
            mailbox = next(iter(mailboxes.values()))
        elif wish.get("SubscribeToAllFolders") in ("true", "1"):
            mailbox = call.mailbox()
        else:
            raise Refusal("ErrorInvalidSubscriptionRequest", "No folders are given.")
        limit = call.server.limits["subscriptions"]
        if sum(one.owner == call.address.lower() for one in call.server.subscriptions.all.values()) >= limit:
            raise Refusal("ErrorExceededSubscriptionCount", "You have exceeded the available subscriptions for your account.")
        types = {one.text for one in wish.find(f"{T}EventTypes")}
        made = Subscription(kind, mailbox, call.address.lower(), folders, types)
        call.server.subscriptions.add(made)
        inside = f"<m:SubscriptionId>{made.id}</m:SubscriptionId>"
        if kind == "pull":
            inside += f"<m:Watermark>{made.watermark(0)}</m:Watermark>"
        return response("Subscribe", [response_message("Subscribe", inside)])
    except Refusal as refusal:
        return response("Subscribe", [response_message("Subscribe", error=refusal)])


def unsubscribe(call):
    try:
        call.server.subscriptions.remove(_found(call, text_of(call.element, f"{M}SubscriptionId")))
        return response("Unsubscribe", [response_message("Unsubscribe")])
    except Refusal as refusal:
        return response("Unsubscribe", [response_message("Unsubscribe", error=refusal)])


def get_events(call):
    try:
        one = _found(call, text_of(call.element, f"{M}SubscriptionId"))
        if one.kind != "pull":
            raise Refusal("ErrorInvalidPullSubscriptionId", "The subscription is not a pull subscription.")
        start = one.position(text_of(call.element, f"{M}Watermark"))
        events = one.events[start:start + _MOST_EVENTS]
        parts = [_event(call.dialect, event, one.watermark(start + number))
                 for number, event in enumerate(events, 1)] or [
                     f"<t:StatusEvent><t:Watermark>{one.watermark(start)}</t:Watermark></t:StatusEvent>"]
        more = "true" if start + len(events) < len(one.events) else "false"
        return response("GetEvents", [response_message(
            "GetEvents", f"<m:Notification><t:SubscriptionId>{one.id}</t:SubscriptionId>"
            f"<t:PreviousWatermark>{one.watermark(start)}</t:PreviousWatermark><t:MoreEvents>{more}</t:MoreEvents>"
            f"{''.join(parts)}</m:Notification>")])
    except Refusal as refusal:
        return response("GetEvents", [response_message("GetEvents", error=refusal)])


def _lost(server):
    return Refusal(server.habits.lost_subscription, "The specified subscription was not found.")


def _found(call, identifier):
    one = call.server.subscriptions.all.get(identifier)
    if one is None:
        raise _lost(call.server)
    if one.owner != call.address.lower():
        raise Refusal("ErrorSubscriptionAccessDenied", "The caller does not have access to the subscription.")
    return one


def _event(dialect, event, watermark=None):
    about = f'<t:ItemId Id="{event.item[0]}" ChangeKey="{event.item[1]}"/>' if event.item else folder_id(event.folder)
    parent = event.folder if event.item else event.folder.parent or event.folder
    old = ""
    if event.old_item:
        old = f'<t:OldItemId Id="{event.old_item[0]}" ChangeKey="{event.old_item[1]}"/>' + \
            folder_id(event.old_folder, "t:OldParentFolderId")
    unread = "" if event.unread is None else f"<t:UnreadCount>{event.unread}</t:UnreadCount>"
    marked = f"<t:Watermark>{watermark}</t:Watermark>" if watermark else ""
    return (f"<t:{event.what}>{marked}<t:TimeStamp>{dialect.time(event.moment)}</t:TimeStamp>{about}"
            f"{folder_id(parent, 't:ParentFolderId')}{old}{unread}</t:{event.what}>")


class Stream:
    """One hanging GetStreamingEvents: `documents` gives the bodies of the documents that it consists of."""

    def __init__(self, call, loop):
        self._call = call
        self._loop = loop
        self._poked = asyncio.Event()
        self._taken_over = False
        self._end_wanted = False
        self._subscriptions = []
        self.knows_nothing = False
        wished = call.element.find(f"{M}SubscriptionIds")
        self._ids = [one.text.strip() for one in wished]
        self._seconds = int(text_of(call.element, f"{M}ConnectionTimeout")) * 60 * call.server.stream_minute

    def poke(self):
        """From any thread: there is something to tell."""
        # The server may be ending meanwhile, and its loop with it.
        with contextlib.suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._poked.set)

    def end(self):
        self._end_wanted = True
        self.poke()

    def take_over(self):
        self._taken_over = True
        self.poke()

    async def documents(self):
        server, hanging = self._call.server, self._call.server.subscriptions.hanging
        refusal = self._open()
        if refusal is not None:
            yield refusal
            return
        mine = hanging.setdefault(self._call.address.lower(), [])
        mine.append(self)
        try:
            yield self._message("<m:ConnectionStatus>OK</m:ConnectionStatus>")
            end = self._loop.time() + self._seconds
            while True:
                with server.lock:
                    ended = self._ended()
                    told = "" if ended else self._news()
                if ended:
                    yield ended
                    return
                if told:
                    yield self._message(f"<m:Notifications>{told}</m:Notifications>")
                left = end - self._loop.time()
                if left <= 0 or self._end_wanted:
                    yield self._message("<m:ConnectionStatus>Closed</m:ConnectionStatus>")
                    return
                if not await self._wait(min(left, server.heartbeat)) and self._loop.time() < end:
                    yield self._heartbeat()
        finally:
            mine.remove(self)
            for one in self._subscriptions:
                if one.stream is self:
                    one.stream = None

    def _open(self):
        server = self._call.server
        with server.lock:
            unknown = []
            for identifier in self._ids:
                try:
                    one = _found(self._call, "" if self.knows_nothing else identifier)
                    if one.kind != "streaming":
                        raise Refusal("ErrorInvalidSubscription", "The subscription is not a streaming subscription.")
                    self._subscriptions.append(one)
                except Refusal as refusal:
                    unknown.append((identifier, refusal))
            if len(self._ids) > MOST_IN_A_GROUP:
                unknown = [(self._ids[0], Refusal("ErrorInvalidSubscription", "There are too many subscriptions."))]
            if unknown:
                ids = "".join(f"<t:SubscriptionId>{identifier}</t:SubscriptionId>" for identifier, _ in unknown)
                well = "<m:ConnectionStatus>OK</m:ConnectionStatus>" if server.habits.lost_is_well else ""
                return self._message(f"<m:ErrorSubscriptionIds>{ids}</m:ErrorSubscriptionIds>{well}", unknown[0][1])
            hanging = server.subscriptions.hanging.get(self._call.address.lower(), [])
            if len(hanging) >= server.limits["hanging"]:
                return self._message("", Refusal("ErrorExceededConnectionCount", "You have exceeded the available "
                                                                                 "concurrent connections for your account."))
            for one in self._subscriptions:
                if one.stream is not None:
                    one.stream.take_over()
                one.stream = self
        return None

    def _ended(self):
        lost = [one for one in self._subscriptions if one.lost]
        if self._taken_over:
            return self._message("", Refusal("ErrorNewEventStreamConnectionOpened",
                                             "Another connection was opened for the subscription."))
        if lost:
            ids = "".join(f"<t:SubscriptionId>{one.id}</t:SubscriptionId>" for one in lost)
            return self._message(f"<m:ErrorSubscriptionIds>{ids}</m:ErrorSubscriptionIds>",
                                 _lost(self._call.server))
        return None

    def _news(self):
        parts = []
        for one in self._subscriptions:
            fresh = one.events[one.told:]
            one.told += len(fresh)
            if fresh:
                events = "".join(_event(self._call.dialect, event) for event in fresh)
                parts.append(f"<t:Notification><t:SubscriptionId>{one.id}</t:SubscriptionId>{events}</t:Notification>")
        return "".join(parts)

    def _heartbeat(self):
        """As ConnectionStatus alone or as a StatusEvent for each subscription; both are seen."""
        if self._call.server.heartbeat_kind == "status":
            return self._message("<m:ConnectionStatus>OK</m:ConnectionStatus>")
        parts = "".join(f"<t:Notification><t:SubscriptionId>{one.id}</t:SubscriptionId><t:StatusEvent/></t:Notification>"
                        for one in self._subscriptions)
        return self._message(f"<m:Notifications>{parts}</m:Notifications>")

    async def _wait(self, seconds):
        try:
            await asyncio.wait_for(self._poked.wait(), seconds)
        except asyncio.TimeoutError:
            return False
        self._poked.clear()
        return True

    def _message(self, inside, error=None):
        return response("GetStreamingEvents", [response_message("GetStreamingEvents", inside, error)])
