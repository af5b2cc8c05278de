"""What only the SQLite sink must do."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from worker.errors import TransientError
from worker.models import SinkItem
from worker.plugins import open_sink

MakeItem = Callable[..., SinkItem]


def found(path: Path, query: str) -> list[str]:
    connection = sqlite3.connect(path)
    rows = connection.execute(
        "SELECT a.headline FROM articles_search s JOIN articles a ON a.id = s.rowid"
        " WHERE articles_search MATCH ? ORDER BY rank",
        (query,),
    ).fetchall()
    connection.close()
    return [row[0] for row in rows]


def test_articles_are_found_by_their_words_whatever_the_accents(tmp_path: Path, item: MakeItem) -> None:
    path = tmp_path / "a.sqlite"
    sink = open_sink("test", "sqlite", {"path": str(path)})

    sink.write([item(1, text="The bank of Bogotá is closed."), item(2, headline="Bogotá votes"), item(3)])

    assert found(path, "bogota") == ["Bogotá votes", "Headline 1, version 1"]


def test_search_follows_updates_and_retractions(tmp_path: Path, item: MakeItem) -> None:
    path = tmp_path / "a.sqlite"
    sink = open_sink("test", "sqlite", {"path": str(path)})
    sink.write([item(1, text="An earthquake shook the island."), item(2, text="A flood.")])

    sink.write([item(1, version=2, text="The island was spared."), item(2, action="retract")])

    assert found(path, "earthquake") == []
    assert found(path, "flood") == []
    assert found(path, "spared") == ["Headline 1, version 2"]
    connection = sqlite3.connect(path)
    connection.execute("INSERT INTO articles_search (articles_search, rank) VALUES ('integrity-check', 1)")
    connection.close()


def test_a_file_that_was_removed_under_the_sink_is_made_anew(tmp_path: Path, item: MakeItem) -> None:
    path = tmp_path / "a.sqlite"
    sink = open_sink("test", "sqlite", {"path": str(path)})
    sink.write([item(1)])

    for file in tmp_path.iterdir():
        file.unlink()
    sink.write([item(2, text="Something new.")])

    assert found(path, "new") == ["Headline 2, version 1"]


def test_a_file_that_is_no_database_is_left_as_it_is(tmp_path: Path, item: MakeItem) -> None:
    path = tmp_path / "a.sqlite"
    path.write_text("the owner's notes, long enough to be looked at " * 50)
    before = path.read_bytes()

    with pytest.raises(TransientError, match=r"a\.sqlite"):
        open_sink("test", "sqlite", {"path": str(path)}).write([item(1)])

    assert path.read_bytes() == before


def test_a_file_of_another_version_is_named_with_the_way_out_and_left_as_it_is(tmp_path: Path, item: MakeItem) -> None:
    path = tmp_path / "a.sqlite"
    connection = sqlite3.connect(path)
    connection.executescript("CREATE TABLE articles (id INTEGER PRIMARY KEY, headline TEXT); PRAGMA user_version = 1")
    connection.close()

    with pytest.raises(TransientError, match=r"a\.sqlite .*no such column.* move the file away"):
        open_sink("test", "sqlite", {"path": str(path)}).write([item(1)])

    connection = sqlite3.connect(path)
    assert [row[1] for row in connection.execute("PRAGMA table_info (articles)")] == ["id", "headline"]
    connection.close()
