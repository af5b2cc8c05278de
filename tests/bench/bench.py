"""Throughput, measured beside its floors and its peers: `make bench`, or

    python tests/bench/bench.py                     # all of it: JSON in bench-results/, docs/bench.md and its plots
    python tests/bench/bench.py --quick             # a first look: small, one round, no verdict, no page in docs/
    python tests/bench/bench.py --captures 50000 --filled 1000000

All ways take the same slices of captures in turn, and medians are told; CPU is what the operating system charged (user +
system), told for a quiet core (see `yardstick`). Ratios are taken within one slice, rates over all captures in one go.
Exit code 1: a ratio fell below its floor in floors.json.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from contextlib import ExitStack, closing
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import alone
import enqueue
import growing
import page
import peers
import quality
import stores
import through
from material import html_captures, text_captures
from measuring import desk, median, rated, steadied, yardstick
from verdicts import broken, ratios

from worker.pipeline import load_models
from worker.pipeline.memory import collect_seldom, keep_what_is_loaded
from worker.settings import load

HERE = Path(__file__).parent
MAKERS = {"text": partial(text_captures, chars=2600), "html": html_captures}  # texts of 3 kB, as the bars name them
SLICE = {"text": 1024, "html": 384, "real": 192}  # captures: seconds of CPU, of which the waking of a core is little
CORES = 2
CELERY = {"staged": ("", 1), "fused": ("fused", 1), "fused_2": ("fused", 2)}  # profile and worker processes
RATED = CELERY | {"fused_3": ("fused", 3), "staged_2": ("", 2)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--captures", type=int, default=10_000, help="of text in one go")
    parser.add_argument("--pages", type=int, help="in one go; a quarter of the text captures when not given")
    parser.add_argument("--slices", type=int, default=8, help="that all ways take in turn")
    parser.add_argument("--peer-captures", type=int, default=500, help="what the slower peers get of them")
    parser.add_argument("--filled", type=int, default=1_000_000, help="strangers in the index at the end")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--postgres", help="a database of its own: its store is measured as well")
    parser.add_argument("--quick", action="store_true", help="a first look: 600 captures, two slices, no verdict")
    parser.add_argument("--out", type=Path, default=Path("bench-results"))
    wanted = parser.parse_args()
    if wanted.quick:
        wanted.captures, wanted.peer_captures, wanted.filled, wanted.rounds, wanted.slices = 600, 60, 5000, 1, 2
    sizes = {kind: size // 8 if wanted.quick else size for kind, size in SLICE.items()}
    began = time.perf_counter()
    report: dict[str, Any] = {
        "at": datetime.now(UTC).isoformat(timespec="minutes"),
        "quick": wanted.quick,
        "captures": {"text": wanted.captures, "html": wanted.pages or wanted.captures // 4},
        "slices": wanted.slices,
        "slice": sizes,
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
        report["bytes"] = report.get("bytes", {}) | {kind: sum(len(raw.body) for raw in raws) // len(raws)}
        rows = way_rows(list(make(sizes[kind] * (wanted.slices + 1), seed=11)), sizes[kind], models)
        say(f"{kind}: {wanted.slices} slices, {time.perf_counter() - began:.0f} s")
        rows["rates"] = rates(raws, wanted.rounds)
        rows["ratios"]["two_workers"] = rows["rates"]["two_workers"]
        say(f"{kind}: {wanted.rounds} rounds, {time.perf_counter() - began:.0f} s")
        texts = alone.texts_of(few, settings, models)
        rows["floors"] = steadied(lambda few=few, texts=texts: alone.floors(few, texts))
        rows["libraries"] = steadied(lambda few=few, texts=texts: peers.libraries(few, texts))
        rows["peer_b"] = peers.tried(lambda few=few: steadied(lambda: peers.datatrove(few[:200])))
        rows["peer_c"] = peers.tried(lambda few=few: steadied(lambda: peers.news_please(few[:50])))
        for peer in ("peer_b", "peer_c"):
            if "missing" not in rows[peer]:
                rows["ratios"][f"{peer}_cpu"] = rows[peer]["cpu_ms"] / rows["fused"]["cpu_ms"]
        with desk("fused") as running:
            half = rows["rates"]["fused"]["wall_per_s"] / 2
            rows["latency"] = through.latency(raws[: int(min(len(raws), half * 30))], running, half)
        rows["profiles"] = alone.profiles(raws[:320], models)
        report[kind] = rows
        say(f"{kind}: peers and latency, {time.perf_counter() - began:.0f} s")
    if pages := alone.real_pages():
        report["pages"] = real(pages[: sizes["real"] * (wanted.slices + 1)], sizes["real"], models)
        say(f"real pages, {time.perf_counter() - began:.0f} s")
    report["quality"] = [] if wanted.quick else quality.measure(models)
    report["enqueue"] = enqueue.measure(wanted.captures, wanted.rounds)
    report["stores"] = stores.measure(min(wanted.captures, 6000), wanted.rounds, wanted.postgres)
    say(f"a filled index, {time.perf_counter() - began:.0f} s")
    held = [size for size in (1000, 10_000, 100_000, 1_000_000) if size < wanted.filled] + [wanted.filled]
    report["flat"] = growing.flat(list(text_captures(512, seed=9)), models, held)
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


def way_rows(raws: list[Any], size: int, models: Any) -> dict[str, Any]:
    """Every way takes the same slices in turn, so that a slow minute of the machine meets all alike: medians of CPU and
    of the ratios within a slice. The first slice, which pays for what is made on first use, does not count."""
    with ExitStack() as kept:
        ways: dict[str, Any] = {
            "alone": kept.enter_context(closing(alone.Alone(load("fused"), models))),
            "in_process": kept.enter_context(closing(through.InProcess(kept.enter_context(desk("fused")), models))),
        }
        for name, (profile, processes) in CELERY.items():
            running = kept.enter_context(desk(profile))
            ways[name] = kept.enter_context(closing(through.ThroughCelery(running, processes)))
        settings, absent = kept.enter_context(desk()), {}
        if "missing" in (peer := peers.tried(lambda: {"way": peers.ADay(settings)})):
            absent["peer_a"] = peer
        else:
            ways["peer_a"] = kept.enter_context(closing(peer["way"]))
        rows = []
        for number in range(len(raws) // size):
            part, row = raws[number * size : (number + 1) * size], dict[str, Any](absent)
            turn = list(ways)[number % len(ways) :] + list(ways)[: number % len(ways)]
            for name in turn:
                some = part[: size // 4] if name == "peer_a" else part
                row[name] = steadied(lambda way=ways[name], some=some: way.take(some))
            rows.append(row | {"ratios": ratios(row)})
    return median(rows[1:])


def rates(raws: list[Any], rounds: int) -> dict[str, Any]:
    """Captures a second by the clock, all of `raws` in one go; medians over rounds, ratios within a round."""
    runs = []
    for _ in range(rounds):
        row: dict[str, Any] = {}
        for name, (profile, processes) in RATED.items():
            with desk(profile) as running, closing(through.ThroughCelery(running, processes)) as way:
                row[name] = rated(lambda way=way: way.take(raws), CORES)
        runs.append(row | {"two_workers": row["fused_2"]["wall_per_s"] / row["fused"]["wall_per_s"]})
    return median(runs)


def real(pages: list[Any], size: int, models: Any) -> dict[str, Any]:
    """Real pages: every way slice by slice, two slices at least, and the peers' extraction in this process."""
    few, size = pages[:300], min(size, len(pages) // 2)
    rows = way_rows(pages, size, models)
    rows |= {"count": len(pages), "bytes": sum(len(raw.body) for raw in pages) // len(pages)}
    rows |= {"slices": len(pages) // size - 1, "slice": size}
    texts = alone.texts_of(few, load("fused"), models)
    rows["floors"] = steadied(lambda: alone.floors(few, texts))
    rows["libraries"] = steadied(lambda: peers.libraries(few, texts))
    rows["peer_c"] = peers.tried(lambda: steadied(lambda: peers.news_please(few[:50])))
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
