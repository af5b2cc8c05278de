"""A Redis behind TLS and a password. The servers of the wheels are built without TLS: a door of our own ends it, as the
proxies of managed services do."""

from __future__ import annotations

import asyncio
import ipaddress
import ssl
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from worker.cli.embedded import with_broker
from worker.state import redis_server

pytestmark = pytest.mark.integration

PASSWORD = "long and secret"  # of a server that lives for one test


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A self-made certificate of 127.0.0.1 with its key, in one file."""
    x509 = pytest.importorskip("cryptography.x509")
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "redis of a test")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path / "redis.pem"
    plain = serialization.NoEncryption()
    private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    path.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return path


@pytest.fixture
def door(desk: Any, certificate: Path) -> Iterator[int]:
    """The port of a TLS door before the desk's server, which asks for a password from now on."""
    plain = desk.settings.broker.url
    socket = plain.removeprefix("redis+socket://").split("?")[0]
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    redis_server.connect(plain).config_set("requirepass", PASSWORD)

    async def pump(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        try:
            while data := await source.read(65536):
                target.write(data)
                await target.drain()
        except OSError:
            pass
        finally:
            target.close()

    async def pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        from_server, to_server = await asyncio.open_unix_connection(socket)
        await asyncio.gather(pump(reader, to_server), pump(from_server, writer))

    loop = asyncio.new_event_loop()
    listening = loop.run_until_complete(asyncio.start_server(pass_on, "127.0.0.1", 0, ssl=context))
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    yield listening.sockets[0].getsockname()[1]
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    redis_server.connect(plain, password=PASSWORD).config_set("requirepass", "")


def test_captures_go_the_whole_way_through_a_redis_with_tls_and_a_password(
    desk: Any, door: int, certificate: Path
) -> None:
    secret = PASSWORD.replace(" ", "%20")
    url = f"rediss://:{secret}@127.0.0.1:{door}/0?ssl_cert_reqs=required&ssl_ca_certs={certificate}"
    desk.settings = with_broker(desk.settings, url)
    workers = desk.workers()
    try:
        enqueued = desk.run("enqueue", str(desk.write_stories(50)))
        assert enqueued.returncode == 0, enqueued.stderr
        counts = desk.wait_finished(50)
        status = desk.run("status")
    finally:
        workers.stop()

    assert counts.states == {"stored": 50}
    log = (desk.folder / "worker.log").read_text()
    assert all(word not in log + status.stdout + status.stderr for word in (PASSWORD, secret))


def test_a_certificate_that_nobody_vouches_for_is_refused(desk: Any, door: int) -> None:
    desk.settings = with_broker(desk.settings, f"rediss://:x@127.0.0.1:{door}/0?ssl_cert_reqs=required")

    told = desk.run("enqueue", str(desk.write_stories(1)))

    assert told.returncode == 1
    assert "certificate" in told.stderr.lower()
