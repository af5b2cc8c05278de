"""The producer on a real Redis: what fails is tried again, what is full is waited for, what is urgent goes first."""

from __future__ import annotations

import gzip
import json
import math
import random
import resource
import subprocess
import sys
import tarfile
import time
import zipfile
from pathlib import Path
from typing import Any

import pytest

from worker.errors import TransientError
from worker.models import BrokenRecord, Origin
from worker.producer import Producer, Tally
from worker.state import redis_server
from worker.state.redis_server import connect

pytestmark = pytest.mark.integration


def add_stories(producer: Producer, count: int, start: int = 0) -> None:
    for number in range(start, start + count):
        producer.add_page(f"https://town.example/{number}", f"<p>The mayor of town {number} resigned.</p>".encode())


def waiting(desk: Any, queue: str = "normalize", step: str = "\x06\x163") -> int:
    client = connect(desk.settings.broker.url)
    try:
        return int(client.llen(f"{desk.settings.broker.key_prefix}{queue}{step}"))
    finally:
        client.close()


def test_what_a_lost_redis_did_not_take_goes_out_with_the_next_flush(desk: Any) -> None:
    settings = desk.settings.model_copy(
        update={"broker": desk.settings.broker.model_copy(update={"socket_timeout_s": 3})}
    )
    with Producer.open(settings) as producer:
        add_stories(producer, 40)
        redis_server.stop(redis_server.start(settings.redis_dir), force=True)
        with pytest.raises(TransientError):
            producer.flush()
        redis_server.start(settings.redis_dir)

        producer.flush()

        assert (producer.tally.accepted, producer.tally.repeats) == (40, 0)
    assert waiting(desk) == math.ceil(40 / settings.pipeline.batch_items)


def test_connections_cut_between_two_chunks_cost_no_message(desk: Any) -> None:
    client = connect(desk.settings.broker.url)
    with Producer.open(desk.settings) as producer:
        add_stories(producer, 70)
        producer.flush()
        client.client_kill_filter(_type="normal", skipme=True)
        add_stories(producer, 70, start=70)
        producer.flush()
    client.close()

    assert waiting(desk) == 2 * math.ceil(70 / desk.settings.pipeline.batch_items)
    assert desk.counts().states == {"accepted": 140}


def test_a_few_records_that_trickle_in_do_not_wait_for_a_full_chunk(desk: Any) -> None:
    reading = subprocess.Popen(
        [sys.executable, "-m", "worker", "enqueue", "--format", "jsonl", "-"],
        env=desk.environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
    )
    assert reading.stdin is not None
    until = time.monotonic() + 30
    number = 0
    while not desk.counts().states and time.monotonic() < until:
        reading.stdin.write(desk.write_stories(1, start=number).read_bytes())
        reading.stdin.flush()
        number += 1
        time.sleep(0.1)  # the pace of the trickle
    came_in = desk.counts().states
    reading.stdin.close()
    reading.wait(timeout=30)

    assert came_in["accepted"] < 512


def test_a_full_queue_pauses_the_producer_until_there_is_real_room(make_desk: Any) -> None:
    desk = make_desk()
    settings = desk.settings.model_copy(
        update={"producer": desk.settings.producer.model_copy(update={"high_water": 320, "low_water": 64})}
    )
    pauses: list[str] = []
    client = connect(settings.broker.url)
    key = f"{settings.broker.key_prefix}normalize\x06\x163"
    most = 0

    def watch(tally: Tally) -> None:
        nonlocal most
        most = max(most, int(client.llen(key)))
        if tally.paused:
            pauses.append(tally.paused)
            client.ltrim(key, 0, -4)  # a worker that takes three messages between two looks

    with Producer.open(settings, watch=watch) as producer:
        add_stories(producer, 1000)

    client.close()
    assert pauses[0].endswith("messages in the queues or at work")
    assert len(pauses) >= 3
    assert most <= 2 * 320 / settings.pipeline.batch_items  # high water and one chunk
    assert producer.tally.accepted == 1000


def test_a_backlog_in_any_queue_of_any_priority_or_unacknowledged_counts(make_desk: Any) -> None:
    desk = make_desk()
    settings = desk.settings.model_copy(
        update={"producer": desk.settings.producer.model_copy(update={"high_water": 32, "low_water": 1})}
    )
    prefix = settings.broker.key_prefix
    client = connect(settings.broker.url)
    keys = [f"{prefix}classify\x06\x166", f"{prefix}deliver.articles", f"{prefix}normalize\x06\x169"]

    for key in [*keys, f"{prefix}unacked"]:
        if key.endswith("unacked"):
            client.hset(key, "tag", "message")
        else:
            client.lpush(key, "message")
        paused: list[str] = []

        def watch(tally: Tally, paused: list[str] = paused) -> None:
            if tally.paused:
                paused.append(tally.paused)
                client.delete(*keys, f"{prefix}unacked")

        with Producer.open(settings, watch=watch) as producer:
            producer.add_page(f"https://town.example/{key.encode().hex()}", b"<p>One page.</p>")
        client.delete(f"{prefix}normalize\x06\x163")
        assert paused == ["1 messages in the queues or at work"], key
    client.close()


def test_a_rate_holds_over_the_whole_run(desk: Any) -> None:
    began = time.monotonic()

    with Producer.open(desk.settings, rate=40) as producer:
        add_stories(producer, 100)

    assert 1.4 <= time.monotonic() - began < 20  # two waits of a second for 40 each, the last 20 go along


def test_records_that_are_broken_are_kept_with_their_chunk(desk: Any) -> None:
    with Producer.open(desk.settings) as producer:
        for number in range(3):
            producer.add(
                BrokenRecord(
                    origin=Origin(location="crawl.jsonl", record=number, offset=number * 10),
                    reason="invalid_json",
                    detail="no JSON",
                )
            )
        add_stories(producer, 1)

    assert producer.tally.broken == 3
    assert len(desk.run("quarantine", "list", "--json").stdout.splitlines()) == 3


def test_urgent_captures_overtake_a_large_backfill_within_seconds(desk: Any) -> None:
    backfill, urgent = desk.write_stories(10_000, "old.jsonl"), desk.write_stories(10, "new.jsonl", start=50_000)
    desk.run("enqueue", "--priority", "backfill", str(backfill))
    workers = desk.workers()
    try:
        began = time.monotonic()
        desk.run("enqueue", "--priority", "urgent", str(urgent))
        done = 0
        while done < 10 and time.monotonic() - began < 60:
            ids = {row["url"] for row in desk.stored()}
            done = sum(f"https://town.example/{number}" in ids for number in range(50_000, 50_010))
            time.sleep(0.05)
        took = time.monotonic() - began
        finished = desk.counts().states
    finally:
        workers.stop()

    assert done == 10, finished
    assert took < 30
    assert finished["accepted"] > 5_000  # the backfill is far from its end


def test_memory_stays_flat_over_a_web_archive_of_many_records(desk: Any) -> None:
    if not Path("/proc/self/statm").exists():
        pytest.skip("resident memory is read from /proc")
    archive = desk.folder / "big.warc.gz"
    with archive.open("wb") as out:
        for number in range(2500):
            page = b"<html><body><p>" + random.Random(number).randbytes(11_000).hex().encode() + b"</p></body></html>"
            http = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n" + page
            head = (
                b"WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: https://big.example/%d\r\n"
                b"WARC-Date: 2026-01-02T03:04:05Z\r\nContent-Type: application/http; msgtype=response\r\n"
                b"Content-Length: %d\r\n\r\n" % (number, len(http))
            )
            out.write(gzip.compress(head + http + b"\r\n\r\n", 1))
    size = archive.stat().st_size
    resident: list[int] = []
    positions: list[int] = []

    def watch(tally: Tally) -> None:
        resident.append(int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize())
        positions.append(tally.position)

    with Producer.open(desk.settings, watch=watch) as producer:
        producer.take([str(archive)])

    assert producer.tally.accepted == 2500
    assert size > 25 * 2**20
    assert max(resident) - resident[0] < 12 * 2**20
    assert positions == sorted(positions)
    assert positions[0] < size / 2
    assert positions[-1] == size


def test_trace_names_file_member_record_and_offset_of_a_capture(desk: Any) -> None:
    stories = desk.write_stories(3)
    second = stories.read_bytes().index(b"\n") + 1
    packed = desk.folder / "day.tar"
    with tarfile.open(packed, "w") as tar:
        tar.add(desk.write_stories(1, "inner.jsonl", start=9), "2026/inner.jsonl")
    desk.run("enqueue", str(stories), str(packed))

    alone = desk.run("trace", "https://town.example/1")
    inside = json.loads(desk.run("trace", "--json", "https://town.example/9").stdout)

    assert f"{stories}: record 2 (byte {second})" in alone.stdout
    assert inside["capture"]["origin"] == {
        "location": str(packed),
        "member": "2026/inner.jsonl",
        "record": 1,
        "offset": 0,
    }


def test_a_named_source_says_how_records_inside_archives_are_read(desk: Any) -> None:
    (desk.settings.config_dir / "sources.toml").write_text(
        '[sources.crawler]\nkind = "jsonl"\nfields = { text = "story.body", url = "where" }\n'
    )
    record = {"where": "https://town.example/5", "story": {"body": "The river rose on Monday."}}
    packed, archive = desk.folder / "items.jsonl.gz", desk.folder / "crawl.zip"
    packed.write_bytes(gzip.compress(json.dumps(record).encode()))
    with zipfile.ZipFile(archive, "w") as out:
        out.writestr("day/2.jsonl", json.dumps({**record, "where": "https://town.example/6"}))

    report = desk.run("enqueue", "--json", "--source", "crawler", str(packed), str(archive))
    told = json.loads(report.stdout)

    assert (told["accepted"], told["broken"]) == (2, 0)


def test_a_named_source_says_how_its_records_are_read(desk: Any) -> None:
    (desk.settings.config_dir / "sources.toml").write_text(
        '[sources.crawler]\nkind = "jsonl"\nfields = { text = "story.body", url = "where" }\n'
    )
    items = desk.folder / "items.jsonl"
    items.write_text(json.dumps({"where": "https://town.example/5", "story": {"body": "The river rose on Monday."}}))

    named = json.loads(desk.run("enqueue", "--json", "--source", "crawler", str(items)).stdout)
    other = json.loads(desk.run("enqueue", "--json", "--source", "another", str(items)).stdout)

    assert (named["accepted"], named["broken"]) == (1, 0)
    assert (other["accepted"], other["broken"]) == (0, 1)


def test_check_tells_of_a_mistake_in_a_named_source(desk: Any) -> None:
    path = desk.settings.config_dir / "sources.toml"
    path.write_text('[sources.crawler]\nkind = "jsonl"\npresett = "scrapy"\n')
    typo = desk.run("check")
    path.write_text('[sources.wire]\nkind = "warc"\nurls = ["https://feed.example/rss"]\n')
    page = desk.run("check")

    assert (typo.returncode, page.returncode) == (2, 2)
    assert "crawler" in typo.stderr
    assert "presett" in typo.stderr
    assert "only feed, sitemap are polled" in page.stderr
