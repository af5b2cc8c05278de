"""A receiver that refuses an article, and one that is slow: a real server, the real sink, real workers."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

pytestmark = pytest.mark.integration
pytest.importorskip("urllib3")

ALL = '[[routes]]\nname = "all"\nsinks = ["articles", "stream", "hook"]\n'


class Receiver:
    """A server that answers as the test wants, and knows what it took."""

    def __init__(self) -> None:
        self.taken: list[str] = []
        self.refused = ""  # headlines with this word get a 422
        self.open = threading.Event()  # a request is answered once this is set
        self.open.set()
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                receiver.open.wait(60)
                headline = body["data"]["article"]["headline"]
                refused = receiver.refused and receiver.refused in headline
                if not refused:
                    receiver.taken.append(headline)
                self.send_response(422 if refused else 204)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()

    def sink(self) -> str:
        url = f"http://127.0.0.1:{self.server.server_port}/hook"
        secret = "whsec_" + "QUJD" * 8
        return (
            f'\n[sinks.hook]\nkind = "webhook"\nurl = "{url}"\nsecret = "{secret}"\nread_timeout_s = 60\n'
            "allow_http = true\nallow_private = true\n"
        )

    def close(self) -> None:
        self.open.set()
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def receiver(desk: Any) -> Iterator[Receiver]:
    made = Receiver()
    config = desk.settings.config_dir
    with (config / "sinks.toml").open("a") as sinks:
        sinks.write(made.sink())
    (config / "routes.toml").write_text(ALL)
    desk.reload()
    yield made
    made.close()


def wait(holds: Callable[[], bool], within_s: float = 60) -> None:
    until = time.monotonic() + within_s
    while not holds():
        assert time.monotonic() < until
        time.sleep(0.1)


def test_a_delivery_that_its_sink_refuses_stands_in_quarantine_and_is_replayed_once_the_cause_is_mended(
    desk: Any, receiver: Receiver
) -> None:
    receiver.refused = "Council 1 "
    workers = desk.workers()
    try:
        assert desk.run("enqueue", str(desk.write_stories(3))).returncode == 0
        refused = desk.wait_finished(3)
        listed = [json.loads(line) for line in desk.run("quarantine", "list", "--json").stdout.splitlines()]
        status = desk.run("deliveries", "list", "--state", "rejected").stdout

        receiver.refused = ""
        replayed = desk.run("quarantine", "replay", "--all")
        wait(lambda: desk.counts().states == {"stored": 3})
    finally:
        workers.stop()

    (item,) = listed
    assert refused.states == {"stored": 2, "quarantined": 1}
    assert (item["stage"], item["reason"]) == ("deliver", "sink_rejected")
    assert "'hook' refuses it" in item["detail"]
    assert "422" in item["detail"]
    assert "hook" in status
    assert "1 item sent again" in replayed.stdout
    assert sorted(receiver.taken) == [f"Council {number} approves budget" for number in range(3)]
    assert len(desk.lines()) == 3  # the others got nothing twice
    assert desk.run("quarantine", "list", "--json").stdout == ""
    assert desk.counts().deliveries["hook"] == {"done": 3}


def test_a_slow_sink_holds_up_nobody(desk: Any, receiver: Receiver) -> None:
    receiver.open.clear()
    workers = desk.workers(processes=2)
    try:
        assert desk.run("enqueue", str(desk.write_stories(40))).returncode == 0
        others = ("articles", "stream")
        wait(lambda: all(desk.counts().deliveries.get(name) == {"done": 40} for name in others))
        meanwhile = desk.counts().deliveries["hook"]

        receiver.open.set()
        counts = desk.wait_finished(40)
    finally:
        receiver.open.set()
        workers.stop()

    assert meanwhile == {"waiting": 40}
    assert counts.states == {"stored": 40}
    assert len(receiver.taken) == len(set(receiver.taken)) == 40
