"""An article that must go leaves every sink that has it, and those that wait for it never get it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import Any

import pytest

from worker.app import App, create
from worker.retraction import record_retractions, retract
from worker.state.ledger import Ledger, open_ledger
from worker.state.spool import Spool, open_spool

pytestmark = pytest.mark.integration

BOTH = '[[routes]]\nname = "all"\nsinks = ["articles", "stream"]\n'


@contextmanager
def opened(desk: Any) -> Iterator[tuple[App, Ledger, Spool]]:
    app = create(desk.settings, role="retract")
    with (
        closing(open_ledger(desk.settings.ledger_url)) as ledger,
        closing(open_spool(desk.settings.spool_url)) as spool,
    ):
        yield app, ledger, spool
    app.close()


def wait(holds: Callable[[], bool], within_s: float = 60) -> None:
    until = time.monotonic() + within_s
    while not holds():
        assert time.monotonic() < until
        time.sleep(0.1)


def undone(ledger: Ledger) -> int:
    return len(ledger.deliveries(100, state="waiting"))


def test_a_retracted_article_leaves_every_sink_that_has_it_though_the_spool_forgot_it(desk: Any) -> None:
    (desk.settings.config_dir / "routes.toml").write_text(BOTH)
    desk.reload()
    workers = desk.workers()
    try:
        assert desk.run("enqueue", str(desk.write_stories(3))).returncode == 0
        desk.wait_finished(3)
        gone, *stay = desk.lines()
        with opened(desk) as (app, ledger, spool):
            spool.expire(-60)
            published = retract(app, ledger, spool, [gone["article_id"]])
            wait(lambda: undone(ledger) == 0)
            again = retract(app, ledger, spool, [gone["article_id"]])
            counts = ledger.counts()
    finally:
        workers.stop()

    last = desk.lines()[-1]
    rows = {row["article_id"]: row for row in desk.stored()}
    assert {(one.sink, one.action) for one in published} == {("articles", "retract"), ("stream", "retract")}
    assert again == []
    assert (last["article_id"], last["delivery"]["action"]) == (gone["article_id"], "retract")
    assert (last["article"]["headline"], last["article"]["text"]) == (None, "")
    assert (rows[gone["article_id"]]["retracted"], rows[gone["article_id"]]["text"]) == (1, "")
    assert gone["article"]["headline"] not in rows[gone["article_id"]]["record"]
    assert [rows[one["article_id"]]["retracted"] for one in stay] == [0, 0]
    assert counts.states == {"stored": 3}
    assert counts.deliveries == {"articles": {"done": 4}, "stream": {"done": 4}}
    assert gone["article"]["headline"] not in desk.run("search", gone["article"]["headline"].split()[1]).stdout


def test_an_article_that_waits_for_a_sink_that_is_away_never_gets_there_once_it_is_retracted(desk: Any) -> None:
    in_the_way = desk.folder / "articles.sqlite"
    in_the_way.mkdir()  # no database can be there
    workers = desk.workers()
    try:
        assert desk.run("enqueue", str(desk.write_stories(1))).returncode == 0
        with opened(desk) as (app, ledger, spool):
            wait(lambda: any(one.waiting_until for one in ledger.deliveries(10, state="waiting")))
            (waits,) = ledger.deliveries(10)
            spool.expire(-60)
            published = retract(app, ledger, spool, [waits.delivery.capture_id])
            again = record_retractions(ledger, spool, [waits.delivery.capture_id])

            in_the_way.rmdir()
            desk.run("deliveries", "retry", "--sink", "articles")
            wait(lambda: undone(ledger) == 0)
            given_up = next(one for one in ledger.deliveries(10) if one.delivery == waits.delivery)
            counts = ledger.counts()
    finally:
        workers.stop()

    (row,) = desk.stored()
    assert [(one.sink, one.article_id) for one in published] == [("articles", waits.delivery.article_id)]
    assert again == []
    assert (given_up.state, given_up.status) == ("done", "superseded")
    assert "retracted" in given_up.detail
    assert (row["retracted"], row["text"], row["headline"]) == (1, "", None)
    assert counts.states == {"stored": 1}
