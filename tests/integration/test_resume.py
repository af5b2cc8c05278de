"""A producer that was killed goes on where it stood; feeds tell of pages; remarks are no faults."""

from __future__ import annotations

import base64
import gzip
import io
import json
import os
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from worker.app import PRIORITY_STEPS
from worker.producer.producer import CHUNK_ITEMS
from worker.state.ledger import open_ledger
from worker.state.redis_server import connect

pytestmark = pytest.mark.integration

COUNT = 3000


def write_warc(path: Path, count: int) -> None:
    with path.open("wb") as out:
        writer = WARCWriter(out, gzip=True)
        for number in range(count):
            page = f"<html><body><p>{f'The river rose by {number} metres on Monday. ' * 8}</p></body></html>"
            http = StatusAndHeaders("200 OK", [("Content-Type", "text/html")], protocol="HTTP/1.1")
            record = writer.create_warc_record(
                f"https://warc.example/{number}", "response", payload=io.BytesIO(page.encode()), http_headers=http
            )
            writer.write_record(record)


def kill_after_progress(desk: Any, arguments: list[str], more: int) -> None:
    """Start the command and kill it with SIGKILL once `more` further captures stand in the ledger."""
    wanted = sum(desk.counts().states.values()) + more
    command = [sys.executable, "-m", "worker", *arguments]
    child = subprocess.Popen(command, env=desk.environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    ledger = open_ledger(desk.settings.ledger_url)
    while child.poll() is None and sum(ledger.counts().states.values()) < wanted:
        pass
    ledger.close()
    child.kill()
    child.wait()


def queued(desk: Any) -> list[str]:
    """The capture ids in the first queue, as often as they stand there."""
    client = connect(desk.settings.broker.url)
    prefix = f"{desk.settings.broker.key_prefix}normalize"
    keys = [prefix, *(f"{prefix}\x06\x16{step}" for step in PRIORITY_STEPS if step)]
    found = []
    for key in keys:
        for message in client.lrange(key, 0, -1):
            body = json.loads(base64.b64decode(json.loads(message)["body"]))
            found += [json.loads(item)["capture_id"] for item in body[0][0]["items"]]
    client.close()
    return found


def test_an_enqueue_killed_at_random_points_loses_and_doubles_no_record(desk: Any) -> None:
    stories, pages = desk.write_stories(COUNT), desk.folder / "pages.warc.gz"
    write_warc(pages, COUNT)
    command = ["enqueue", str(stories), str(pages), "--json"]
    points = random.Random(7)
    for _ in range(5):
        kill_after_progress(desk, command, points.randrange(50, 900))

    done = desk.run(*command)
    desk.run("reconcile")

    said = json.loads(done.stdout)
    assert done.returncode == 0, done.stderr
    assert said["resumed"] >= 1
    assert said["read"] < 2 * COUNT  # it did not begin again
    assert said["repeats"] <= CHUNK_ITEMS  # the chunk whose mark was not yet written
    assert desk.counts().states == {"accepted": 2 * COUNT}
    sent = queued(desk)
    assert len(sent) - len(set(sent)) <= 5 * CHUNK_ITEMS  # a chunk killed between queue and mark: never more


def test_what_was_read_to_its_end_is_passed_over_until_it_changes_or_is_forced(desk: Any) -> None:
    path = desk.write_stories(40)
    desk.run("enqueue", str(path))

    again = json.loads(desk.run("enqueue", "--json", str(path)).stdout)
    forced = json.loads(desk.run("enqueue", "--json", "--force", str(path)).stdout)
    os.utime(path, ns=(1, 1))
    changed = json.loads(desk.run("enqueue", "--json", str(path)).stdout)

    assert (again["read"], again["resumed"]) == (0, 1)
    assert (forced["read"], forced["repeats"]) == (40, 40)
    assert (changed["read"], changed["repeats"]) == (40, 40)


def test_a_limit_is_where_the_next_run_begins(desk: Any) -> None:
    path = desk.write_stories(100)
    desk.run("enqueue", "--limit", "30", str(path))

    rest = json.loads(desk.run("enqueue", "--json", str(path)).stdout)

    assert (rest["read"], rest["accepted"], rest["repeats"]) == (70, 70, 0)


def test_a_warc_of_one_gzip_member_is_a_remark_and_no_fault(desk: Any) -> None:
    loose, whole = desk.folder / "loose.warc.gz", desk.folder / "whole.warc.gz"
    write_warc(loose, 5)
    whole.write_bytes(gzip.compress(gzip.decompress(loose.read_bytes())))

    done = desk.run("enqueue", "--json", str(whole))

    said = json.loads(done.stdout)
    assert done.returncode == 0
    assert (said["accepted"], said["broken"], said["remarks"]) == (5, 0, 1)
    assert "remark: the whole file is compressed as one member" in done.stderr
    assert desk.run("quarantine", "list", "--json").stdout == ""


def test_a_feed_dates_the_pages_of_its_run_and_the_others_are_counted(desk: Any) -> None:
    path = desk.write_stories(3)
    items = "".join(
        f"<item><title>Town {n}</title><link>https://town.example/{n}/?utm_source=rss</link>"
        "<pubDate>Mon, 05 Jan 2026 10:00:00 GMT</pubDate></item>"
        for n in (1, 7, 8)
    )
    feed = desk.folder / "z-feed.xml"
    feed.write_text(f'<?xml version="1.0"?><rss version="2.0"><channel><title>Desk</title>{items}</channel></rss>')

    done = desk.run("enqueue", str(path), str(feed))

    assert done.returncode == 0, done.stderr
    assert "2 references without a page" in done.stdout
    ledger = open_ledger(desk.settings.ledger_url)
    told, untold = ledger.trace("https://town.example/1"), ledger.trace("https://town.example/2")
    ledger.close()
    assert told is not None
    assert told.capture is not None
    assert (told.capture.title, told.capture.published_source) == ("Town 1", "feed")
    assert untold is not None
    assert untold.capture is not None
    assert untold.capture.published_at is None
