"""Every sink in a store of the test's own, behind one face. A new sink adds a fixture and one line to SINKS."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import pytest

from worker.models import (
    Action,
    Article,
    Capture,
    CleanArticle,
    Delivery,
    DuplicateVerdict,
    Extractor,
    Organisation,
    Origin,
    Provenance,
    RegionScore,
    RegionVerdict,
    SinkItem,
    TopicScore,
    TopicVerdict,
    capture_id_of,
    delivery_id_of,
    digest_of,
)
from worker.plugins import Sink, open_sink
from worker.state.spool import ref_to

SINKS = ("jsonl", "sqlite")


class Held(NamedTuple):
    """An article as a reader of the store finds it, repeats dropped as the sink's guarantee says."""

    version: int
    headline: str | None
    text: str
    retracted: bool


class Store(Protocol):
    """A sink's store, as seen from outside."""

    def spec(self) -> tuple[str, dict[str, Any]]:
        """Kind and options of the sink that writes here."""
        ...

    def read(self) -> dict[str, Held]:
        """What stands in the store, by article id."""
        ...

    def fail(self) -> None:
        """Take the store away."""
        ...

    def mend(self) -> None:
        """Bring it back as it was."""
        ...


def latest(records: list[dict[str, Any]]) -> dict[str, Held]:
    """What a reader of an at-least-once store makes of its records: the highest version, a retraction beats its own."""
    found: dict[str, Held] = {}
    for record in records:
        article, retracted = record["article"], record["delivery"]["action"] == "retract"
        held = Held(record["version"], article["headline"], article["text"], retracted)
        old = found.get(record["article_id"])
        if old is None or (old.version, old.retracted) <= (held.version, held.retracted):
            found[record["article_id"]] = held
    return found


class JsonlStore:
    def __init__(self, folder: Path) -> None:
        self.folder = folder / "articles"

    def spec(self) -> tuple[str, dict[str, Any]]:
        return "jsonl", {"folder": str(self.folder), "rotate_bytes": 40_000}

    def read(self) -> dict[str, Held]:
        files = [*sorted(self.folder.glob("articles-*.jsonl")), self.folder / "articles.jsonl"]
        return latest([json.loads(line) for file in files if file.exists() for line in file.open(encoding="utf-8")])

    def fail(self) -> None:
        if self.folder.exists():
            self.folder.rename(self.folder.with_name("away"))
        self.folder.write_text("a file where the sink wants a folder")

    def mend(self) -> None:
        self.folder.unlink()
        if self.folder.with_name("away").exists():
            self.folder.with_name("away").rename(self.folder)


class SqliteStore:
    def __init__(self, folder: Path) -> None:
        self.path = folder / "store" / "articles.sqlite"

    def spec(self) -> tuple[str, dict[str, Any]]:
        return "sqlite", {"path": str(self.path)}

    def read(self) -> dict[str, Held]:
        connection = sqlite3.connect(self.path)
        rows = connection.execute("SELECT article_id, version, headline, text, retracted FROM articles").fetchall()
        connection.close()
        return {row[0]: Held(row[1], row[2], row[3], bool(row[4])) for row in rows}

    def fail(self) -> None:
        if self.path.parent.exists():
            shutil.move(self.path.parent, self.path.parent.with_name("away"))
        self.path.parent.write_text("a file where the sink wants a folder")

    def mend(self) -> None:
        self.path.parent.unlink()
        if self.path.parent.with_name("away").exists():
            shutil.move(self.path.parent.with_name("away"), self.path.parent)


@pytest.fixture
def jsonl_store(tmp_path: Path) -> JsonlStore:
    return JsonlStore(tmp_path)


@pytest.fixture
def sqlite_store(tmp_path: Path) -> SqliteStore:
    return SqliteStore(tmp_path)


@pytest.fixture(params=SINKS)
def store(request: pytest.FixtureRequest) -> Store:
    store: Store = request.getfixturevalue(f"{request.param}_store")
    return store


@pytest.fixture
def opened(store: Store) -> Iterator[Callable[[], Sink]]:
    """Opens the sink of the store; again and again, as worker processes do."""
    sinks: list[Sink] = []

    def open_one() -> Sink:
        kind, options = store.spec()
        sinks.append(open_sink("test", kind, options))
        return sinks[-1]

    yield open_one
    for sink in sinks:
        sink.close()
        sink.close()


@pytest.fixture
def sink(opened: Callable[[], Sink]) -> Sink:
    return opened()


MakeItem = Callable[..., SinkItem]


@pytest.fixture
def item() -> MakeItem:
    """Makes the delivery of an article: the same number and version, the same delivery."""
    return make_item


def make_item(
    number: int, version: int = 1, text: str | None = None, headline: str | None = None, action: Action = "upsert"
) -> SinkItem:
    body = ref_to(b"page")
    url = f"https://news.example/{number}"
    captured_at = datetime(2026, 1, 5, 12, tzinfo=UTC)
    capture = Capture(
        capture_id=capture_id_of("wires", url, captured_at, digest_of(number, version)),
        source="wires",
        url=url,
        captured_at=captured_at,
        media_type="text/html",
        body=body,
        origin=Origin(location="pages.jsonl", record=number),
    )
    article = Article(
        capture=capture,
        article_id=digest_of("article", url),
        headline=headline or f"Headline {number}, version {version}",
        text=tuple((text or f"First paragraph of {number}.\n\nSecond paragraph.").split("\n\n")),
        authors=("A. Writer",),
        published_at=captured_at,
        language="en",
        publisher=Organisation(name="The Daily Example", domain="news.example"),
        url=url,
        extractor=Extractor(name="test", version="1", path="test"),
    )
    clean = CleanArticle(
        article=article,
        duplicate=DuplicateVerdict(kind="new", story_id=f"s{number}"),
        regions=RegionVerdict(
            primary="VE",
            about=(RegionScore(code="VE", name="Venezuela", score=0.9, role="about"),),
            gazetteer_version="1",
        ),
        topics=TopicVerdict(
            primary="medtop:11000000",
            all=(TopicScore(code="medtop:11000000", label="politics", score=0.8, role="primary"),),
            release="1",
            model_version="1",
        ),
        version=version,
        provenance=Provenance(pipeline_version="0", config_digest="0"),
    )
    delivery = Delivery(
        delivery_id=delivery_id_of("test", action, clean.content_digest()),
        capture_id=capture.capture_id,
        article_id=article.article_id,
        sink="test",
        route="all",
        action=action,
        version=version,
        body=ref_to(b"clean"),
    )
    return SinkItem(delivery, clean)
