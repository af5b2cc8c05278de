"""One conditional GET, within limits, to checked addresses only.

On the standard library: the one thing that matters here, to connect to the very address that was checked, is an
override of one method, and 500 feeds an hour need no connection pool. No proxy, no cookie, no page: feeds only.
"""

from __future__ import annotations

import contextlib
import http.client
import ipaddress
import socket
import ssl
import threading
import time
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import cache
from urllib.parse import urljoin, urlsplit

from worker import __version__

USER_AGENT = f"copydesk/{__version__} (feed reader)"
ACCEPT = "application/rss+xml, application/atom+xml, application/feed+json, application/xml;q=0.9, */*;q=0.5"
REDIRECTS = 5
MOVED = (301, 302, 303, 307, 308)
_EMBEDDED = ipaddress.IPv6Network("64:ff9b::/96")  # NAT64: an IPv4 address in its last 32 bits


class FetchError(Exception):
    """The feed was not to be had. `reason` is short and stable; the text is a sentence without the address."""

    def __init__(self, reason: str, detail: str, *, retry_after_s: float | None = None) -> None:
        super().__init__(detail)
        self.reason = reason
        self.retry_after_s = retry_after_s


@dataclass(frozen=True)
class Limits:
    """What one fetch may use."""

    timeout_s: float = 20.0  # for all of it
    max_bytes: int = 16 * 1024 * 1024  # as sent, and unpacked
    allow_private: bool = False


@dataclass(frozen=True)
class Fetched:
    """What came back. `body` is None when the feed has not changed."""

    body: bytes | None
    etag: str | None = None
    last_modified: str | None = None


def fetch(url: str, limits: Limits, *, etag: str | None = None, last_modified: str | None = None) -> Fetched:
    """The feed at `url`, unless it is the one that `etag` or `last_modified` name. Raises FetchError."""
    asked = {"User-Agent": USER_AGENT, "Accept": ACCEPT, "Accept-Encoding": "gzip"}
    if etag:
        asked["If-None-Match"] = etag
    if last_modified:
        asked["If-Modified-Since"] = last_modified
    until = time.monotonic() + limits.timeout_s
    for _ in range(REDIRECTS + 1):
        answer = _once(url, asked, limits, until)
        if isinstance(answer, Fetched):
            return answer
        url = urljoin(url, answer)
    raise FetchError("too_many_redirects", f"more than {REDIRECTS} redirects")


def _once(url: str, asked: Mapping[str, str], limits: Limits, until: float) -> Fetched | str:
    """What one request brings: the feed, or the address it has moved to."""
    connection = _connection(url, limits, until)
    # The socket's own timeout begins anew with every byte; a server that trickles is cut off here.
    watch = threading.Timer(max(0.0, until - time.monotonic()), connection.cut)
    watch.daemon = True
    watch.start()
    try:
        parts = urlsplit(url)
        connection.request("GET", (parts.path or "/") + (f"?{parts.query}" if parts.query else ""), headers=dict(asked))
        response = connection.getresponse()
        if response.status in MOVED and (target := response.headers.get("Location")):
            return target
        if response.status == 304:
            return Fetched(None, response.headers.get("ETag"), response.headers.get("Last-Modified"))
        if response.status != 200:
            wait_s = _wait_of(response.headers.get("Retry-After"))
            raise FetchError(f"http_{response.status}", f"the server answered {response.status}", retry_after_s=wait_s)
        body = _body(response, limits.max_bytes)
        if time.monotonic() >= until:
            raise TimeoutError  # it was cut off, which may look like an end
        return Fetched(body, response.headers.get("ETag"), response.headers.get("Last-Modified"))
    except (OSError, http.client.HTTPException, ValueError, AttributeError) as exc:
        if time.monotonic() >= until or isinstance(exc, TimeoutError):
            raise FetchError("timeout", f"no whole answer within {limits.timeout_s:g} s") from exc
        if isinstance(exc, ssl.SSLError):
            raise FetchError("tls", f"no safe connection: {exc.reason}") from exc
        raise FetchError("unreachable", f"the connection failed: {type(exc).__name__}") from exc
    finally:
        watch.cancel()
        connection.close()


def _body(response: http.client.HTTPResponse, most: int) -> bytes:
    sent = response.read(most + 1)
    if len(sent) > most:
        raise FetchError("too_large", f"more than {most:,} bytes")
    if response.length:
        raise FetchError("cut", "the answer ended too early")
    if response.headers.get("Content-Encoding", "").lower() not in ("gzip", "x-gzip") or not sent.startswith(
        b"\x1f\x8b"
    ):
        return sent
    unpacker = zlib.decompressobj(31)
    try:
        body = unpacker.decompress(sent, most + 1)
    except zlib.error as exc:
        raise FetchError("damaged", "its compressed answer is damaged") from exc
    if len(body) > most:
        raise FetchError("too_large", f"more than {most:,} bytes, unpacked")
    if not unpacker.eof:
        raise FetchError("cut", "the answer ended too early")
    return body


class _Pinned(http.client.HTTPConnection):
    """A connection to an address that was looked up and checked before."""

    def __init__(self, host: str, port: int, addresses: list[str], until: float, *, tls: bool) -> None:
        super().__init__(host, port)
        self._addresses = addresses
        self._until = until
        self._tls = tls
        self._live: socket.socket | None = None  # http.client lets go of its own before the body is read

    def connect(self) -> None:
        refused: OSError = TimeoutError()
        for address in self._addresses:
            left_s = self._until - time.monotonic()
            if left_s <= 0:
                break
            try:
                plain = socket.create_connection((address, self.port), left_s)
            except OSError as exc:
                refused = exc
                continue
            self._live = plain
            self.sock = _tls().wrap_socket(plain, server_hostname=self.host) if self._tls else plain
            return
        raise refused

    def cut(self) -> None:
        """End what is being read or written, from another thread."""
        if self._live is not None:
            with contextlib.suppress(OSError):
                self._live.shutdown(socket.SHUT_RDWR)


def _connection(url: str, limits: Limits, until: float) -> _Pinned:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as exc:
        raise FetchError("bad_address", "no address that can be read") from exc
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise FetchError("bad_address", f"only http and https are fetched, not {parts.scheme or 'nothing'}")
    if parts.username or parts.password:
        raise FetchError("bad_address", "a name or a password in the address is refused")
    tls = parts.scheme == "https"
    port = port or (443 if tls else 80)
    addresses = _addresses(parts.hostname, port, allow_private=limits.allow_private)
    return _Pinned(parts.hostname, port, addresses, until, tls=tls)


def _addresses(host: str, port: int, *, allow_private: bool) -> list[str]:
    """The addresses of `host` that may be contacted. Raises FetchError when there is none."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as exc:
        raise FetchError("unknown_host", f"no address is known for {host[:100]}") from exc
    addresses = list(dict.fromkeys(str(sockaddr[0]) for *_, sockaddr in found))
    allowed = [address for address in addresses if allow_private or is_public(address)]
    if not allowed:
        raise FetchError("private_address", f"{host[:100]} is in a private network; allow_private = true allows it")
    return allowed


def is_public(address: str) -> bool:
    """True for an address of the open internet; false for loopback, private, link-local, reserved and multicast ones.

    >>> is_public("93.184.215.14"), is_public("127.0.0.1"), is_public("::ffff:10.0.0.1"), is_public("169.254.169.254")
    (True, False, False, False)
    """
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None)
        if ip in _EMBEDDED:
            inner = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(str(inner))
    return ip.is_global and not ip.is_multicast


@cache
def _tls() -> ssl.SSLContext:
    return ssl.create_default_context()


def _wait_of(header: str | None) -> float | None:
    """The seconds a Retry-After asks for."""
    if not header:
        return None
    try:
        return max(0.0, float(header))
    except ValueError:
        pass
    try:
        return max(0.0, (parsedate_to_datetime(header) - datetime.now(UTC)).total_seconds())
    except (ValueError, TypeError):
        return None
