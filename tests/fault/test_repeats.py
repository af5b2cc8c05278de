"""F13, F14: the same capture comes many times, near copies come at once."""

from __future__ import annotations

import json
import random
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.fault

PRODUCERS = 4
TIMES = 50  # each capture is enqueued


def test_a_capture_that_four_producers_enqueue_fifty_times_is_one_article(
    desk: Any, captures: int, trial_of: Callable[..., Any]
) -> None:
    distinct = captures // TIMES
    trial = trial_of(desk, distinct)
    lines = desk.write_stories(distinct).read_text().splitlines() * TIMES
    random.shuffle(lines)
    paths = []
    for number in range(PRODUCERS):
        paths.append(desk.folder / f"part{number}.jsonl")
        paths[-1].write_text("\n".join(lines[number::PRODUCERS]) + "\n")
    workers = desk.workers()
    try:
        enqueue_at_once(desk, paths)
        trial.begin()
        counts = desk.wait_finished(distinct)
    finally:
        workers.stop()

    assert counts.ignored_redeliveries == distinct * (TIMES - 1)
    assert sum(counts.duplicate_kinds.values()) == counts.duplicate_kinds["new"] == distinct
    trial.account(f"F13 {distinct} captures, each enqueued {TIMES} times by {PRODUCERS} producers")


def test_near_copies_that_two_workers_take_at_once_are_one_story(
    desk: Any, captures: int, figures: Callable[..., None]
) -> None:
    pairs = captures // 2
    firsts, seconds = desk.folder / "firsts.jsonl", desk.folder / "seconds.jsonl"
    with firsts.open("w") as originals, seconds.open("w") as out:
        for line in desk.write_stories(pairs).read_text().splitlines():
            story = json.loads(line)
            # The desk's stories alone share half of their few sampled passages with all others, and what so many
            # share is no evidence: a handful of them would leave too little to know a near copy by.
            story["text"] += "\n" + own_words(150) + ".\n"
            originals.write(json.dumps(story) + "\n")
            copy = story | {"url": story["url"].replace("town.", "other."), "id": "copy " + story["id"]}
            copy["text"] = story["text"] + "\n\nAll rights belong to the other paper.\n"
            out.write(json.dumps(copy) + "\n")
    both = [desk.workers(), desk.workers()]
    try:
        enqueue_at_once(desk, [firsts, seconds])
        fed = time.monotonic()
        desk.wait_finished(2 * pairs, within_s=900)
        recovered_s = time.monotonic() - fed
    finally:
        for workers in both:
            workers.stop()

    with sqlite3.connect(desk.folder / "ledger.sqlite") as ledger:
        rows = ledger.execute("SELECT url, kind, json_extract(verdict, '$.story_id') FROM captures").fetchall()
    kinds: dict[str, list[str]] = {}
    stories: dict[str, set[str]] = {}
    for url, kind, story in rows:
        number = url.rsplit("/", 1)[1]
        kinds.setdefault(number, []).append(kind)
        stories.setdefault(number, set()).add(story)
    split = sum(len(found) != 1 for found in stories.values())
    twice_new = sum(found.count("new") != 1 for found in kinds.values())
    figures(
        "F14 near copies at once in two workers (lost: split stories)",
        captures=2 * pairs, kills=0, lost=split, doubled=twice_new, recovered_s=recovered_s,
    )  # fmt: skip
    assert len(rows) == 2 * pairs
    assert (split, twice_new) == (0, 0), Counter(tuple(sorted(found)) for found in kinds.values())
    assert len(set.union(*stories.values())) == pairs


def own_words(count: int) -> str:
    return "Then came " + " ".join(f"thing{random.randrange(10**6)}" for _ in range(count))


def enqueue_at_once(desk: Any, paths: list[Path]) -> None:
    command = [sys.executable, "-m", "worker", "enqueue"]
    running = [
        subprocess.Popen([*command, str(path)], env=desk.environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        for path in paths
    ]
    for one in running:
        _, told = one.communicate(timeout=300)
        assert one.returncode == 0, told.decode()
