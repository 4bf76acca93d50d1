"""Which operation is answered by what."""

from . import folders, items, small, subscriptions, sync
from .soap import M, response, response_message

OPERATIONS = {
    "GetFolder": folders.get_folder, "FindFolder": folders.find_folder, "CreateFolder": folders.create_folder,
    "DeleteFolder": folders.delete_folder,
    "GetItem": items.get_item, "FindItem": items.find_item, "UpdateItem": items.update_item,
    "MoveItem": items.move_item, "CopyItem": items.copy_item, "DeleteItem": items.delete_item,
    "CreateItem": items.create_item,
    "SyncFolderItems": sync.sync_folder_items, "SyncFolderHierarchy": sync.sync_folder_hierarchy,
    "Subscribe": subscriptions.subscribe, "Unsubscribe": subscriptions.unsubscribe, "GetEvents": subscriptions.get_events,
    "ConvertId": small.convert_id, "ResolveNames": small.resolve_names, "GetServerTimeZones": small.time_zones,
}

# What a response message must hold even if it tells of an error.
_NOTHING = {"GetFolder": "<m:Folders/>", "CreateFolder": "<m:Folders/>", "GetItem": "<m:Items/>", "MoveItem": "<m:Items/>",
            "UpdateItem": "<m:Items/>", "CopyItem": "<m:Items/>", "CreateItem": "<m:Items/>"}


# Where the wishes of a batch stand, each of which has a response message of its own.
_WISHES = ("ItemIds", "ItemChanges", "FolderIds", "ParentFolderIds")


def refused(envelope, refusal):
    """The answer that says no to each wish."""
    count = max([1] + [len(found) for found in (envelope.element.find(M + name) for name in _WISHES) if found is not None])
    message = response_message(envelope.operation, _NOTHING.get(envelope.operation, ""), refusal)
    return response(envelope.operation, [message] * count)
