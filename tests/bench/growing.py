"""Whether an article costs the same when much is known already; and what a desk costs that only stands there."""

from __future__ import annotations

import compileall
import random
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from alone import captures_of
from measuring import cpu_of, desk, family, memory_of, redis_seen, steadied

import worker
from worker.cli.workers import Workers
from worker.models import Capture, RawCapture
from worker.pipeline import Models, Pipeline
from worker.settings import Settings, load
from worker.stages.deduplicate import Fingerprint, fingerprint
from worker.state.ledger import Ledger, open_ledger
from worker.state.stories import StoryIndex, open_stories

SAMPLE = Path(worker.__file__).parent / "samples" / "captures" / "01-valparaiso-strike.html"
CHUNK = 500
IDLE_S = 10.0


def flat(raws: Sequence[RawCapture], models: Models, sizes: Sequence[int]) -> list[dict[str, Any]]:
    """CPU (ours and Redis') of a claim and of an entry in the ledger, in ms, with so many strangers held already.

    The strangers are synthetic: fingerprints and captures of the shape of real ones, with drawn hashes. At each size
    the same articles come anew, under other ids, and are forgotten by the next size through new hashes.
    """
    pipeline = Pipeline.in_memory(load("fused"), models)
    captures = captures_of(pipeline, raws)
    prints = [fingerprint(a, frozenset(), load("fused").deduplicate) for a in pipeline.normalize(captures).onward]
    rng = random.Random(7)
    told: list[dict[str, Any]] = []
    with desk(broker={"server_maxmemory_mb": 6000}, producer={"high_water": 2000, "low_water": 1000}) as settings:
        stories, ledger = open_stories(settings.stories_url, settings.deduplicate), open_ledger(settings.ledger_url)
        held = 0
        for size in sizes:
            while held < size:
                some = [rng.randrange(len(prints)) for _ in range(min(CHUNK, size - held))]
                stories.claim([_stranger(prints[at], rng) for at in some])
                ledger.accept([_renamed(captures[at], rng) for at in some])
                held += len(some)
            claims = [_stranger(one, rng) for one in prints]
            entries = [_renamed(one, rng) for one in captures]
            row = steadied(lambda c=claims, e=entries: _asked(settings, stories, ledger, c, e))
            told.append({"held": held} | row | {"redis_bytes_a_story": row["redis_bytes"] / (held + len(claims))})
            held += len(claims)
        stories.close()
        ledger.close()
    return told


def _asked(
    settings: Settings, stories: StoryIndex, ledger: Ledger, claims: list[Fingerprint], entries: list[Capture]
) -> dict[str, float]:
    """What all `claims` and `entries` cost, in ms each."""
    seen, began = redis_seen(settings), time.process_time()
    for start in range(0, len(claims), 64):
        stories.claim(claims[start : start + 64])
    claimed, after = time.process_time() - began, redis_seen(settings)
    began = time.process_time()
    for start in range(0, len(entries), 64):
        ledger.accept(entries[start : start + 64])
    return {
        "claim_ms": (claimed + after["cpu_s"] - seen["cpu_s"]) / len(claims) * 1000,
        "ledger_ms": (time.process_time() - began) / len(entries) * 1000,
        "redis_bytes": after["memory"],
    }


def _stranger(one: Fingerprint, rng: random.Random) -> Fingerprint:
    """The same shape, with drawn hashes."""
    return one._replace(
        capture_id=_hex(rng, 64),
        url_key=_hex(rng, 16),
        exact_hash=_hex(rng, 32),
        anchors=tuple(sorted({rng.getrandbits(48) for _ in one.anchors})),
        blocks=one.blocks,
        numbers=tuple(sorted({rng.getrandbits(16) for _ in one.numbers})),
        paragraphs=tuple(rng.getrandbits(48) for _ in one.paragraphs),
    )


def _renamed(one: Capture, rng: random.Random) -> Capture:
    return one.model_copy(update={"capture_id": _hex(rng, 64), "url": f"https://bench.example/{_hex(rng, 16)}"})


def _hex(rng: random.Random, digits: int) -> str:
    return f"{rng.getrandbits(4 * digits):0{digits}x}"


def standing() -> dict[str, Any]:
    """Seconds to the first result of `copydesk try` (the best of three: others share the machine), and an idle worker."""
    # As `make` leaves it: where PYTHONDONTWRITEBYTECODE is set, a module edited since is compiled at every start.
    compileall.compile_dir(SAMPLE.parents[2], quiet=1)
    firsts, cpus = [], []
    for _ in range(3):
        began = time.perf_counter()
        child = subprocess.Popen([sys.executable, "-m", "worker", "try", "--json", str(SAMPLE)], stdout=subprocess.PIPE)
        assert child.stdout is not None
        assert child.stdout.readline().startswith(b"{")
        firsts.append(time.perf_counter() - began)
        cpus.append(cpu_of(child.pid))
        child.communicate()
    with desk("fused") as settings:
        workers = Workers(settings)
        try:
            began = time.perf_counter()
            workers.start(processes=1, log=settings.data_dir / "worker.log")
            workers.wait_ready()
            ready_s = time.perf_counter() - began
            pid = workers.pids["worker"]
            cpu, redis_s = cpu_of(pid), redis_seen(settings)["cpu_s"]
            time.sleep(IDLE_S)
            idle, redis_s = cpu_of(pid) - cpu, redis_seen(settings)["cpu_s"] - redis_s
            child_mb = max(memory_of(one)["unique_mb"] for one in family(pid)[1:])
        finally:
            workers.stop()
    return {
        "try_first_s": min(firsts),
        "try_cpu_s": min(cpus),
        "ready_s": ready_s,
        "idle_cpu_share": idle / IDLE_S,
        "idle_redis_share": redis_s / IDLE_S,
        "fresh_child_unique_mb": child_mb,
    }
