"""Polling against a real HTTP server: 500 feeds, conditional requests, back-off, references joined later."""

from __future__ import annotations

import json
import socket
import socketserver
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from http.server import BaseHTTPRequestHandler
from typing import Any

import pytest

from worker.app import create
from worker.errors import ConfigError, TransientError
from worker.polling import poll, polled
from worker.producer import Producer
from worker.state import redis_server
from worker.state.ledger import open_ledger
from worker.state.polls import open_polls

pytestmark = pytest.mark.integration


def feed(number: int) -> bytes:
    """A feed of one whole article and two teasers."""
    article = " ".join(f"The council of town {number} spoke of matter {n} on Monday." for n in range(30))
    items = f"<item><title>Town {number}</title><link>https://town.example/{number}</link><description>{article}</description></item>"
    for teaser in ("a", "b"):
        items += (
            f"<item><title>Teaser {number}{teaser}</title><link>https://teaser.example/{number}{teaser}</link>"
            "<description>More on this soon.</description><pubDate>Mon, 05 Jan 2026 10:00:00 GMT</pubDate></item>"
        )
    return f'<?xml version="1.0"?><rss version="2.0"><channel><title>Desk</title>{items}</channel></rss>'.encode()


class Feeds:
    """A server of feeds by number; it knows what it was asked, and answers worse when it is told to."""

    def __init__(self) -> None:
        self.statuses: Counter[int] = Counter()
        self.worse: dict[str, tuple[int, dict[str, str]]] = {}
        self.agents: set[str] = set()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                number = int(self.path.rpartition("/")[2])
                body, headers = feed(number), {"ETag": f'"{number}"'}
                status = 304 if self.headers["If-None-Match"] == headers["ETag"] else 200
                if self.path in outer.worse:
                    status, headers = outer.worse[self.path]
                body = body if status == 200 else b""
                outer.statuses[status] += 1
                outer.agents.add(self.headers["User-Agent"])
                self.send_response(status)
                for name, value in {**headers, "Content-Length": str(len(body))}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *arguments: object) -> None:
                pass

        self._server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()
        self.base = f"http://127.0.0.1:{self._server.server_address[1]}/feeds"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def feeds() -> Iterator[Feeds]:
    with closing(Feeds()) as made:
        yield made


def configure(desk: Any, urls: list[str], *lines: str) -> None:
    path = desk.settings.config_dir / "sources.toml"
    path.write_text("\n".join(["[sources.wire]", 'kind = "feed"', f"urls = {json.dumps(urls)}", *lines]) + "\n")
    desk.reload()


OPEN = ("allow_private = true", "host_pause_s = 0")


def test_five_hundred_feeds_are_asked_once_and_then_only_whether_they_changed(desk: Any, feeds: Feeds) -> None:
    configure(desk, [f"{feeds.base}/{number}" for number in range(500)], *OPEN, 'publisher_country = "NO"')
    wire = polled(desk.settings.sources)
    now = time.time()

    with Producer.open(desk.settings) as producer, closing(open_polls(desk.settings.ledger_url)) as polls:
        first = poll(wire, polls, producer, clock=lambda: now)
        at_once = poll(wire, polls, producer, clock=lambda: now + 1)
        later = poll(wire, polls, producer, clock=lambda: now + 2 * 900)
        due = sorted(one.due_at for one in polls.all())

    assert (first.asked, first.captures, first.references, first.failed) == (500, 500, 1000, 0)
    assert at_once.asked == 0
    assert (later.asked, later.unchanged, later.captures) == (500, 500, 0)
    assert feeds.statuses == {200: 500, 304: 500}
    assert due[-1] - due[0] > 60  # jitter: they do not stay in step
    assert all(agent.startswith("copydesk/") for agent in feeds.agents)
    ledger = open_ledger(desk.settings.ledger_url)
    found = ledger.trace("https://town.example/7")
    ledger.close()
    assert found is not None
    assert found.capture is not None
    assert (found.capture.source, found.capture.publisher_country) == ("wire", "NO")
    assert found.capture.origin.location == f"{feeds.base}/7"


def test_a_name_server_that_stays_silent_does_not_hold_a_round_up(
    desk: Any, feeds: Feeds, monkeypatch: pytest.MonkeyPatch
) -> None:
    silent, lookup = threading.Event(), socket.getaddrinfo

    def stuck(host: str, *rest: Any, **named: Any) -> Any:
        if host.startswith("silent"):
            silent.wait(60)
            raise socket.gaierror("no answer")
        return lookup(host, *rest, **named)

    monkeypatch.setattr(socket, "getaddrinfo", stuck)
    stalled = [f"http://silent-{number}.example/feed" for number in range(3)]
    configure(desk, [*stalled, f"{feeds.base}/1"], *OPEN, "timeout_s = 0.5")
    wire = polled(desk.settings.sources)

    with Producer.open(desk.settings) as producer, closing(open_polls(desk.settings.ledger_url)) as polls:
        began = time.monotonic()
        found = poll(wire, polls, producer, budget_s=0.5)
        took_s = time.monotonic() - began
        due_again = polls.due(stalled, time.time() + 301)
    silent.set()

    assert (found.asked, found.captures) == (1, 1)
    assert took_s < 10
    assert sorted(due_again) == stalled


def test_a_feed_that_fails_is_asked_ever_later_and_comes_back(desk: Any, feeds: Feeds) -> None:
    configure(desk, [f"{feeds.base}/{number}" for number in range(3)], *OPEN)
    wire = polled(desk.settings.sources)
    feeds.worse = {"/feeds/0": (503, {}), "/feeds/1": (429, {"Retry-After": "7200"}), "/feeds/2": (410, {})}
    now = time.time()
    noted: list[tuple[str, str]] = []

    with Producer.open(desk.settings) as producer, closing(open_polls(desk.settings.ledger_url)) as polls:
        found = poll(
            wire, polls, producer, clock=lambda: now, note=lambda source, url, detail: noted.append((source, detail))
        )
        failing, asked_to_wait, gone = (one.due_at - now for one in polls.all())
        feeds.worse = {"/feeds/0": (503, {})}
        poll(wire, polls, producer, clock=lambda: now + 2000)
        again = polls.all()[0]
        feeds.worse = {}
        back = poll(wire, polls, producer, clock=lambda: now + 9000)
        healed = polls.all()[0]

    assert (found.asked, found.failed) == (3, 3)
    assert ("wire", "the server answered 503") in noted
    assert 1600 < failing < 2000
    assert 7190 < asked_to_wait < 7300
    assert gone > 6 * 86400
    assert (again.failures, again.reason) == (2, "http_503")
    assert again.due_at - (now + 2000) > 3000
    assert back.captures == 2
    assert (healed.failures, healed.reason) == (0, None)


def test_without_the_owners_word_a_private_address_is_not_asked(desk: Any, feeds: Feeds) -> None:
    configure(desk, [f"{feeds.base}/1"])

    with Producer.open(desk.settings) as producer, closing(open_polls(desk.settings.ledger_url)) as polls:
        found = poll(polled(desk.settings.sources), polls, producer)
        reason = polls.all()[0].reason

    assert (found.failed, reason) == (1, "private_address")
    assert not feeds.statuses


def test_a_lost_redis_leaves_the_feeds_to_be_asked_again(desk: Any, feeds: Feeds) -> None:
    configure(desk, [f"{feeds.base}/{number}" for number in range(5)], *OPEN)
    wire, now = polled(desk.settings.sources), time.time()
    with Producer.open(desk.settings) as producer, closing(open_polls(desk.settings.ledger_url)) as polls:
        redis_server.stop(redis_server.start(desk.settings.redis_dir), force=True)
        with pytest.raises(TransientError):
            poll(wire, polls, producer, clock=lambda: now)
        redis_server.start(desk.settings.redis_dir)
        producer.flush()

        found = poll(wire, polls, producer, clock=lambda: now + 301)

    assert found.asked == 5
    assert feeds.statuses == {200: 10}  # not told as polled, so asked in full
    assert desk.counts().states == {"accepted": 5}


def test_the_worker_polls_and_a_page_that_comes_later_gets_what_its_feed_told(desk: Any, feeds: Feeds) -> None:
    configure(desk, [f"{feeds.base}/3"], *OPEN)
    page = desk.folder / "page.html"
    sentences = " ".join(f"The mayor spoke of plan {n} for the harbour on Monday." for n in range(30))
    page.write_text(f"<html><body><article><p>{sentences}</p></article></body></html>")
    workers = desk.workers()
    app = create(desk.settings, role="producer")
    try:
        app.send_task("worker.poll", queue="housekeeping")
        desk.wait_finished(1)
        desk.run("enqueue", "--url", "https://teaser.example/3a/?utm_source=x", str(page))
        desk.wait_finished(2)
    finally:
        workers.stop()
        app.close()

    stored = {row["url"]: row for row in desk.stored()}
    assert "https://town.example/3" in stored
    ledger = open_ledger(desk.settings.ledger_url)
    found = ledger.trace("https://teaser.example/3a/?utm_source=x")
    ledger.close()
    assert found is not None
    assert found.capture is not None
    assert (found.capture.title, found.capture.published_source) == ("Teaser 3a", "feed")


def test_beat_looks_after_feeds_only_where_there_are_any(desk: Any) -> None:
    without = create(desk.settings).conf.beat_schedule
    configure(desk, ["https://feed.example/rss"])

    assert "poll" not in without
    assert create(desk.settings).conf.beat_schedule["poll"]["options"]["queue"] == "housekeeping"


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("every_s = 5", "every_s"),
        ("evry_s = 900", "evry_s"),
        ('preset = "own"', "preset"),
    ],
    ids=["too often", "a typo", "an option the kind does not have"],
)
def test_what_is_wrong_with_a_polled_source_is_said_with_its_name(desk: Any, line: str, said: str) -> None:
    configure(desk, ["https://feed.example/rss"], line)

    with pytest.raises(ConfigError, match=f"'wire': {said}"):
        polled(desk.settings.sources)
    configure(desk, ["ftp://feed.example/rss"])
    with pytest.raises(ConfigError, match="no http or https address"):
        polled(desk.settings.sources)
