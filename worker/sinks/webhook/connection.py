"""Connections that reach public addresses only, so that a URL cannot be turned against the house's own network.

The address is checked when it is connected to: a name that answers differently the next time gains nothing.
"""

from __future__ import annotations

import ipaddress
import socket
import ssl
from pathlib import Path

from urllib3 import HTTPConnectionPool, HTTPSConnectionPool, Timeout
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import ConnectTimeoutError, NewConnectionError

NAT64 = ipaddress.ip_network("64:ff9b::/96")


def is_public(address: str) -> bool:
    """Whether an IP address belongs to the open Internet, and so does the one it may carry inside.

    >>> is_public("93.184.216.34"), is_public("10.0.0.1"), is_public("::ffff:127.0.0.1")
    (True, False, False)
    """
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour or (ip.teredo and ip.teredo[1])
        if ip in NAT64:
            inner = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
        if inner:
            return is_public(str(inner))
    return ip.is_global and not ip.is_multicast


class _Public(HTTPConnection):
    def _new_conn(self) -> socket.socket:
        return _to_public(self)


class _PublicTls(HTTPSConnection):
    def _new_conn(self) -> socket.socket:
        return _to_public(self)


def _to_public(connection: HTTPConnection) -> socket.socket:
    try:
        found = socket.getaddrinfo(connection.host, connection.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as exc:
        raise NewConnectionError(connection, f"the name {connection.host} is not known") from exc
    public = [where for *_, where in found if is_public(str(where[0]))]
    if not public:
        raise NewConnectionError(connection, f"{connection.host} is a private address; `allow_private` permits it")
    last: OSError | None = None
    for where in public:
        try:
            opened = socket.create_connection((str(where[0]), connection.port), connection.timeout)
        except OSError as exc:
            last = exc
        else:
            opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            return opened
    if isinstance(last, TimeoutError):
        raise ConnectTimeoutError(connection, f"{connection.host} does not answer") from last
    raise NewConnectionError(connection, f"{connection.host} takes no connection: {last}") from last


def open_pool(
    scheme: str, host: str, port: int | None, *, allow_private: bool, ca_file: Path | None, timeout: Timeout
) -> HTTPConnectionPool:
    """A kept connection to one server; opens nothing yet. Proxies of the environment are not used."""
    pool: HTTPConnectionPool
    if scheme == "https":
        context = ssl.create_default_context(cafile=ca_file)
        pool = HTTPSConnectionPool(host, port, timeout=timeout, retries=False, ssl_context=context)
    else:
        pool = HTTPConnectionPool(host, port, timeout=timeout, retries=False)
    if not allow_private:
        pool.ConnectionCls = _PublicTls if scheme == "https" else _Public
    return pool
