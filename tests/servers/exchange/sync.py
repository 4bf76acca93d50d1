"""SyncFolderItems and SyncFolderHierarchy (MS-OXWSSYNC): all of the state is with the client, sealed."""

import base64
import binascii
import hashlib
import hmac
import json
import zlib

from .properties import ItemWriter, folder_xml, item_id, shape_of
from .soap import M, Refusal, response, response_message, text_of


def sync_folder_items(call):
    try:
        most = int(text_of(call.element, f"{M}MaxChangesReturned"))
        if not 1 <= most <= 512:
            raise Refusal("ErrorSchemaValidation", "The request failed schema validation: MaxChangesReturned", fault=True)
        writer = ItemWriter(call.dialect, shape_of(call.element.find(f"{M}ItemShape")), table=True,
                            knows=call.server.habits.knows)
        folder = _folder(call)
        view = _View(folder, _opened(call, text_of(call.element, f"{M}SyncState"), folder.id))
        ignore = call.element.find(f"{M}Ignore")
        ignored = {wish.get("Id") for wish in (ignore if ignore is not None else ())}
        habits = call.server.habits
        most = 1_000_000 if habits.ignores_most else min(most, habits.sync_most)
        taken = view.take(most, call.owner(folder).change, habits.sync_order == "newest" and call.version.lists_newest_first)
        parts = [_change(writer, what, subject) for what, subject in taken
                 if what == "Delete" or subject.id not in ignored]
        return response("SyncFolderItems", [response_message(
            "SyncFolderItems", f"<m:SyncState>{_sealed(call, folder.id, view.state())}</m:SyncState>"
            f"<m:IncludesLastItemInRange>{'true' if view.is_complete else 'false'}</m:IncludesLastItemInRange>"
            f"<m:Changes>{''.join(parts)}</m:Changes>")])
    except Refusal as refusal:
        if refusal.fault:
            raise
        return response("SyncFolderItems", [response_message("SyncFolderItems", error=refusal)])


def _change(writer, what, subject):
    if what == "Delete":
        return f'<t:Delete><t:ItemId Id="{subject}" ChangeKey="AQAAAA=="/></t:Delete>'
    if what == "Read":
        read = "true" if subject.read else "false"
        return f"<t:ReadFlagChange>{item_id(subject)}<t:IsRead>{read}</t:IsRead></t:ReadFlagChange>"
    return f"<t:{what}>{writer.element(subject)}</t:{what}>"


class _View:
    """What the client has of the folder: which items, and every change up to which one."""

    def __init__(self, folder, state):
        self._folder = folder
        self._known = _numbers_of(state.get("known", []))
        self._upto = state.get("upto", 0)
        self.is_complete = False

    def take(self, most, newest_change, newest_first):
        """The next changes: (Create | Update | Read | Delete, item, or the id of a deleted one)."""
        taken = self._of_the_known(most, newest_change)
        fresh = sorted((item for item in self._folder.items.values() if item.number not in self._known),
                       key=lambda item: (item.received, item.number), reverse=newest_first)
        room = fresh[:most - len(taken)] if self._upto == newest_change else []
        self._known.update(item.number for item in room)
        self.is_complete = self._upto == newest_change and len(room) == len(fresh)
        return taken + [("Create", item) for item in room]

    def state(self):
        return {"known": _ranges_of(self._known), "upto": self._upto}

    def _of_the_known(self, most, newest_change):
        last = {}
        for change, what, number, identifier in self._folder.changes_after(self._upto):
            if number in self._known:
                # A change of content hides one of the read flag; a deletion hides all.
                before = last.pop(number, (0, "", ""))[1]
                last[number] = (change, "Update" if before == "Update" and what == "Read" else what, identifier)
        taken = []
        for number, (change, what, identifier) in last.items():
            if len(taken) == most:
                return taken
            taken.append((what, identifier if what == "Delete" else self._folder.items[identifier]))
            if what == "Delete":
                self._known.discard(number)
            self._upto = change
        self._upto = newest_change
        return taken


def sync_folder_hierarchy(call):
    shape = shape_of(call.element.find(f"{M}FolderShape"))
    try:
        root = _folder(call) if call.element.find(f"{M}SyncFolderId") is not None \
            else call.mailbox().distinguished["msgfolderroot"]
        state = _opened(call, text_of(call.element, f"{M}SyncState"), root.id)
        before = state.get("folders", {})
        present = {folder.id: folder for folder in root.below()}
        parts = [f"<t:{'Update' if identifier in before else 'Create'}>{folder_xml(folder, shape, call.is_newer)}"
                 f"</t:{'Update' if identifier in before else 'Create'}>"
                 for identifier, folder in present.items() if before.get(identifier) != folder.name]
        parts += [f'<t:Delete><t:FolderId Id="{identifier}"/></t:Delete>' for identifier in before
                  if identifier not in present]
        sealed = _sealed(call, root.id, {"folders": {key: folder.name for key, folder in present.items()}})
        return response("SyncFolderHierarchy", [response_message(
            "SyncFolderHierarchy", f"<m:SyncState>{sealed}</m:SyncState>"
            "<m:IncludesLastFolderInRange>true</m:IncludesLastFolderInRange>"
            f"<m:Changes>{''.join(parts)}</m:Changes>")])
    except Refusal as refusal:
        return response("SyncFolderHierarchy", [response_message("SyncFolderHierarchy", error=refusal)])


def _folder(call):
    try:
        return call.folder(call.element.find(f"{M}SyncFolderId"))
    except Refusal as refusal:
        if refusal.code == "ErrorFolderNotFound":
            raise Refusal("ErrorSyncFolderNotFound", refusal.text) from refusal
        raise


# The state: opaque to the client, and refused when it is another folder's, was tampered with, or is too old.

def _sealed(call, folder, state):
    content = zlib.compress(json.dumps({**state, "folder": folder, "era": call.server.sync_era}).encode())
    return base64.b64encode(_seal(call, content) + content).decode()


def _opened(call, text, folder):
    if not text:
        return {}
    try:
        whole = base64.b64decode(text, validate=True)
        if not hmac.compare_digest(whole[:16], _seal(call, whole[16:])):
            raise ValueError
        state = json.loads(zlib.decompress(whole[16:]))
        if state["folder"] != folder or state["era"] != call.server.sync_era:
            raise ValueError
        return state
    except (binascii.Error, ValueError, zlib.error) as error:
        raise Refusal("ErrorInvalidSyncStateData", "Synchronization state data is corrupt or otherwise invalid.") from error


def _seal(call, content):
    return hmac.new(call.server.secret, content, hashlib.sha256).digest()[:16]


def _ranges_of(numbers):
    ranges = []
    for number in sorted(numbers):
        if ranges and ranges[-1][1] == number - 1:
            ranges[-1][1] = number
        else:
            ranges.append([number, number])
    return ranges


def _numbers_of(ranges):
    return {number for first, last in ranges for number in range(first, last + 1)}
