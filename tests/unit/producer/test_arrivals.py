"""Which files of a watched folder may be read, and when."""

from __future__ import annotations

import os
from pathlib import Path

from worker.producer.arrivals import Arrivals


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_file_is_given_once_it_has_not_changed_for_the_time_asked(tmp_path: Path) -> None:
    clock = Clock()
    arrivals = Arrivals([str(tmp_path)], settle_s=2.0, clock=clock)
    path = tmp_path / "crawl.jsonl"
    path.write_text("{}\n")

    looks = []
    for clock.now in (0.0, 1.0):
        looks.append(arrivals.look())
    path.write_text("{}\n{}\n")
    for clock.now in (2.0, 3.0, 4.0):
        looks.append(arrivals.look())

    assert looks == [[], [], [], [], [str(path)]]


def test_a_file_that_was_taken_comes_again_only_when_it_changes(tmp_path: Path) -> None:
    clock = Clock()
    arrivals = Arrivals([str(tmp_path)], settle_s=1.0, clock=clock)
    path = tmp_path / "crawl.jsonl"
    path.write_text("{}\n")
    arrivals.look()
    clock.now = 1.0
    arrivals.took(arrivals.look())

    clock.now = 9.0
    quiet = arrivals.look()
    newer = tmp_path / ".crawl.jsonl.new"
    newer.write_text("{}\n")
    os.replace(newer, path)
    first = arrivals.look()
    clock.now = 10.0

    assert (quiet, first, arrivals.look()) == ([], [], [str(path)])


def test_what_was_not_taken_is_given_again(tmp_path: Path) -> None:
    arrivals = Arrivals([str(tmp_path)], settle_s=0.0, clock=Clock())
    (tmp_path / "crawl.jsonl").write_text("{}\n")

    assert arrivals.look() == arrivals.look() != []


def test_drafts_and_hidden_files_are_never_given_and_a_rename_is_seen(tmp_path: Path) -> None:
    arrivals = Arrivals([str(tmp_path)], settle_s=0.0, clock=Clock())
    for name in (".hidden.html", "page.html.part", "page.TMP", "page.html~", "big.warc.gz.crdownload"):
        (tmp_path / name).write_text("<p>")
    before = arrivals.look()

    (tmp_path / "page.html.part").rename(tmp_path / "page.html")

    assert (before, arrivals.look()) == ([], [str(tmp_path / "page.html")])


def test_files_below_and_later_folders_are_seen(tmp_path: Path) -> None:
    arrivals = Arrivals([str(tmp_path)], settle_s=0.0, clock=Clock())
    arrivals.look()
    (tmp_path / "2026" / "01").mkdir(parents=True)
    (tmp_path / "2026" / "01" / "page.html").write_text("<p>")

    assert arrivals.look() == [str(tmp_path / "2026" / "01" / "page.html")]
