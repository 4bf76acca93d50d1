"""A web server on a port of its own, in threads of the test."""

import threading
from http.server import ThreadingHTTPServer

from lifetime import Lifetime


class WebServer(Lifetime):
    """Serves as soon as it is made. `context` encrypts it."""

    def __init__(self, handler, context=None):
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._server.daemon_threads = True
        if context is not None:
            self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self.port = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        self._thread.start()

    def start(self):
        return self

    def close(self):
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
