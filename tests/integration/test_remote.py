"""Captures from URLs that the user names: a web server on the loopback address, an imitation of S3."""

from __future__ import annotations

import gzip
import json
import logging
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

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
