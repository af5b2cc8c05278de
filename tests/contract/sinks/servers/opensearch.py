"""A contract server: what OpenSearch documents of `_bulk`, `_mget` and index templates, as far as the sink needs it,
in memory. It is no OpenSearch; the same suite runs against a real one when TEST_OPENSEARCH_URL names it.

What it keeps of the contract: external versions (`external` takes only a higher one, `external_gte` an equal one too,
else 409 for that item alone), mappings from the template that matches the index, 413 for a body that is too long.
"""

from __future__ import annotations

import base64
import contextlib
import json
import re
import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

LOGIN = ("desk", "right")


class ContractServer:
    def __init__(self) -> None:
        self.documents: dict[str, dict[str, tuple[int, dict[str, Any]]]] = {}
        self.templates: dict[str, Any] = {}
        self.refused = "\0"  # an item that holds this is answered 400
        self.busy_items = 0  # so many items are answered 429
        self.longest = 100_000_000
        self.is_full = False
        self.port = 0
        self._open: list[socket.socket] = []
        self._lock = threading.Lock()
        self.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/search"

    def start(self) -> None:
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def do_PUT(self) -> None:
                self.do_POST()

            def do_GET(self) -> None:
                self.do_POST()

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("content-length", 0)))
                login = base64.b64encode(":".join(LOGIN).encode()).decode()
                if self.headers.get("authorization") != f"Basic {login}":
                    status, told = 401, {"error": {"type": "security_exception", "reason": "who are you"}}
                else:
                    with outer._lock:
                        status, told = outer.take(self.command, self.path, body)
                content = json.dumps(told).encode()
                self.send_response(status)
                self.send_header("content-type", "application/json")
                self.send_header("content-length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_: Any) -> None:
                pass

        class Server(ThreadingHTTPServer):
            daemon_threads = True

            def process_request(self, request: Any, client_address: Any) -> None:
                outer._open.append(request)
                super().process_request(request, client_address)

            def handle_error(self, *_: Any) -> None:
                pass  # a client that went away

        self._server = Server(("127.0.0.1", self.port), Handler)
        self.port = self._server.server_port
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        for connection in self._open:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        self._open.clear()

    def take(self, method: str, path: str, body: bytes) -> tuple[int, dict[str, Any]]:
        path = path.removeprefix("/search")
        if len(body) > self.longest:
            return 413, {}
        if method == "GET" and path == "/" and not body:
            return 200, {"version": {"distribution": "opensearch", "number": "3.0.0"}}
        if method == "PUT" and (named := re.fullmatch(r"/_index_template/([\w.%-]+)", path)):
            self.templates[named[1]] = json.loads(body)
            return 200, {"acknowledged": True}
        if method == "POST" and path == "/_bulk":
            lines = body.split(b"\n")
            assert lines.pop() == b"", "a bulk body ends with a newline"
            pairs = zip(lines[::2], lines[1::2], strict=True)
            answers = [{"index": self._index(json.loads(head)["index"], source)} for head, source in pairs]
            return 200, {"errors": any(one["index"]["status"] > 299 for one in answers), "items": answers}
        if method == "POST" and (named := re.fullmatch(r"/([\w.-]+)/_mget", path)):
            held = self.documents.get(named[1], {})
            return 200, {"docs": [_got(one, held) for one in json.loads(body)["docs"]]}
        return 400, {"error": {"type": "illegal_argument_exception", "reason": f"no handler for {path}"}}

    def _index(self, head: dict[str, Any], source: bytes) -> dict[str, Any]:
        version, document = head["version"], json.loads(source)
        told = {"_index": head["_index"], "_id": head["_id"]}
        if self.is_full:
            return told | {"status": 429, "error": {"type": "cluster_block_exception", "reason": "flood-stage"}}
        if self.busy_items > 0:
            self.busy_items -= 1
            return told | {"status": 429, "error": {"type": "rejected_execution_exception", "reason": "queue full"}}
        if document["headline"] == self.refused:
            reason = f"failed to parse field [headline]: {document['headline']}"
            return told | {"status": 400, "error": {"type": "mapper_parsing_exception", "reason": reason}}
        held = self.documents.setdefault(head["_index"], {})
        stands = held.get(head["_id"])
        is_gte = head["version_type"] == "external_gte"
        if stands is not None and (version < stands[0] or (version == stands[0] and not is_gte)):
            return told | {"status": 409, "error": {"type": "version_conflict_engine_exception", "reason": "conflict"}}
        held[head["_id"]] = (version, document)
        return told | {"status": 201 if stands is None else 200, "_version": version}


def _got(asked: dict[str, Any], held: dict[str, tuple[int, dict[str, Any]]]) -> dict[str, Any]:
    if asked["_id"] not in held:
        return {"_id": asked["_id"], "found": False}
    version, document = held[asked["_id"]]
    source = {name: document[name] for name in asked["_source"]}
    return {"_id": asked["_id"], "found": True, "_version": version, "_source": source}
