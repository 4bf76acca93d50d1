"""A simulator of Exchange Server, as far as Exchange Web Services go: see server.py."""

from .server import Exchange  # noqa: F401
