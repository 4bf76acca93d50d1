"""An HTTP proxy (CONNECT only) for tests, which leads to a port of this machine whatever the host's name.

    with WebProxy({"login.example.com": port}, login="robot:secret") as proxy:
        proxy.address            # http://robot:secret@127.0.0.1:PORT, for HttpProxy
        proxy.asked              # ["login.example.com:443", …]
"""

import base64
import select
import socket
from http.server import BaseHTTPRequestHandler

from web_server import WebServer


class WebProxy(WebServer):
    def __init__(self, ports, login=None):
        self.asked = []
        self.login = login
        proxy = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_CONNECT(self):
                proxy.asked.append(self.path)
                host = self.path.rsplit(":", 1)[0]
                if proxy.login and self.headers.get("Proxy-Authorization") != proxy.credentials():
                    self.send_response(407)
                    self.send_header("Proxy-Authenticate", 'Basic realm="proxy"')
                    self.send_header("Content-Length", "0")
                    self.end_headers()
                elif host not in ports:
                    self.send_error(502, "No such host")
                else:
                    self.send_response(200, "Connection established")
                    self.end_headers()
                    self.join_with(ports[host])

            def join_with(self, port):
                self.close_connection = True
                with socket.create_connection(("127.0.0.1", port), timeout=10) as server:
                    other = {server: self.connection, self.connection: server}
                    while True:
                        for end in select.select(list(other), [], [], 30)[0]:
                            try:
                                piece = end.recv(65536)
                                other[end].sendall(piece)
                            except OSError:
                                return
                            if not piece:
                                return

            def log_message(self, *_):
                pass

        super().__init__(Handler)
        user = f"{login}@" if login else ""
        self.address = f"http://{user}127.0.0.1:{self.port}"

    def credentials(self):
        return "Basic " + base64.b64encode(self.login.encode()).decode()
