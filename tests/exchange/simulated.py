"""What the simulator's own tests share: a server with two users, and connections to it that are closed in the end."""

import sys
import unittest
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parents[1] / part) for part in ("support", "servers")]
from ews import Client, every  # noqa: E402
from exchange import GROMMUNIO, Exchange, faults, record  # noqa: E402,F401
from mail import a_mail  # noqa: E402,F401

ANN, BOB, SHARED = "ann@example.com", "bob@example.com", "orders@example.com"
SECRET = "Pass-Wörd-1"


class Simulated(unittest.TestCase):
    options = {}

    def setUp(self):
        self.server = Exchange({ANN: SECRET, BOB: SECRET}, **self.options)
        self.addCleanup(self.server.close)
        self.server.start()
        self.client = self.client_of(ANN)

    def client_of(self, address, password=SECRET, **options):
        client = Client(self.server, address, password, **options)
        self.addCleanup(client.connection.close)
        return client

    def text(self, tree, name):
        return every(tree, name)[0].text
