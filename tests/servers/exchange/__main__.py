"""`python3 -m exchange`: see server.py."""

import argparse
import json
import signal
import sys
import threading
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from exchange.server import Exchange  # noqa: E402


def main():
    parser = argparse.ArgumentParser(description="A private, simulated Exchange Server; stays until interrupted.")
    parser.add_argument("--user", action="append", default=[], metavar="ADDRESS:PASSWORD")
    parser.add_argument("--version", default="2016")
    parser.add_argument("--mechanisms", default="negotiate,ntlm,basic")
    options = parser.parse_args()
    stopped = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopped.set())
    users = dict(user.split(":", 1) for user in options.user)
    with Exchange(users, version=options.version, mechanisms=options.mechanisms.split(",")) as server:
        print(json.dumps(server.describe()), flush=True)
        stopped.wait()


if __name__ == "__main__":
    main()
