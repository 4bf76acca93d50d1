"""GetFolder, FindFolder, CreateFolder, DeleteFolder (MS-OXWSFOLD, MS-OXWSSRCH)."""

from .properties import folder_id, folder_xml, shape_of
from .restrictions import condition
from .soap import M, T, Refusal, response, response_message, text_of


def get_folder(call):
    shape = shape_of(call.element.find(f"{M}FolderShape"))
    messages = []
    for wish in call.element.find(f"{M}FolderIds"):
        try:
            found = folder_xml(call.folder_named(wish), shape, call.is_newer)
            messages.append(response_message("GetFolder", f"<m:Folders>{found}</m:Folders>"))
        except Refusal as refusal:
            messages.append(response_message("GetFolder", "<m:Folders/>", refusal))
    return response("GetFolder", messages)


def find_folder(call):
    shape = shape_of(call.element.find(f"{M}FolderShape"))
    deep = call.element.get("Traversal") == "Deep"
    restriction = call.element.find(f"{M}Restriction")
    holds = condition(restriction[0], _value_of) if restriction is not None else lambda folder: True
    messages = []
    for wish in call.element.find(f"{M}ParentFolderIds"):
        try:
            parent = call.folder_named(wish)
            found = [folder for folder in (parent.below() if deep else parent.children) if holds(folder)]
            if not found and call.server.habits.find_leaves_out_nothing:
                messages.append(response_message("FindFolder"))
                continue
            page, attributes = paged(found, call.element.find(f"{M}IndexedPageFolderView"))
            inside = "".join(folder_xml(folder, shape, call.is_newer) for folder in page)
            messages.append(response_message(
                "FindFolder", f"<m:RootFolder {attributes}><t:Folders>{inside}</t:Folders></m:RootFolder>"))
        except Refusal as refusal:
            messages.append(response_message("FindFolder", error=refusal))
    return response("FindFolder", messages)


def create_folder(call):
    messages = []
    for wish in call.element.find(f"{M}Folders"):
        try:
            parent = call.folder(call.element.find(f"{M}ParentFolderId"))
            name = text_of(wish, f"{T}DisplayName", "")
            if any(child.name.lower() == name.lower() for child in parent.children):
                raise Refusal("ErrorFolderExists", "A folder with the specified name already exists.")
            made = call.owner(parent).add_folder(name, parent, text_of(wish, f"{T}FolderClass", "IPF.Note"))
            messages.append(response_message(
                "CreateFolder", f"<m:Folders><t:Folder>{folder_id(made)}</t:Folder></m:Folders>"))
        except Refusal as refusal:
            messages.append(response_message("CreateFolder", "<m:Folders/>", refusal))
    return response("CreateFolder", messages)


def delete_folder(call):
    messages = []
    for wish in call.element.find(f"{M}FolderIds"):
        try:
            folder = call.folder_named(wish)
            if folder.distinguished:
                raise Refusal("ErrorDeleteDistinguishedFolder", "Distinguished folders cannot be deleted.")
            call.owner(folder).remove_folder(folder)
            messages.append(response_message("DeleteFolder"))
        except Refusal as refusal:
            messages.append(response_message("DeleteFolder", error=refusal))
    return response("DeleteFolder", messages)


def paged(found, view, most=1000):
    """(the page of an IndexedPage…View, the attributes of RootFolder)."""
    offset, wanted = 0, most
    if view is not None:
        offset = int(view.get("Offset"))
        wanted = int(view.get("MaxEntriesReturned", most))
        if offset < 0 or wanted < 1:
            raise Refusal("ErrorInvalidIndexedPagingParameters", "Paging parameters are not valid.")
        if view.get("BasePoint") == "End":
            end = max(0, len(found) - offset)
            start = max(0, end - min(wanted, most))
            return found[start:end], _paging(offset + end - start, start == 0, len(found))
    page = found[offset:offset + min(wanted, most)]
    return page, _paging(offset + len(page), offset + len(page) >= len(found), len(found))


def _paging(next_offset, is_last, total):
    return (f'IndexedPagingOffset="{next_offset}" TotalItemsInView="{total}" '
            f'IncludesLastItemInRange="{"true" if is_last else "false"}"')


def _value_of(folder, uri):
    known = {"folder:DisplayName": folder.name, "folder:FolderClass": folder.kind, "0x3613": folder.kind,
             "folder:TotalCount": len(folder.items), "folder:ChildFolderCount": len(folder.children),
             "folder:UnreadCount": folder.unread, "0x3601": "1"}
    if uri not in known:
        raise Refusal("ErrorUnsupportedPathForQuery", f"The property can't be searched for: {uri}")
    return known[uri]
