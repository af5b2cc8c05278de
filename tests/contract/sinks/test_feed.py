"""What only the feed sink must do."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from lxml import etree

from worker.models import SinkItem
from worker.plugins import Sink, open_sink

MakeItem = Callable[..., SinkItem]
NEW_YEAR = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "public" / "oil.json"


def feed(path: Path, **options: object) -> Sink:
    return open_sink("oil", "feed", {"path": str(path), "format": "jsonfeed", "title": "Oil", **options})


def shown(path: Path) -> list[str]:
    return [one["title"] for one in json.loads(path.read_text(encoding="utf-8"))["items"]]


def published(item: SinkItem, day: int) -> SinkItem:
    article = item.article.article.model_copy(update={"published_at": NEW_YEAR + timedelta(days=day)})
    return SinkItem(item.delivery, item.article.model_copy(update={"article": article}))


def test_the_newest_articles_come_first_and_the_oldest_go(path: Path, item: MakeItem) -> None:
    sink = feed(path, entries=3)

    sink.write([published(item(number, headline=f"day {number}"), number) for number in (2, 4, 1)])
    sink.write([published(item(number, headline=f"day {number}"), number) for number in (3, 0)])

    assert shown(path) == ["day 4", "day 3", "day 2"]
    assert json.loads(path.read_text())["title"] == "Oil"


def test_a_retracted_article_leaves_the_feed_and_a_change_of_the_canonical_copy_shows(
    path: Path, item: MakeItem
) -> None:
    sink = feed(path)
    sink.write([item(1, headline="one"), item(2, headline="two")])

    sink.write([item(1, action="retract"), item(2, version=2, headline="two anew", action="canonical_changed")])
    sink.write([item(1, headline="one")])

    assert shown(path) == ["two anew"]


def test_atom_is_well_formed_and_a_summary_is_the_first_paragraph(path: Path, item: MakeItem) -> None:
    sink = feed(path, format="atom", text="summary")

    sink.write([item(1, text="First <b>.\n\nSecond.")])

    root = etree.fromstring(path.read_bytes())
    contents = [element.text for element in root.iter("{http://www.w3.org/2005/Atom}content")]
    assert contents == ["<p>First &lt;b&gt;.</p>"]


def test_a_feed_that_a_crash_left_behind_its_articles_is_mended_by_the_redelivery(path: Path, item: MakeItem) -> None:
    feed(path).write([item(1, headline="one")])
    old = path.read_bytes()
    feed(path).write([item(2, headline="two")])
    path.write_bytes(old)
    os.utime(path, ns=(0, 0))

    receipts = feed(path).write([item(2, headline="two")])

    assert receipts[0].status == "unchanged"
    assert sorted(shown(path)) == ["one", "two"]


def test_a_repeat_leaves_the_file_as_it_is(path: Path, item: MakeItem) -> None:
    sink = feed(path)
    sink.write([item(1)])
    before = path.stat().st_ino

    sink.write([item(1)])

    assert path.stat().st_ino == before
    assert not list(path.parent.glob(".*.part"))
