"""A token endpoint of OAuth 2.0 for tests (RFC 6749), and the introspection (RFC 7662) that a mail server asks it for.

    with TokenServer() as tokens:
        client = tokens.add_client(user="ann@example.com")     # .id, .secret, .refresh
        tokens.endpoint                                        # http://127.0.0.1:PORT/token
"""

import base64
import json
import secrets
import ssl
import threading
import time
import urllib.parse
from http.server import BaseHTTPRequestHandler

from web_server import WebServer


class Client:
    def __init__(self, user):
        self.id = "client-" + secrets.token_hex(4)
        self.secret = "client-secret-" + secrets.token_hex(12)
        self.previous = None  # the refresh token before this one, until this one has been used
        self.refresh = "refresh-token-" + secrets.token_hex(12)
        self.user = user
        self.consent = True


class TokenServer(WebServer):
    """`lifetime`: seconds that an access token is good for; `rotates`: a refresh token is good until the one
    that was given for it has been used.

    `faults` holds answers to give first, as (status, headers, body). `asked` tells of each request to /token: its
    grant, the client, the answer's error or None, and when. `issued` are the access tokens given out, in order.
    """

    def __init__(self, lifetime=3600, rotates=False, secret_in="form"):
        self.lifetime = lifetime
        self.rotates = rotates
        self.secret_in = secret_in
        self.faults = []
        self.asked = []
        self.issued = []
        self._clients = {}
        self._tokens = {}
        self._lock = threading.Lock()
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                size = int(self.headers.get("Content-Length", 0))
                form = dict(urllib.parse.parse_qsl(self.rfile.read(size).decode(), keep_blank_values=True))
                answer = {"/token": server._token, "/introspect": server._introspect}.get(self.path)
                status, headers, body = answer(form, self.headers) if answer else (404, {}, "")
                content = body.encode() if isinstance(body, str) else json.dumps(body).encode()
                self.send_response(status)
                for name, value in {"Content-Type": "application/json", "Content-Length": len(content), **headers}.items():
                    self.send_header(name, str(value))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_):
                pass

        super().__init__(Handler)
        self._handler = Handler
        self.base = f"http://127.0.0.1:{self.port}"
        self.endpoint = self.base + "/token"

    def encrypted(self, certificate, key):
        """A second door to the same endpoint, by https: its `port`, and `close()`."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        return WebServer(self._handler, context)

    def add_client(self, user):
        client = Client(user)
        with self._lock:
            self._clients[client.id] = client
        return client

    def revoke(self, token):
        """The mail server does not take it any more, whenever it would have lapsed."""
        with self._lock:
            self._tokens.pop(token, None)

    def of(self, client):
        with self._lock:
            return [one for one in self.asked if one["client"] == client.id]

    def _token(self, form, headers):
        with self._lock:
            client, secret = form.get("client_id", ""), form.get("client_secret", "")
            header = headers.get("Authorization", "")
            if header.startswith("Basic "):
                client, secret = (urllib.parse.unquote(part)
                                  for part in base64.b64decode(header[6:]).decode().split(":", 1))
            status, more, body = self.faults.pop(0) if self.faults else \
                self._grant(form, client, secret, "header" if header else "form")
            error = body.get("error") if isinstance(body, dict) else f"HTTP {status}"
            self.asked.append({"grant": form.get("grant_type"), "scope": form.get("scope"), "client": client,
                               "error": error, "at": time.monotonic()})
            return status, more, body

    def _grant(self, form, name, secret, secret_in):
        client = self._clients.get(name)
        if client is None or secret != client.secret or secret_in != self.secret_in:
            return 401, {}, {"error": "invalid_client", "error_description": "Unknown client or wrong secret"}
        answer = {}
        if form.get("grant_type") == "refresh_token":
            shown = form.get("refresh_token")
            if not client.consent or shown not in (client.refresh, client.previous):
                return 400, {}, {"error": "invalid_grant",
                                 "error_description": "AADSTS70000: The provided grant has been revoked."}
            if self.rotates:
                client.previous = shown
                client.refresh = answer["refresh_token"] = "refresh-token-" + secrets.token_hex(12)
        elif form.get("grant_type") != "client_credentials":
            return 400, {}, {"error": "unsupported_grant_type"}
        elif not client.consent:
            return 400, {}, {"error": "unauthorized_client"}
        token = "access-token-" + secrets.token_hex(16)
        self.issued.append(token)
        self._tokens[token] = (client.user, time.monotonic() + self.lifetime)
        return 200, {}, {"access_token": token, "token_type": "Bearer", "expires_in": self.lifetime, **answer}

    def owner_of(self, token):
        """Whose token that is; None of one that is not known or has lapsed."""
        with self._lock:
            user, lapses = self._tokens.get(token, (None, 0))
        return None if user is None or time.monotonic() > lapses else user

    def _introspect(self, form, _):
        user = self.owner_of(form.get("token", ""))
        if user is None:
            return 200, {}, {"active": False}
        return 200, {}, {"active": True, "username": user, "scope": "mail"}
