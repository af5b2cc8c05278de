"""`copydesk forget` takes an article back everywhere, says what it did, and again does no harm."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from worker.state.ledger import Ledger, open_ledger
from worker.state.spool import open_spool

pytestmark = pytest.mark.integration

BOTH = '[[routes]]\nname = "all"\nsinks = ["articles", "stream"]\n'
URL = "https://town.example/1"


def wait(holds: Callable[[], bool], within_s: float = 90) -> None:
    until = time.monotonic() + within_s
    while not holds():
        assert time.monotonic() < until
        time.sleep(0.1)


def told(desk: Any, *arguments: str, code: int = 0) -> dict[str, Any]:
    done = desk.run("forget", "--json", *arguments)
    assert done.returncode == code, done.stderr
    return dict(json.loads(done.stdout)) if done.stdout else {}


def ledger_of(desk: Any) -> closing[Ledger]:
    return closing(open_ledger(desk.settings.ledger_url))


def both(desk: Any) -> None:
    (desk.settings.config_dir / "routes.toml").write_text(BOTH)
    desk.reload()


def test_it_goes_everywhere_and_its_neighbours_stay(desk: Any) -> None:
    both(desk)
    workers = desk.workers()
    try:
        assert desk.run("enqueue", str(desk.write_stories(3))).returncode == 0
        desk.wait_finished(3)
        with ledger_of(desk) as ledger:
            before, neighbour = ledger.trace(URL), ledger.trace("https://town.example/2")
        meant = desk.run("forget", URL, "--dry-run")

        done = told(desk, URL)

        with ledger_of(desk) as ledger:
            wait(lambda: not ledger.deliveries(100, state="waiting"))
            counts = ledger.counts()
            after = ledger.trace(URL)
        again = told(desk, URL)
        in_words = desk.run("forget", URL)
    finally:
        workers.stop()

    assert before is not None
    assert before.capture is not None
    assert after is not None
    assert neighbour is not None
    assert neighbour.capture is not None
    assert "Council 1 approves budget" in meant.stdout
    assert done["captures"] == [before.standing.capture_id]
    assert (done["ledger"], done["stories"], done["on_their_way"]) == (1, 1, 0)
    assert done["bodies"] == 2  # the page, and the clean article that both deliveries share
    assert done["retractions"] == {"articles": 1, "stream": 1}

    stored = {row["article_id"]: row for row in desk.stored()}
    gone = stored.pop(before.deliveries[0].delivery.article_id)
    assert (gone["retracted"], gone["text"], gone["headline"]) == (1, "", None)
    assert [row["retracted"] for row in stored.values()] == [0, 0]
    last = desk.lines()[-1]
    assert (last["article_id"], last["delivery"]["action"]) == (gone["article_id"], "retract")
    assert counts.states == {"stored": 2, "dropped": 1}
    assert counts.drop_reasons == {"forgotten": 1}
    assert after.capture is None
    assert after.standing.verdict.headline is None
    assert URL not in after.model_dump_json()
    with closing(open_spool(desk.settings.spool_url)) as spool:
        answers = spool.get_many([before.capture.body, before.deliveries[0].delivery.body, neighbour.capture.body])
    assert [isinstance(answer, bytes) for answer in answers] == [False, False, True]
    assert "Council 1 " not in "".join(path.read_text("utf-8") for path in desk.folder.glob("spool/*/*.pack"))

    quiet = {name: value for name, value in again.items() if name != "captures"}
    assert not any(quiet.values()), quiet
    assert "forgotten before" in in_words.stderr
    assert len(desk.lines()) == 4


def test_what_was_still_on_its_way_is_never_stored_nor_quarantined(desk: Any) -> None:
    both(desk)
    desk.run("enqueue", str(desk.write_stories(3)))

    done = told(desk, URL)
    workers = desk.workers()
    try:
        counts = desk.wait_finished(3)
        wait(lambda: len(desk.stored()) == 2)
        repeated = desk.run("enqueue", "--force", "--json", str(desk.folder / "stories.jsonl"))
        listed = desk.run("quarantine", "list")
    finally:
        workers.stop()

    assert done["on_their_way"] == 1
    assert counts.states == {"stored": 2, "dropped": 1}
    assert "nothing is quarantined" in listed.stderr
    assert repeated.returncode == 0
    assert desk.counts().states == {"stored": 2, "dropped": 1}  # the same capture is not taken in again


def test_what_the_ledger_knows_no_longer_goes_from_every_sink_when_asked(desk: Any) -> None:
    both(desk)
    workers = desk.workers()
    try:
        desk.run("enqueue", str(desk.write_stories(2)))
        desk.wait_finished(2)
        with ledger_of(desk) as ledger:
            assert ledger.expire(datetime.now(UTC) + timedelta(days=1)) == 2

        refused = desk.run("forget", "https://www.town.example/1?utm_source=x")
        done = told(desk, "https://www.town.example/1?utm_source=x", "--everywhere")
        with ledger_of(desk) as ledger:
            wait(lambda: not ledger.deliveries(100, state="waiting"))
        again = told(desk, URL, "--everywhere")
    finally:
        workers.stop()

    assert refused.returncode == 1
    assert "--everywhere" in refused.stderr
    assert done["retractions"] == {"articles": 1, "stream": 1}
    assert sorted((row["retracted"], bool(row["text"])) for row in desk.stored()) == [(0, True), (1, False)]
    assert desk.lines()[-1]["delivery"]["action"] == "retract"
    assert not any(value for name, value in again.items() if name != "captures")


def test_an_unknown_name_is_told(desk: Any) -> None:
    done = desk.run("forget", "https://nowhere.example/")

    assert done.returncode == 1
    assert "no capture, article or URL known" in done.stderr
