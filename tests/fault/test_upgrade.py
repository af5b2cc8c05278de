"""F18: workers start on a queue that another version filled, or meet a ledger that a newer one has migrated; each
capture is accounted for."""

from __future__ import annotations

import base64
import json
import sqlite3
import time
from collections.abc import Callable
from typing import Any

import pytest

from worker.cli.workers import Workers
from worker.errors import CopydeskError
from worker.models import Capture
from worker.state import redis_server
from worker.state.database.schema import MIGRATIONS

pytestmark = pytest.mark.fault


def older(item: dict[str, Any]) -> dict[str, Any]:
    """Only what version 1 requires, and what names the capture."""
    needed = {name for name, field in Capture.model_fields.items() if field.is_required()}
    return {
        name: value for name, value in item.items() if name in needed | {"url", "captured_at", "source", "media_type"}
    }


def newer(item: dict[str, Any]) -> dict[str, Any]:
    return item | {"field_of_tomorrow": [1], "origin": item["origin"] | {"field_of_tomorrow": {}}}


def rewrite_queue(url: str, change: Callable[[dict[str, Any]], dict[str, Any]]) -> int:
    """Every waiting capture as another version would have written it; returns how many there were."""
    client: Any = redis_server.connect(url)
    changed = 0

    def items(texts: list[str]) -> list[str]:
        nonlocal changed
        changed += len(texts)
        return [json.dumps(change(json.loads(text))) for text in texts]

    for key in client.keys("*"):
        if b"parcel:" in key:
            texts = items(client.get(key).decode().split("\n"))
            client.set(key, "\n".join(texts), keepttl=True)
        elif client.type(key) == b"list":
            for place, raw in enumerate(client.lrange(key, 0, -1)):
                message = json.loads(raw)
                (batch,), kwargs, embed = json.loads(base64.b64decode(message["body"]))
                batch = {"batch_id": batch["batch_id"], "parcel": batch.get("parcel", False)} | {
                    "items": items(list(batch.get("items", ()))),
                    "field_of_tomorrow": 1,
                }
                message["body"] = base64.b64encode(json.dumps([[batch], kwargs, embed]).encode()).decode()
                client.lset(key, place, json.dumps(message))
    client.close()
    return changed


@pytest.mark.parametrize("change", [older, newer])
def test_a_full_queue_of_another_version_is_stored_once_each(
    trial: Any, change: Callable[[dict[str, Any]], dict[str, Any]], captures: int
) -> None:
    desk = trial.desk
    desk.run("enqueue", str(desk.write_stories(captures)))
    rewritten = rewrite_queue(desk.settings.broker.url, change)
    trial.begin()
    workers = desk.workers()
    try:
        trial.finish()
    finally:
        workers.stop()

    assert rewritten == captures
    trial.account(f"F18 upgrade on a full queue, {change.__name__} messages")


def test_an_older_worker_gives_back_what_it_may_not_work_on_when_the_ledger_was_migrated(
    make_desk: Callable[..., Any],
) -> None:
    desk = make_desk(worker="max_tasks_per_child = 1")
    log = desk.folder / "worker.log"
    desk.run("enqueue", str(desk.write_stories(300)))
    workers = desk.workers()
    try:
        until = time.monotonic() + 60
        while desk.counts().states.get("stored", 0) == 0:
            assert time.monotonic() < until
        migrated(desk, steps=len(MIGRATIONS) + 1, least=len(MIGRATIONS) + 1)
        while log.read_text().count("batch.given_back") < 5:
            assert time.monotonic() < until, log.read_text()[-2000:]
            time.sleep(0.1)
        doctor = desk.run("doctor", "--json")
        late = Workers(desk.settings)
        late.start(processes=1, beat=False, log=desk.folder / "late.log")
        with pytest.raises(CopydeskError, match="exit code 2"):
            late.wait_ready()
        migrated(desk, steps=len(MIGRATIONS), least=len(MIGRATIONS))  # as if this worker were upgraded as well
        counts = desk.wait_finished(300)
    finally:
        workers.stop()

    assert counts.states == {"stored": 300}  # without any reconcile
    assert len({row["url"] for row in desk.stored()}) == len(desk.stored()) == 300
    assert "migrated by a newer copydesk" in (desk.folder / "late.log").read_text()
    (finding,) = [one for one in json.loads(doctor.stdout)["findings"] if one["name"] == "ledger"]
    assert finding["state"] == "fail"
    assert finding["todo"].startswith("upgrade this one, or put back the copy")


def migrated(desk: Any, *, steps: int, least: int) -> None:
    with sqlite3.connect(desk.folder / "ledger.sqlite", timeout=30) as ledger:
        ledger.execute("UPDATE least_steps SET steps = ?", (least,))
        ledger.execute(f"PRAGMA user_version = {steps}")
