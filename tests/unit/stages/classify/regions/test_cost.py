"""What the gazetteer costs: its file, its start, and what a child of the parent that loaded it takes for itself."""

from __future__ import annotations

import gc
import json
import os
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from importlib.resources import files
from pathlib import Path

import pytest

from worker.artefacts import read
from worker.models import Article
from worker.pipeline import load_models, warm
from worker.rules import RegionRules
from worker.settings import load
from worker.stages.classify.regions import Gazetteer, regions
from worker.stages.classify.regions.gazetteer import MOST_MET

MAX_FILE = 6_000_000  # bytes; 3.4 MB when this was written
MAX_CHILD_KB = 15_000
SENTENCES = Path(__file__).parents[4] / "golden" / "regions"
LOOPS = 10_000_000  # additions in Python: 0.45 s on a quiet core of the machine this was measured on


def test_the_file_is_small() -> None:
    assert len(files("worker.artefacts").joinpath("regions.npz").read_bytes()) < MAX_FILE


@pytest.mark.parametrize(("languages", "additions"), [(("en",), LOOPS // 2), ((), 2 * LOOPS)], ids=["English", "all"])
def test_names_are_ready_in_less_time_than_so_many_additions(languages: tuple[str, ...], additions: int) -> None:
    begun = time.process_time()
    Gazetteer.from_artefact(read("regions")).warm(*languages)
    loading = time.process_time() - begun

    begun = time.process_time()
    total = 0
    for number in range(additions):
        total += number
    adding = time.process_time() - begun

    assert loading < adding  # 0.07 s to 0.22 s; all languages 0.31 s to 0.85 s


@pytest.mark.skipif(not Path("/proc/self/smaps_rollup").exists() or sys.platform != "linux", reason="needs Linux")
@pytest.mark.parametrize("owner", [RegionRules(), RegionRules(names={"The Hollow": "US-VT"})], ids=["ours", "owned"])
def test_a_child_that_meets_all_languages_shares_the_tables_of_its_parent(
    owner: RegionRules, article: Callable[..., Article]
) -> None:
    models = load_models()
    settings = load("test")
    warm(models, settings.model_copy(update={"regions": owner}))
    gazetteer = models.gazetteer
    gc.collect()
    gc.freeze()

    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        before = _private_kb()
        told = 0
        for story in _stories(article, gazetteer.languages):
            told += regions(story, owner, gazetteer).primary is not None
        os.write(writing, f"{told} {_private_kb() - before}".encode())
        os._exit(0)
    os.close(writing)
    told, grown = map(int, os.read(reading, 32).split())
    os.waitpid(child, 0)
    os.close(reading)
    gc.unfreeze()

    assert told > 1000  # it has looked
    assert grown < MAX_CHILD_KB, grown


def _stories(article: Callable[..., Article], languages: Iterable[str]) -> Iterator[Article]:
    """Every golden sentence, and one of our own in each language; made one by one, as a worker gets them."""
    for language in languages:
        yield article(f"Kenya and Peru met in Rome. Paris, Texas and Chad Smith did not. {language}", language=language)
    for file in sorted(SENTENCES.glob("*.jsonl")):
        for line in file.read_text("utf-8").splitlines():
            row = json.loads(line)
            for day in range(4):
                yield article(f"{row['text']} {day}", language=row["language"])


def test_what_a_process_keeps_of_the_names_it_has_met_is_bounded(
    article: Callable[..., Article], gazetteer: Gazetteer
) -> None:
    story = article("Kenya and Peru met in Rome. Paris, Texas and Chad Smith did not.")
    verdict = regions(story, RegionRules(), gazetteer)
    tables = [gazetteer.table(language) for language in ("en", "ru", "zh")]

    for number in range(MOST_MET):
        tables[number % 3].entry(number // 3)
        assert sum(len(table.entries) for table in tables) <= MOST_MET

    assert regions(story, RegionRules(), gazetteer) == verdict


def _private_kb() -> int:
    lines = Path("/proc/self/smaps_rollup").read_text("ascii").splitlines()
    return sum(int(line.split()[1]) for line in lines if line.startswith(("Private_Clean", "Private_Dirty")))
