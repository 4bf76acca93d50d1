"""A simulator of Exchange Server, as far as Exchange Web Services go: see server.py."""

from .habits import GROMMUNIO  # noqa: F401
from .server import Exchange  # noqa: F401
