"""One conditional GET, against real servers on the loopback address."""

from __future__ import annotations

import gzip
import http.server
import socket
import socketserver
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from worker.polling.fetch import FetchError, Limits, fetch, is_public

OPEN = Limits(timeout_s=5, allow_private=True)
Answer = tuple[int, dict[str, str], bytes]
Serve = Callable[[Callable[[Any], Answer]], str]


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Starts a server that answers as a function of the request says; gives its address."""
    servers: list[socketserver.ThreadingTCPServer] = []

    def start(answer: Callable[[Any], Answer]) -> str:
        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                status, headers, body = answer(self)
                self.send_response(status)
                for name, value in {"Content-Length": str(len(body)), **headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *arguments: object) -> None:
                pass

        server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
        servers.append(server)
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        return f"http://127.0.0.1:{server.server_address[1]}"

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


def reason_of(url: str, limits: Limits = OPEN) -> str:
    with pytest.raises(FetchError) as caught:
        fetch(url, limits)
    return caught.value.reason


def test_a_feed_that_has_not_changed_is_not_sent_again(serve: Serve) -> None:
    def answer(request: Any) -> Answer:
        if request.headers["If-None-Match"] == '"v1"':
            return 304, {"ETag": '"v1"'}, b""
        return 200, {"ETag": '"v1"', "Last-Modified": "Mon, 05 Jan 2026 10:00:00 GMT"}, b"<rss/>"

    base = serve(answer)
    first = fetch(f"{base}/feed?a=1", OPEN)

    again = fetch(f"{base}/feed?a=1", OPEN, etag=first.etag, last_modified=first.last_modified)

    assert (first.body, first.last_modified) == (b"<rss/>", "Mon, 05 Jan 2026 10:00:00 GMT")
    assert again.body is None


def test_a_compressed_answer_is_unpacked_within_the_limit(serve: Serve) -> None:
    base = serve(lambda _: (200, {"Content-Encoding": "gzip"}, gzip.compress(b"<rss/>" * 1000)))

    assert fetch(base, OPEN).body == b"<rss/>" * 1000
    assert reason_of(base, Limits(max_bytes=5000, allow_private=True)) == "too_large"


def test_more_than_the_limit_is_refused_whether_its_length_is_told_or_not(serve: Serve) -> None:
    told = serve(lambda _: (200, {}, b"x" * 3000))
    untold = serve(lambda request: (200, {"Connection": "close", "Content-Length": ""}, b"x" * 3000))
    limits = Limits(max_bytes=2000, allow_private=True)

    assert (reason_of(told, limits), reason_of(untold, limits)) == ("too_large", "too_large")


def test_redirects_are_followed_and_end(serve: Serve) -> None:
    goal = serve(lambda _: (200, {}, b"<rss/>"))
    moved = serve(lambda _: (301, {"Location": f"{goal}/new"}, b""))
    circle = serve(lambda _: (302, {"Location": "/again"}, b""))

    assert fetch(moved, OPEN).body == b"<rss/>"
    assert reason_of(circle) == "too_many_redirects"


def test_private_addresses_are_refused_before_anything_is_sent(serve: Serve) -> None:
    asked: list[str] = []

    def answer(request: Any) -> Answer:
        asked.append(request.path)
        return 200, {}, b"<rss/>"

    port = serve(answer).rpartition(":")[2]

    reasons = {reason_of(f"http://{host}:{port}/", Limits()) for host in ("127.0.0.1", "localhost", "0x7f.1", "[::1]")}

    assert reasons <= {"private_address", "unknown_host"}
    assert asked == []


def test_a_redirect_into_a_private_network_is_refused(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def answer(request: Any) -> Answer:
        asked.append(request.path)
        return 302, {"Location": f"http://127.0.0.1:{port}/secret"}, b""

    port = serve(answer).rpartition(":")[2]
    # A name of the open internet, as far as the check can see, that the test's server stands for.
    look_up = socket.getaddrinfo
    monkeypatch.setattr(
        socket,
        "getaddrinfo",
        lambda host, *rest, **more: (
            look_up("127.0.0.1" if host == "93.184.215.14" else host, *rest, **more)
            if host != "feed.example"
            else [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("93.184.215.14", int(port)))]
        ),
    )

    assert reason_of(f"http://feed.example:{port}/start", Limits(timeout_s=5)) == "private_address"
    assert asked == ["/start"]


def test_the_connection_goes_to_the_address_that_was_checked(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    hosts: list[str] = []

    def answer(request: Any) -> Answer:
        hosts.append(request.headers["Host"])
        return 200, {}, b"<rss/>"

    port = serve(answer).rpartition(":")[2]
    look_up = socket.getaddrinfo
    asked: list[str] = []

    def once(host: str, *rest: Any, **more: Any) -> Any:
        asked.append(host)
        return look_up("127.0.0.1" if host == "feed.example" else host, *rest, **more)

    monkeypatch.setattr(socket, "getaddrinfo", once)

    body = fetch(f"http://feed.example:{port}/", OPEN).body

    assert body == b"<rss/>"
    assert hosts == [f"feed.example:{port}"]
    assert asked.count("feed.example") == 1  # a second look-up could give another address


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n<rss>", "cut"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n40\r\n<rss>", "unreachable"),
        (b"nonsense\r\n\r\n", "unreachable"),
        (b"", "unreachable"),
    ],
    ids=["cut", "cut chunk", "nonsense", "nothing"],
)
def test_an_answer_that_is_no_whole_answer_is_no_feed(answer: bytes, reason: str) -> None:
    with RawServer(answer) as base:
        assert reason_of(base) == reason


@pytest.mark.parametrize(
    "begin", [b"", b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 200 OK\r\n\r\n<rss>"], ids=["silent", "head", "body"]
)
def test_a_server_that_trickles_is_cut_off_in_time(begin: bytes) -> None:
    with RawServer(begin, then=b"x") as base:
        began = time.monotonic()

        assert reason_of(base, Limits(timeout_s=0.2, allow_private=True)) == "timeout"
        assert time.monotonic() - began < 3


def test_what_a_server_asks_to_wait_is_told(serve: Serve) -> None:
    base = serve(lambda _: (429, {"Retry-After": "120"}, b""))

    with pytest.raises(FetchError) as caught:
        fetch(base, OPEN)

    assert (caught.value.reason, caught.value.retry_after_s) == ("http_429", 120.0)


@pytest.mark.parametrize(
    "url",
    [
        "ftp://feed.example/",
        "file:///etc/passwd",
        "http://",
        "http://user:secret@feed.example/",
        "http://a:b:c/",
        "gopher://x",
    ],
)
def test_only_plain_http_addresses_are_fetched(url: str) -> None:
    with pytest.raises(FetchError) as caught:
        fetch(url, Limits())

    assert caught.value.reason == "bad_address"
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1",
        "255.255.255.255", "::1", "::", "fe80::1%eth0", "fd00::1", "::ffff:127.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::", "no",
    ],
)  # fmt: skip
def test_addresses_that_are_not_of_the_open_internet(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize(
    "address", ["93.184.215.14", "2606:4700::6810:84e5", "64:ff9b::5db8:d70e", "::ffff:93.184.215.14"]
)
def test_addresses_of_the_open_internet(address: str) -> None:
    assert is_public(address)


class RawServer:
    """A server that sends these bytes to whoever comes; then a byte at a time, or nothing."""

    def __init__(self, begin: bytes, then: bytes = b"") -> None:
        self._begin, self._then = begin, then
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._over = threading.Event()

    def __enter__(self) -> str:
        threading.Thread(target=self._serve, daemon=True).start()
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}/"

    def _serve(self) -> None:
        try:
            client, _ = self._listener.accept()
            with client:
                client.recv(4096)
                client.sendall(self._begin)
                while self._then and not self._over.wait(0.05):
                    client.sendall(self._then)
        except OSError:
            pass

    def __exit__(self, *error: object) -> None:
        self._over.set()
        self._listener.close()
