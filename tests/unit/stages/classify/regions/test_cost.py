"""What the gazetteer costs: its file, its start, and what a child of the parent that loaded it takes for itself."""

from __future__ import annotations

import gc
import os
import sys
import time
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path

import pytest

from worker.artefacts import read
from worker.models import Article
from worker.rules import RegionRules
from worker.stages.classify.regions import Gazetteer, regions

MAX_FILE = 6_000_000  # bytes; 3.4 MB when this was written
MAX_CHILD_KB = 15_000
LOOPS = 10_000_000  # additions in Python: 0.45 s on a quiet core of the machine this was measured on


def test_the_file_is_small() -> None:
    assert len(files("worker.artefacts").joinpath("regions.npz").read_bytes()) < MAX_FILE


def test_english_is_ready_in_less_time_than_ten_million_additions() -> None:
    begun = time.process_time()
    Gazetteer.from_artefact(read("regions")).warm("en")
    loading = time.process_time() - begun

    begun = time.process_time()
    total = 0
    for number in range(LOOPS):
        total += number
    adding = time.process_time() - begun

    assert loading < adding  # 0.2 s to 0.5 s


@pytest.mark.skipif(not Path("/proc/self/smaps_rollup").exists() or sys.platform != "linux", reason="needs Linux")
def test_a_child_shares_the_tables_of_its_parent(article: Callable[..., Article], gazetteer: Gazetteer) -> None:
    stories = [
        article(f"Kenya and Peru met in Rome on day {n}. Paris, Texas and Chad Smith did not.") for n in range(200)
    ]
    gazetteer.warm("en")
    gc.collect()
    gc.freeze()

    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        before = _private_kb()
        for story in stories:
            regions(story, RegionRules(), gazetteer)
        os.write(writing, str(_private_kb() - before).encode())
        os._exit(0)
    grown = int(os.read(reading, 32))
    os.waitpid(child, 0)
    os.close(reading)
    os.close(writing)
    gc.unfreeze()

    assert grown < MAX_CHILD_KB


def _private_kb() -> int:
    lines = Path("/proc/self/smaps_rollup").read_text("ascii").splitlines()
    return sum(int(line.split()[1]) for line in lines if line.startswith(("Private_Clean", "Private_Dirty")))
