"""The budget of each account: more requests than it allows, and Exchange asks to be left alone for a while."""

import time
from collections import deque

from .soap import Refusal


class Throttle:
    """requests within seconds; off until it is set. Who asks during the wait prolongs it."""

    def __init__(self):
        self.refused = 0
        self.prolonged = 0
        self._limit = None
        self._seen = {}
        self._until = {}

    def set(self, requests=None, seconds=1.0, back_off=1.0):
        self._limit = None if requests is None else (requests, seconds, back_off)
        self._seen.clear()
        self._until.clear()

    def check(self, address):
        if self._limit is None:
            return
        requests, seconds, back_off = self._limit
        moment = time.monotonic()
        seen = self._seen.setdefault(address, deque())
        while seen and seen[0] < moment - seconds:
            seen.popleft()
        waits = self._until.get(address, 0) > moment
        self.prolonged += waits
        if waits or len(seen) >= requests:
            self.refused += 1
            self._until[address] = moment + back_off
            raise Refusal("ErrorServerBusy", "The server cannot service this request right now. Try again later.",
                          fault=True, values=[("BackOffMilliseconds", int(back_off * 1000))])
        seen.append(moment)
