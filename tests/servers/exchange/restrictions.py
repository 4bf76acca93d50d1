"""Restrictions of FindItem and FindFolder: MS-OXWSSRCH, evaluated on values."""

import datetime

from .soap import T, Refusal

_COMPARED = {
    "IsEqualTo": lambda one, other: one == other,
    "IsNotEqualTo": lambda one, other: one != other,
    "IsGreaterThan": lambda one, other: one > other,
    "IsGreaterThanOrEqualTo": lambda one, other: one >= other,
    "IsLessThan": lambda one, other: one < other,
    "IsLessThanOrEqualTo": lambda one, other: one <= other,
}


def condition(element, value_of):
    """A function of a thing that tells whether the SearchExpression holds. value_of(thing, uri) gives a property."""
    name = element.tag.removeprefix(T)
    if name in ("And", "Or"):
        parts = [condition(part, value_of) for part in element]
        together = all if name == "And" else any
        return lambda thing: together(part(thing) for part in parts)
    if name == "Not":
        inner = condition(element[0], value_of)
        return lambda thing: not inner(thing)
    if name == "Exists":
        uri = _uri(element[0])
        return lambda thing: value_of(thing, uri) not in (None, "", ())
    if name == "Contains":
        return _contains(element, value_of)
    if name in _COMPARED:
        uri, wanted = _uri(element[0]), element.find(f"{T}FieldURIOrConstant/{T}Constant")
        if wanted is None:
            raise Refusal("ErrorUnsupportedQueryFilter", "Only constants are compared with.")
        return lambda thing: _holds(name, value_of(thing, uri), wanted.get("Value"))
    raise Refusal("ErrorUnsupportedQueryFilter", f"The restriction is not supported: {name}")


def moment(text):
    """An xs:dateTime; without a zone it is in UTC."""
    parsed = datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))
    return parsed if parsed.tzinfo else parsed.replace(tzinfo=datetime.timezone.utc)


def _uri(path):
    if path.tag == f"{T}FieldURI":
        return path.get("FieldURI")
    if path.tag == f"{T}ExtendedFieldURI":
        return path.get("PropertyTag", "").lower()
    raise Refusal("ErrorUnsupportedPathForQuery", "The property can't be searched for.")


def _holds(name, value, constant):
    if value is None:
        return name == "IsNotEqualTo"
    try:
        if isinstance(value, bool):
            wanted = constant.lower() in ("true", "1")
        elif isinstance(value, datetime.datetime):
            wanted = moment(constant)
        else:
            wanted = type(value)(constant)
    except ValueError as error:
        raise Refusal("ErrorInvalidRestriction", f"The value is not of the property's type: {constant}") from error
    if isinstance(value, str):
        value, wanted = value.lower(), wanted.lower()
    return _COMPARED[name](value, wanted)


def _contains(element, value_of):
    uri, wanted = _uri(element[0]), element.find(f"{T}Constant").get("Value")
    mode = element.get("ContainmentMode", "FullString")
    exact = element.get("ContainmentComparison", "Exact") == "Exact"

    def folded(text):
        return text if exact else text.lower()

    def holds(thing):
        value = value_of(thing, uri)
        values = value if isinstance(value, tuple) else (value or "",)
        for text in values:
            text, sought = folded(str(text)), folded(wanted)
            if {"FullString": text == sought, "Prefixed": text.startswith(sought),
                    "PrefixOnWords": any(word.startswith(sought) for word in text.split())}.get(mode, sought in text):
                return True
        return False

    return holds
