"""The stories of Exchange on servers that speak its protocol otherwise: unless long tests are wanted, parts of them."""

import sys
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parents[1] / part) for part in ("support", "servers")]
import exchange_mail  # noqa: E402
import exchange_server  # noqa: E402
from exchange import GROMMUNIO  # noqa: E402
from vocabulary import main  # noqa: E402

# Nothing but what cannot be done without.
BARE = {"mechanisms": ("basic",), "autodiscover": False, "chunked": True, "heartbeat": 1.0, "heartbeat_kind": "event",
        "strict_affinity": True,
        "dialect": {"prefix": "", "content_type": "text/xml", "fraction": 9, "bom": True, "declaration": False,
                    "one_namespace": True, "illegal_references": True}}
# Few properties of mails, a connection for each request, the oldest first.
POOR = {"mechanisms": ("ntlm",), "autodiscover": False,
        "dialect": {"prefix": "SOAP-ENV", "fraction": 3, "stream": "same", "decimal_tags": True},
        "habits": {"plain_faults": True, "find_leaves_out_nothing": True, "sync_order": "oldest", "ignores_most": True,
                   "cookies": False, "closes": True, "wants_soap_action": True, "knows": "few"}}
SERVERS = {"Grommunio": GROMMUNIO, "Bare": BARE, "Poor": POOR}

for server, options in SERVERS.items():
    for kind in (exchange_mail.Mail, exchange_mail.Once, exchange_server.Push):
        name = kind.__name__ + "On" + server
        globals()[name] = type(name, (kind,), {"dovecot_options": options, "most_reading": 60, "most_requests": 120,
                                               "a_login_lasts": False})


if __name__ == "__main__":
    main()
