"""Throughput, measured beside its floors and its peers: `make bench`, or

    python tests/bench/bench.py                     # all of it: JSON in bench-results/, docs/bench.md and its plots
    python tests/bench/bench.py --quick             # a first look: small, one round, no verdict, no page in docs/
    python tests/bench/bench.py --captures 50000 --filled 1000000

Rounds are interleaved and medians are told; CPU is what the operating system charged (user + system), told for a quiet
core (see `yardstick`). Ratios are taken within one round. Exit code 1: a ratio fell below its floor in floors.json.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import alone
import enqueue
import growing
import page
import peers
import stores
import through
from material import html_captures, text_captures
from measuring import desk, median, steadied, yardstick
from verdicts import broken, ratios

from worker.pipeline import load_models
from worker.pipeline.memory import collect_seldom, keep_what_is_loaded
from worker.settings import load

HERE = Path(__file__).parent
MAKERS = {"text": text_captures, "html": html_captures}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--captures", type=int, default=10_000, help="of text; of pages a quarter")
    parser.add_argument("--peer-captures", type=int, default=500, help="what the slower peers get of them")
    parser.add_argument("--filled", type=int, default=1_000_000, help="strangers in the index at the end")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--postgres", help="a database of its own: its store is measured as well")
    parser.add_argument("--quick", action="store_true", help="a first look: 600 captures, one round, no verdict")
    parser.add_argument("--out", type=Path, default=Path("bench-results"))
    wanted = parser.parse_args()
    if wanted.quick:
        wanted.captures, wanted.peer_captures, wanted.filled, wanted.rounds = 600, 60, 5000, 1
    began = time.perf_counter()
    report: dict[str, Any] = {
        "at": datetime.now(UTC).isoformat(timespec="minutes"),
        "quick": wanted.quick,
        "captures": {"text": wanted.captures, "html": wanted.captures // 4},
        "peer_captures": {"text": wanted.peer_captures, "html": wanted.peer_captures // 2},
        "rounds": wanted.rounds,
        "cores": os.cpu_count(),
        "python": sys.version.split()[0],
        "yardstick_s": yardstick(),
        "load": os.getloadavg()[1],
        "versions": peers.versions(),
    }
    models, settings = load_models(), load("fused")
    collect_seldom()  # as a worker's processes do
    keep_what_is_loaded()
    for kind, make in MAKERS.items():
        raws = list(make(report["captures"][kind]))
        few = raws[: report["peer_captures"][kind]]
        texts = alone.texts_of(few, settings, models)
        report["bytes"] = report.get("bytes", {}) | {kind: sum(len(raw.body) for raw in raws) // len(raws)}
        runs: list[dict[str, Any]] = []
        for number in range(wanted.rounds):
            runs.append(a_round(raws, few, texts, models, last=number == wanted.rounds - 1))
            runs[-1]["ratios"] = ratios(kind, runs[-1])
            say(f"{kind}: round {number + 1} of {wanted.rounds}, {time.perf_counter() - began:.0f} s")
        report[kind] = median(runs)
        with desk("fused") as running:
            half = report[kind]["fused"]["wall_per_s"] / 2
            report[kind]["latency"] = through.latency(raws[: int(min(len(raws), half * 30))], running, half)
        report[kind]["profiles"] = alone.profiles(raws[:320], models)
    if pages := alone.real_pages():
        report["pages"] = real(pages if not wanted.quick else pages[:40], models)
    report["enqueue"] = enqueue.measure(wanted.captures, wanted.rounds)
    report["stores"] = stores.measure(min(wanted.captures, 6000), wanted.rounds, wanted.postgres)
    say(f"a filled index, {time.perf_counter() - began:.0f} s")
    sizes = [size for size in (1000, 10_000, 100_000, 1_000_000) if size < wanted.filled] + [wanted.filled]
    report["flat"] = growing.flat(list(text_captures(512, seed=9)), models, sizes)
    report["standing"] = steadied_seconds(growing.standing)
    report["took_s"] = round(time.perf_counter() - began)
    wanted.out.mkdir(parents=True, exist_ok=True)
    (wanted.out / "bench.json").write_text(json.dumps(report, indent=2) + "\n")
    docs = wanted.out if wanted.quick else HERE.parents[1] / "docs"
    page.write(report, docs)
    say(f"written: {wanted.out}/bench.json and {docs}/bench.md, after {report['took_s']} s")
    fallen = broken(report)
    for one in fallen:
        say(f"below its floor: {one}")
    if fallen and not wanted.quick:
        sys.exit(1)


def a_round(raws: list[Any], few: list[Any], texts: list[str], models: Any, *, last: bool) -> dict[str, Any]:
    """Everything once, one after the other, so that a slow minute of the machine meets all alike."""
    settings = load("fused")
    rows: dict[str, Any] = {"alone": steadied(lambda: alone.stages(raws[: len(few) * 4], settings, models))}
    rows["floors"] = steadied(lambda: alone.floors(few, texts))
    with desk("fused") as running:
        rows["in_process"] = steadied(lambda: through.in_process(raws, running, models))
    for name, profile, processes in (("staged", "", 1), ("fused", "fused", 1), ("fused_2", "fused", 2)):
        with desk(profile) as running:
            rows[name] = steadied(lambda s=running, p=processes: through.through_celery(raws, s, p))
    rows["peer_a"] = peers.tried(lambda: steadied(lambda: peers.a_day(few)))
    rows["peer_b"] = peers.tried(lambda: steadied(lambda: peers.datatrove(few[:200])))
    rows["peer_c"] = peers.tried(lambda: steadied(lambda: peers.news_please(few[:50])))
    if last:
        rows["libraries"] = steadied(lambda: peers.libraries(few, texts))
    return rows


def real(pages: list[Any], models: Any) -> dict[str, Any]:
    """Real pages: the stages alone and the peers' extraction, in this process."""
    rows: dict[str, Any] = {"count": len(pages), "bytes": sum(len(raw.body) for raw in pages) // len(pages)}
    rows["alone"] = steadied(lambda: alone.stages(pages, load("fused"), models))
    texts = alone.texts_of(pages, load("fused"), models)
    rows["floors"] = steadied(lambda: alone.floors(pages, texts))
    rows["libraries"] = steadied(lambda: peers.libraries(pages, texts))
    rows["peer_c"] = peers.tried(lambda: steadied(lambda: peers.news_please(pages[:50])))
    return rows


def steadied_seconds(work: Any) -> dict[str, Any]:
    rows: dict[str, Any] = {}

    def told() -> dict[str, Any]:
        rows.update(work())
        return {"cpu_ms": rows["try_cpu_s"] * 1000}

    steady = steadied(told)
    return rows | {"try_cpu_quiet_s": steady["cpu_ms"] / 1000, "speed": steady["speed"]}


def say(words: str) -> None:
    print(words, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
