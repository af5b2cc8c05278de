"""The bench leaves nothing behind, and its verdicts can fail."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import pytest

from worker.state import redis_server

BENCH = Path(__file__).parents[1] / "bench"


@pytest.fixture(autouse=True)
def _bench_on_path(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(BENCH))
    for name in ("measuring", "through", "verdicts"):
        sys.modules.pop(name, None)


@pytest.mark.integration
def test_the_server_of_a_desk_ends_with_it_though_somebody_is_still_connected() -> None:
    from measuring import desk, redis_seen  # type: ignore[import-not-found]

    with desk("fused") as settings:
        held = redis_server.connect(settings.broker.url)
        held.ping()
        seen = redis_seen(settings)

    assert seen["commands"] > 0
    assert not settings.data_dir.exists()
    with pytest.raises(redis_server.redis.ConnectionError):
        held.ping()


def test_a_ratio_out_of_its_floor_is_told_and_one_not_measured_too() -> None:
    from verdicts import FLOORS, broken  # type: ignore[import-not-found]

    floors = json.loads(FLOORS.read_text())["ratios"]
    good = {
        kind: {"ratios": {name: floor.get("least", floor.get("most")) for name, floor in those.items()}}
        for kind, those in floors.items()
    }
    bad = json.loads(json.dumps(good))
    bad["html"]["ratios"]["own_share_fused"] = 100.0
    del bad["text"]["ratios"]["peer_a_cpu"]

    assert broken(good) == []
    assert [said.split(" ")[1] for said in broken(bad)] == ["peer_a_cpu", "own_share_fused"]


def test_what_only_the_last_round_measured_stands_in_the_medians() -> None:
    from measuring import median

    rounds = [{"cpu": {"ms": 1.0}}, {"cpu": {"ms": 3.0}, "libraries": {"one": {"ms": 5.0}}}]

    assert median(rounds) == {"cpu": {"ms": 2.0}, "libraries": {"one": {"ms": 5.0}}}


def test_own_cost_is_all_that_is_not_the_stages_work() -> None:
    from verdicts import ratios

    row = {
        "in_process": {"stages_ms": 10.0, "cpu_ms": 99.0},
        "fused": {"cpu_ms": 11.0},
        "staged": {"cpu_ms": 12.0},
        "peer_a": {"cpu_ms": 55.0},
    }

    told = ratios(row)

    assert (told["own_ms_fused"], told["own_share_fused"]) == (1.0, pytest.approx(0.1))
    assert (told["own_ms_staged"], told["own_share_staged"]) == (2.0, pytest.approx(0.2))
    assert told["peer_a_cpu"] == 5.0
    assert "peer_a_cpu" not in ratios(row | {"peer_a": {"missing": "not installed"}})


def test_what_a_timed_function_calls_counts_once_and_all_is_put_back() -> None:
    from types import SimpleNamespace

    from through import Timed  # type: ignore[import-not-found]

    def spend(seconds: float) -> None:
        until = time.process_time() + seconds
        while time.process_time() < until:
            pass

    def outer() -> None:
        spend(0.05)
        owner.inner()

    inner = lambda: spend(0.05)  # noqa: E731
    owner, timed = SimpleNamespace(outer=outer, inner=inner), Timed()
    timed.replace(owner, "outer")
    timed.replace(owner, "inner")

    owner.outer()
    spend(0.05)

    assert timed.seconds == pytest.approx(0.1, abs=0.02)
    for undo in timed.undo:
        undo()
    assert (owner.outer, owner.inner) == (outer, inner)
