"""Versions of Exchange Server: what they call themselves and which requests they understand."""

# RequestServerVersion, oldest first (MS-OXWSCDATA 2.2.3.10).
_SCHEMAS = ["Exchange2007", "Exchange2007_SP1", "Exchange2010", "Exchange2010_SP1", "Exchange2010_SP2",
            "Exchange2013", "Exchange2013_SP1", "Exchange2015", "Exchange2016"]

# name: newest schema that it knows, build, what ServerVersionInfo says of the schema
_SERVERS = {
    "2010": ("Exchange2010", (14, 0, 722, 0), "Exchange2010"),
    "2010 SP1": ("Exchange2010_SP1", (14, 1, 438, 0), "Exchange2010_SP1"),
    "2010 SP2": ("Exchange2010_SP2", (14, 2, 247, 5), "Exchange2010_SP2"),
    "2010 SP3": ("Exchange2010_SP2", (14, 3, 513, 0), "Exchange2010_SP2"),
    "2013": ("Exchange2013_SP1", (15, 0, 1497, 48), "V2_23"),
    "2016": ("Exchange2016", (15, 1, 2507, 61), "V2017_07_11"),
    "2019": ("Exchange2016", (15, 2, 1748, 39), "V2017_07_11"),
    "SE": ("Exchange2016", (15, 2, 2562, 37), "V2017_07_11"),
}

# Elements, attributes and properties that came later.
_SINCE_2010_SP1 = {"StreamingSubscriptionRequest", "GetStreamingEvents"}
_SINCE_2013 = {"SuppressReadReceipts", "SyncScope", "NormalizedBodyType", "item:Flag", "item:Preview", "item:TextBody",
               "item:InstanceKey", "item:NormalizedBody", "item:IconIndex", "item:MimeContentUTF8", "item:PolicyTag",
               "item:RetentionDate", "item:StoreEntryId", "folder:DistinguishedFolderId", "folder:PolicyTag"}

_PARTS = ("MajorVersion", "MinorVersion", "MajorBuildNumber", "MinorBuildNumber")


class Version:
    def __init__(self, name):
        if name not in _SERVERS:
            raise ValueError(f"no such version of Exchange: {name}; there are {', '.join(_SERVERS)}")
        self.name = name
        self._newest, self.build, self._label = _SERVERS[name]

    def understands(self, requested):
        """Whether a request of this RequestServerVersion is answered; without one it is of Exchange 2007."""
        return requested is None or requested in _SCHEMAS[:_SCHEMAS.index(self._newest) + 1]

    def refuses(self, element):
        """What of this request the server's own schema does not know; None when it knows all of it."""
        unknown = _SINCE_2013 if self.build[0] < 15 else set()
        if self.name == "2010":
            unknown = unknown | _SINCE_2010_SP1
        for one in element.iter():
            name = one.tag.rsplit("}", 1)[-1]
            found = {name, *one.keys(), one.get("FieldURI")} & unknown
            if found:
                return found.pop()
        return None

    @property
    def lists_newest_first(self):
        """In SyncFolderItems, since 2010 SP2; before, the oldest."""
        return self.build >= (14, 2)

    def attributes(self):
        """Those of ServerVersionInfo, as in an XML start tag."""
        numbers = " ".join(f'{part}="{number}"' for part, number in zip(_PARTS, self.build))
        return f'{numbers} Version="{self._label}"'


def at_least(requested, schema):
    """Whether a request is of this schema or a newer one."""
    return requested is not None and _SCHEMAS.index(requested) >= _SCHEMAS.index(schema)
