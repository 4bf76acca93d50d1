"""The server's side of Negotiate with Kerberos tickets (RFC 4559), by Debian's python3-gssapi."""

import os
import sys
import threading


class KerberosAcceptor:
    """keytab: with the key of HTTP/localhost; config: the realm's krb5.conf."""

    _lock = threading.Lock()

    def __init__(self, keytab, config):
        if "/usr/lib/python3/dist-packages" not in sys.path:
            sys.path.append("/usr/lib/python3/dist-packages")  # where Debian puts it, whichever Python runs the tests
        import gssapi
        self._gssapi = gssapi
        self._keytab = str(keytab)
        self._config = str(config)
        self.refused = []  # why tickets were no good

    def __call__(self, token):
        """(principal without its realm's instance, the answering token); (None, None) when the ticket is no good."""
        gssapi = self._gssapi
        with self._lock:
            before = {name: os.environ.get(name) for name in ("KRB5_CONFIG", "KRB5RCACHETYPE")}
            os.environ.update(KRB5_CONFIG=self._config, KRB5RCACHETYPE="none")
            try:
                own = gssapi.Credentials(usage="accept", store={"keytab": self._keytab})
                context = gssapi.SecurityContext(creds=own, usage="accept")
                answer = context.step(token)
                if not context.complete:
                    return None, None
                return str(context.initiator_name), answer
            except gssapi.exceptions.GSSError as error:
                self.refused.append(str(error))
                return None, None
            finally:
                for name, value in before.items():
                    if value is None:
                        os.environ.pop(name, None)
                    else:
                        os.environ[name] = value
