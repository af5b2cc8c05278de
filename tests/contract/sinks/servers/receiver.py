"""An endpoint that takes webhooks on loopback. Signatures are checked by another library than the one that made them."""

from __future__ import annotations

import contextlib
import json
import socket
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple

from standardwebhooks.webhooks import Webhook, WebhookVerificationError

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"  # of the tests only


class Request(NamedTuple):
    headers: dict[str, str]
    body: bytes


Answer = tuple[int, dict[str, str]]


class Receiver:
    """Takes what is signed. `script` may answer a request otherwise: a status with headers, or None."""

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self.taken: list[dict[str, Any]] = []
        self.script: Callable[[Request], Answer | None] = lambda request: None
        self.answer_body = b"thank you"
        self.port = 0
        self._open: list[socket.socket] = []
        self.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hooks/t0ken"

    def start(self) -> None:
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                request = Request({name.lower(): value for name, value in self.headers.items()}, body)
                status, headers = receiver.take(request)
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("content-length", str(len(receiver.answer_body)))
                self.end_headers()
                self.wfile.write(receiver.answer_body)

            def log_message(self, *_: Any) -> None:
                pass

        class Server(ThreadingHTTPServer):
            daemon_threads = True

            def process_request(self, request: Any, client_address: Any) -> None:
                receiver._open.append(request)
                super().process_request(request, client_address)

            def handle_error(self, *_: Any) -> None:
                pass  # a client that went away

        self._server = Server(("127.0.0.1", self.port), Handler)
        self.port = self._server.server_port
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def stop(self) -> None:
        """Take no more connections, and cut the kept ones."""
        self._server.shutdown()
        self._server.server_close()
        for connection in self._open:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        self._open.clear()

    def take(self, request: Request) -> Answer:
        self.requests.append(request)
        answer = self.script(request)
        if answer is not None:
            return answer
        if "webhook-signature" in request.headers:
            try:
                Webhook(SECRET).verify(request.body, request.headers)
            except WebhookVerificationError:
                return 401, {}
        self.taken.append(json.loads(request.body))
        return 200, {}
